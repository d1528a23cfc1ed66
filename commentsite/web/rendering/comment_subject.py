"""The subject of a comment in words, for the heading above its text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from flask import url_for
from markupsafe import Markup

from commentsite.comments.models import Comment
from commentsite.comments.states import Stance
from commentsite.comments.threads.anchors import Anchor
from commentsite.comments.threads.queries import CommentRow
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.i18n import ngettext
from commentsite.web.rendering.labels import STANCE_LABELS


class LetterLike(Protocol):
    """The value of a letter that a heading needs. Both `Letter` and the key of a fragment have it."""

    @property
    def slug(self) -> str: ...


@dataclass(frozen=True)
class ParagraphLink:
    """A link to a paragraph of the letter. `stance` is the author's position on it, or empty."""

    label: str
    url: str
    stance: str = ""
    is_edited: bool = False  # since the comment was written
    earlier_version: int | None = None  # the version that still has the paragraph


@dataclass(frozen=True)
class CommentSubject:
    """Everything that a heading says about the subject of a comment. Empty strings are not shown."""

    kind: str  # "omission", "question", or empty
    paragraphs: tuple[ParagraphLink, ...]
    stance: str
    earlier_paragraphs: tuple[ParagraphLink, ...]
    is_late: bool
    written_on_version: int | None  # only if a paragraph that it is about has changed since

    def describe(self, links: Markup) -> str:
        """Return the kind and the paragraphs in one phrase. `links` lists the paragraphs."""
        count = len(self.paragraphs)
        if self.kind == "omission":
            return (
                ngettext(
                    "on what the letter leaves out at paragraph %(paragraphs)s",
                    "on what the letter leaves out at paragraphs %(paragraphs)s",
                    count,
                    paragraphs=links,
                )
                if count
                else _("on what the letter leaves out")
            )
        if self.kind == "question":
            return (
                ngettext(
                    "a question on paragraph %(paragraphs)s",
                    "a question on paragraphs %(paragraphs)s",
                    count,
                    paragraphs=links,
                )
                if count
                else _("a question")
            )
        return (
            ngettext(
                "on paragraph %(paragraphs)s",
                "on paragraphs %(paragraphs)s",
                count,
                paragraphs=links,
            )
            if count
            else ""
        )


def build_comment_subject(
    comment: Comment | CommentRow,
    labels: Mapping[str, str],
    base_url: str = "",
    anchors: Iterable[Anchor] | None = None,
    letter: LetterLike | None = None,
) -> CommentSubject:
    """Return the subject of a comment, with its paragraphs as links below `base_url`.

    On pages about the letter, `anchors` gives the present place of each paragraph, and `letter` is needed.
    Elsewhere `labels` gives the paragraph labels of the current version by paragraph id.
    """
    if anchors is None:
        # Paragraphs that are not in the current version are left out: only anchors know where they were.
        current = [
            ParagraphLink(
                labels[target.pid], f"{base_url}#{target.pid}", _describe_stance(target.stance)
            )
            for target in comment.targets
            if target.pid in labels
        ]
        earlier: list[ParagraphLink] = []
    else:
        links = [_build_anchor_link(anchor, base_url, letter) for anchor in anchors]
        current = [link for link in links if link.earlier_version is None]
        earlier = [link for link in links if link.earlier_version is not None]
    is_outdated = any(link.is_edited for link in current)
    return CommentSubject(
        kind=comment.kind if comment.kind in {"omission", "question"} else "",
        paragraphs=tuple(current),
        stance=_describe_stance(comment.stance),
        earlier_paragraphs=tuple(earlier),
        is_late=comment.is_late,
        written_on_version=comment.letter_version if is_outdated else None,
    )


def _build_anchor_link(anchor: Anchor, base_url: str, letter: LetterLike | None) -> ParagraphLink:
    url = f"{base_url}#{anchor.pid}"
    if letter is not None and anchor.earlier_version is not None:
        url = url_for(
            "versions.show", slug=letter.slug, number=anchor.earlier_version, _anchor=anchor.pid
        )
    return ParagraphLink(
        anchor.label,
        url,
        _describe_stance(anchor.stance),
        is_edited=anchor.is_changed,
        earlier_version=anchor.earlier_version,
    )


def _describe_stance(stance: str) -> str:
    return "" if stance == Stance.NONE else str(STANCE_LABELS[stance])
