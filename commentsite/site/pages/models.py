"""Tables of the pages besides letters, such as About and Contact."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from commentsite.db.base import Base


class Page(Base):
    __tablename__ = "page"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(120))
    source_text: Mapped[str] = mapped_column(Text)  # Markdown
    language: Mapped[str] = mapped_column(String(20))
    placement: Mapped[str] = mapped_column(String(10))  # a Placement
    position: Mapped[int]  # pages of one placement stand in this order
    is_public: Mapped[bool]
    version: Mapped[int]  # of title, text and language, from 1
    changed_at: Mapped[datetime]


class PageVersion(Base):
    """Title, text and language of a page as they were saved at one time. Versions are never changed."""

    __tablename__ = "page_version"

    page_id: Mapped[int] = mapped_column(
        ForeignKey("page.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(String(120))
    source_text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(20))
    saved_at: Mapped[datetime]
    saved_by_name: Mapped[str] = mapped_column(String(80))


class PageSlug(Base):
    """A former slug of a page. It redirects to the present one until another page takes it."""

    __tablename__ = "page_slug"

    slug: Mapped[str] = mapped_column(String(80), primary_key=True)
    page_id: Mapped[int] = mapped_column(ForeignKey("page.id", ondelete="CASCADE"))
