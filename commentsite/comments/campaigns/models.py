"""Table of the sketches by which similar comments are found."""

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from commentsite.db.base import Base


class CommentSketch(Base):
    """One hash of a comment's sketch: see `text.similarity.build_sketch`."""

    __tablename__ = "comment_sketch"
    __table_args__ = (Index(None, "letter_id", "value"),)

    comment_id: Mapped[int] = mapped_column(
        ForeignKey("comment.id", ondelete="CASCADE"), primary_key=True
    )
    value: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    letter_id: Mapped[int]
