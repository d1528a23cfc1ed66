"""Table of the stored figures."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from commentsite.db.base import Base

ONLY_ROW = 1


class StoredActivity(Base):
    """The figures of the last 30 days of moderation on a large site. There is one row at most."""

    __tablename__ = "desk_activity"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # ONLY_ROW
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    counted_at: Mapped[datetime]
