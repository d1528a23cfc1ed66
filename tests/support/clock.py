"""Moments that the tests move to."""

from contextlib import AbstractContextManager
from datetime import timedelta

from commentsite import clock
from commentsite.moderation.decisions.undo import UNDO_WINDOW


def after_undo_window() -> AbstractContextManager:
    """Move past the time in which a moderator can undo a decision, so that its notifications go out."""
    return clock.freeze_at(clock.now() + UNDO_WINDOW + timedelta(seconds=1))
