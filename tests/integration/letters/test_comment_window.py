"""The time in which a letter takes comments, on both databases."""

from datetime import timedelta

import pytest

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM
from commentsite.audit.queries import latest_entries
from commentsite.db import transaction
from commentsite.errors import Invalid
from commentsite.letters.afterwards import close_due, set_comments_open, set_window
from commentsite.letters.queries import letter_by_slug


def test_a_letter_closed_by_hand_announces_no_opening(any_app):
    tomorrow = clock.now() + timedelta(days=1)
    with transaction():
        set_window("hello", tomorrow, None, 0, by=SYSTEM)
    with transaction():
        set_comments_open("hello", is_open=False, by=SYSTEM)
    assert letter_by_slug("hello").comments_open_at is None
    before = latest_entries(1)[0].seq
    with transaction():
        assert close_due(clock.now() + timedelta(days=2)) == 0
    assert latest_entries(1)[0].seq == before
    past = clock.now() - timedelta(days=9)
    with pytest.raises(Invalid), transaction():
        set_window("hello", past, past + timedelta(days=1), 168, by=SYSTEM)
