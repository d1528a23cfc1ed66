"""Table of the stored figures."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from commentsite.db.base import Base


class StoredMonth(Base):
    """The figures of the comments sent in one month, as of an entry of the audit log.

    Two rows are about all months. The row "" holds the position in the log up to which they are counted, and
    the row "tables" the tables of the report that were summed up from them.
    """

    __tablename__ = "transparency_month"

    month: Mapped[str] = mapped_column(String(7), primary_key=True)  # as 2026-03, in UTC
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    counted_at: Mapped[datetime]
