"""Erasing a comment, on both databases."""

import pytest

from commentsite.accounts.permissions import READER
from commentsite.comments.emails.confirmation import confirm_email
from commentsite.comments.privacy import erase_comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.db.session import transaction
from commentsite.errors import Conflict
from tests.support.factories import store_comment


def test_an_erased_comment_cannot_be_confirmed(any_app):
    comment_id = store_comment(any_app).comment.id
    with transaction():
        erase_comment(get_comment_for_update(comment_id), by=READER)
    with pytest.raises(Conflict), transaction():
        confirm_email(get_comment_for_update(comment_id), by=READER)
