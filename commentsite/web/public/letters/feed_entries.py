"""The entries of feeds, as Atom and JSON Feed both print them.

The id of an entry is made once and never changes, whatever becomes of the slug or of the address of the site.
It is a UUID derived from the feed namespace of the site and the permanent id of the letter or comment. Entries
that are older than this rule keep the id under which feed readers know them, their address at that time.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import url_for
from markupsafe import Markup

from commentsite.comments.models import Comment
from commentsite.comments.queries import (
    MAX_FEED_ENTRIES,
    find_latest_change,
    list_feed_ids,
    list_latest_published,
)
from commentsite.letters.feed_ids import derive_feed_id
from commentsite.letters.models import Letter
from commentsite.letters.queries import find_latest_update, list_published_letters
from commentsite.summaries.publication.queries import ListedRecord, list_published_records
from commentsite.text.direction import estimate_direction
from commentsite.web.context import current_site
from commentsite.web.rendering.filters import absolute_url, author_url, get_group_label
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.labels import OUTCOME_SENTENCES

MAX_LETTERS = 30
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
# Characters that XML 1.0 forbids.
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Feed:
    """A feed with its entries, the newest first."""

    id: str
    title: str
    subtitle: str
    page_url: str
    updated: datetime
    entries: list["Entry"]


@dataclass(frozen=True)
class Entry:
    """A letter or a comment. `answers_id` and `answers_url` name the letter or comment that it answers."""

    id: str
    title: str
    url: str
    authors: tuple[str, ...]
    published: datetime
    updated: datetime
    language: str = ""
    summary: str = ""
    html: str = ""
    topics: tuple[str, ...] = ()
    answers_id: str = ""
    answers_url: str = ""


def build_letters_feed() -> Feed:
    site = current_site()
    entries = [
        _build_letter_entry(letter)
        for letter in list_published_letters(per_page=MAX_LETTERS).letters
    ]
    records = [_build_record_entry(record) for record in list_published_records(limit=MAX_LETTERS)]
    entries = sorted((*entries, *records), key=lambda entry: entry.published, reverse=True)
    return Feed(
        id=_derive_id("letters"),
        title=clean_xml(site.title),
        subtitle=clean_xml(site.tagline),
        page_url=absolute_url(url_for("home.index")),
        updated=max([find_latest_update() or NEVER, *(entry.updated for entry in records)]),
        entries=entries[:MAX_LETTERS],
    )


def build_author_feed(name: str, letters: list[Letter]) -> Feed:
    """Return the feed of the newest of an author's letters, which are in order."""
    entries = [_build_letter_entry(letter) for letter in letters[:MAX_LETTERS]]
    return Feed(
        id=_derive_id(f"letters by {name}"),
        title=clean_xml(_("Letters by %(name)s", name=name)),
        subtitle="",
        page_url=author_url(name),
        updated=max((entry.updated for entry in entries), default=NEVER),
        entries=entries,
    )


def build_comments_feed(letter: Letter) -> Feed:
    comments = list_latest_published(letter.id)
    parent_ids = {comment.parent_id for comment in comments if comment.parent_id is not None}
    parent_feed_ids = list_feed_ids(parent_ids) if parent_ids else {}
    is_full = (
        len(comments) == MAX_FEED_ENTRIES
    )  # what was published earlier does not change this feed
    changed_at = find_latest_change(letter.id, comments[-1].published_at if is_full else None)
    return Feed(
        id=_derive_id(f"comments of letter {letter.id}"),
        title=clean_xml(_("Comments on %(title)s", title=letter.title)),
        subtitle="",
        page_url=absolute_url(url_for("letters.show", slug=letter.slug)),
        updated=changed_at or letter.published_at or NEVER,
        entries=[_build_comment_entry(letter, comment, parent_feed_ids) for comment in comments],
    )


def clean_xml(text: str) -> str:
    """Remove the characters that make an XML document unreadable."""
    return _NOT_IN_XML.sub("", text)


def _build_letter_entry(letter: Letter) -> Entry:
    published = letter.published_at or letter.created_at
    return Entry(
        id=_letter_feed_id(letter),
        title=clean_xml(letter.title),
        url=absolute_url(url_for("letters.show", slug=letter.slug)),
        authors=tuple(clean_xml(author.name) for author in letter.authors),
        published=published,
        updated=max(letter.updated_at or published, published),
        language=letter.language,
        summary=clean_xml(letter.standfirst or letter.title),
        topics=tuple(letter.topics),
    )


def _build_record_entry(record: ListedRecord) -> Entry:
    """Return the record of positions of a letter. A new version is an update of the same entry."""
    return Entry(
        id=_derive_id(f"record of letter {record.letter_id}"),
        title=clean_xml(_("Record of positions on “%(title)s”", title=record.title)),
        url=absolute_url(url_for("records.show", slug=record.slug)),
        authors=(clean_xml(current_site().title),),
        published=record.published_at,
        updated=record.published_at,
        language=record.language,
        summary=str(OUTCOME_SENTENCES[record.outcome]),
        topics=tuple(record.topics),
    )


def _build_comment_entry(
    letter: Letter, comment: Comment, parent_feed_ids: dict[int, str | None]
) -> Entry:
    published = comment.published_at or comment.submitted_at
    answers_id, answers_url = _letter_feed_id(letter), url_for("letters.show", slug=letter.slug)
    if comment.parent_id is not None:
        answers_id = parent_feed_ids.get(comment.parent_id) or _comment_feed_id(comment.parent_id)
        answers_url = _comment_path(letter, comment.parent_id)
    return Entry(
        id=comment.feed_id or _comment_feed_id(comment.id),
        title=clean_xml(
            _(
                "%(name)s, %(group)s",
                name=comment.name,
                group=get_group_label(comment.stakeholder_group),
            )
        ),
        url=absolute_url(_comment_path(letter, comment.id)),
        authors=(clean_xml(comment.name),),
        published=published,
        updated=max(comment.changed_at, comment.edited_at or published, published),
        language=comment.language,
        html=_build_html(comment),
        answers_id=answers_id,
        answers_url=absolute_url(answers_url),
    )


def _build_html(comment: Comment) -> str:
    """Return the text with its direction as an attribute, because feed readers drop the element bdi."""
    attributes = Markup('<div dir="{}">').format(estimate_direction(comment.body))
    return clean_xml(f"{attributes}{comment.body_html}</div>")


def _comment_path(letter: Letter, comment_id: int) -> str:
    return url_for("comments.permalink", slug=letter.slug, comment_id=comment_id)


def _letter_feed_id(letter: Letter) -> str:
    return letter.feed_id or _derive_id(f"letter {letter.id}")


def _comment_feed_id(comment_id: int) -> str:
    return _derive_id(f"comment {comment_id}")


def _derive_id(name: str) -> str:
    return derive_feed_id(current_site().feed_namespace, name)
