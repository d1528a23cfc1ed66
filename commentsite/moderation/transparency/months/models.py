"""Tables of the stored figures."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from commentsite.db.base import Base


class StoredMonth(Base):
    """The figures of the comments sent in one month, as of an entry of the audit log.

    The row "" holds the position in the log up to which all months are counted.
    """

    __tablename__ = "transparency_month"

    month: Mapped[str] = mapped_column(String(7), primary_key=True)  # as 2026-03, in UTC
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    counted_at: Mapped[datetime]


class StoredTables(Base):
    """The tables of the report, summed up from the stored months. There is one row at most."""

    __tablename__ = "transparency_tables"

    id: Mapped[int] = mapped_column(primary_key=True)
    log_entry: Mapped[int]  # the last entry of the audit log that they cover
    tables: Mapped[dict[str, Any]] = mapped_column(JSON)
