"""Opening and closing letters for comments, on both databases."""

from datetime import timedelta

import pytest

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM
from commentsite.db.session import transaction
from commentsite.errors import Invalid
from commentsite.letters.comment_window import (
    apply_due_window_changes,
    set_comment_window,
    set_comments_open,
)
from commentsite.letters.queries import get_public_letter
from tests.support.audit import list_latest_entries


def test_a_letter_closed_by_hand_announces_no_opening(any_app):
    tomorrow = clock.now() + timedelta(days=1)
    with transaction():
        set_comment_window("hello", tomorrow, None, 0, by=SYSTEM)
    with transaction():
        set_comments_open("hello", is_open=False, by=SYSTEM)
    assert get_public_letter("hello").comments_open_at is None
    before = list_latest_entries(1)[0].seq
    with transaction():
        assert apply_due_window_changes(clock.now() + timedelta(days=2)) == 0
    assert list_latest_entries(1)[0].seq == before
    past = clock.now() - timedelta(days=9)
    with pytest.raises(Invalid), transaction():
        set_comment_window("hello", past, past + timedelta(days=1), 168, by=SYSTEM)
