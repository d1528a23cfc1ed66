"""Moments that the tests move to."""

from contextlib import AbstractContextManager
from datetime import timedelta

from commentsite import clock
from commentsite.moderation.undo import UNDO


def after_undo_window() -> AbstractContextManager:
    """Move past the time in which a moderator can undo a decision, so that its notifications go out."""
    return clock.at(clock.now() + UNDO + timedelta(seconds=1))
