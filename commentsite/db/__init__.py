"""The database: base classes, engine options, sessions and transactions.

Migrations import the three names below from here. A migration that ran is never changed, so they stay.
"""

from commentsite.db.base import Base, UtcDateTime
from commentsite.db.session import db

__all__ = ["Base", "UtcDateTime", "db"]
