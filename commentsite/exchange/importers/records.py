"""The pages and comments that a reader finds in a file, in the terms of no particular system."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from pathlib import Path

from commentsite.errors import Invalid


class System(StrEnum):
    """The systems whose files can be imported."""

    WORDPRESS = "wordpress"
    DISQUS = "disqus"
    ISSO = "isso"
    REMARK42 = "remark42"
    WALINE = "waline"
    TWIKOO = "twikoo"
    ARTALK = "artalk"
    DJANGO_COMMENTS_XTD = "django-comments-xtd"
    PLONE = "plone"
    MBOX = "mbox"
    ANNOTATIONS = "annotations"
    JSON = "json"  # an export of this program, which `own_format` reads


class SourceStatus(StrEnum):
    """The state of a comment in the other system."""

    VISIBLE = "visible"
    PENDING = "pending"  # nobody has decided about it, or the file does not say
    REFUSED = "refused"  # spam
    DELETED = "deleted"  # its place is kept for the replies, without text and author
    WITHHELD = "withheld"  # not public, because its page or a comment above it is not


class PageStatus(StrEnum):
    PUBLIC = "public"
    HIDDEN = "hidden"  # a draft, or a page with restricted access
    ELSEWHERE = "elsewhere"  # the file has its address only


class TextFormat(StrEnum):
    HTML = "html"
    MARKDOWN = "markdown"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class SourcePage:
    """A page that has comments: a post, a thread of messages, or an address."""

    source_id: str
    title: str
    address: str = ""
    status: PageStatus = PageStatus.ELSEWHERE
    text: str = ""
    text_format: TextFormat = TextFormat.HTML
    author: str = ""
    written_at: datetime | None = None
    language: str = ""
    topics: tuple[str, ...] = ()
    is_site_page: bool = False  # such as “About”, and a letter only if it has comments


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of the page that a comment is about, with some of the text around them."""

    exact: str
    prefix: str = ""
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class SourceComment:
    """A comment. `parent_id` is the id of another comment of the same file, or of one that is missing there."""

    source_id: str
    page_id: str
    submitted_at: datetime
    status: SourceStatus
    name: str = ""
    email: str = ""
    text: str = ""
    text_format: TextFormat = TextFormat.HTML
    parent_id: str | None = None
    edited_at: datetime | None = None
    remarks: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()
    language: str = ""  # as the file names it


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An entry of the file that is not imported, and why."""

    source_id: str
    reason: str


Record = SourcePage | SourceComment | LeftOut


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """The facts that the files of some systems lack.

    `time_zone` is that of times without a zone. `repairs` allows a reader to mend a file that is not well-formed.
    `first_message` is the id of the message that begins the thread to import from a mailbox.
    """

    time_zone: tzinfo | None = None
    repairs: bool = False
    first_message: str = ""
    language: str = ""


Reader = Callable[[Path, ReadOptions], Iterator[Record]]


@dataclass(slots=True)
class PageCollector:
    """The pages seen so far, for systems that name the page with each comment."""

    seen: set[str] = field(default_factory=set)

    def add(self, address: str, title: str = "") -> Iterator[SourcePage]:
        """Yield the page if it is new."""
        if address not in self.seen:
            self.seen.add(address)
            yield SourcePage(source_id=address, title=title or address, address=address)


def parse_time(value: str, zone: tzinfo | None = None) -> datetime:
    """Read an ISO 8601 time and return it in UTC. Raises Invalid on a time without a zone, unless one is given."""
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        msg = "“%(value)s” is not a time."
        raise Invalid(msg, value=value[:40]) from None
    if moment.tzinfo is None:
        if zone is None:
            msg = "“%(value)s” has no time zone. Name the zone of the server that wrote the file."
            raise Invalid(msg, field="time_zone", value=value[:40])
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC)


def parse_timestamp(seconds: float) -> datetime:
    """Read seconds since 1970 in UTC. Raises Invalid on one outside the calendar."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        msg = "“%(value)s” is not a time."
        raise Invalid(msg, value=str(seconds)[:40]) from None
