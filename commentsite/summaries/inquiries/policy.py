"""Terms of inquiries: how long a correction can be asked for, and until when it is answered."""

from datetime import datetime, timedelta

from commentsite import clock
from commentsite.summaries.models import Inquiry
from commentsite.summaries.queries import VersionFacts
from commentsite.summaries.states import InquiryResult

INQUIRY_WINDOW = timedelta(days=30)  # counted from the publication of a version
ANSWER_WINDOW = timedelta(days=30)  # counted from the inquiry
CHANGES = frozenset({InquiryResult.CHANGED, InquiryResult.PARTLY_CHANGED})


def is_open_for_inquiries(version: VersionFacts | None) -> bool:
    """Return whether a correction of a version can still be asked for."""
    return version is not None and clock.now() <= version.inquiries_until


def find_answer_deadline(inquiry: Inquiry) -> datetime:
    return inquiry.asked_at + ANSWER_WINDOW


def is_overdue(inquiry: Inquiry) -> bool:
    """Return whether an inquiry is still without an answer after its deadline."""
    return inquiry.closed_at is None and clock.now() > find_answer_deadline(inquiry)
