"""Write WXR, the file that the tool “Import” of WordPress reads.

WordPress knows fewer states than this program. A comment that waits for a moderator, for its author or for the
confirmation of an address waits there too. Refused, restricted and withdrawn comments go to the trash, so that no
theme shows them. The texts of withdrawn comments are left out, and their places in the threads stay.

WordPress stores names and titles with `&amp;` for `&`, as its own filters write them.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from html import escape
from typing import Any

from sqlalchemy import Row

from commentsite.comments.states import CommentState
from commentsite.encryption import Encryption
from commentsite.exchange.own_format.records import Letter, Page, Site
from commentsite.letters.slugs import slugify
from commentsite.letters.text.paragraphs import render_document

WXR_VERSION = "1.2"
FIRST_PAGE_ID = (
    1_000_000  # WordPress numbers posts and pages together, and letters keep their numbers
)
_APPROVED = {
    CommentState.PUBLISHED: "1",
    CommentState.RECEIVED: "0",
    CommentState.AWAITING_EMAIL: "0",
    CommentState.PENDING: "0",
    CommentState.RETURNED: "0",
    CommentState.SPAM: "spam",
    CommentState.REFUSED: "trash",
    CommentState.RESTRICTED: "trash",
    CommentState.WITHDRAWN: "trash",
}
APPROVED: dict[str, str] = {state.value: mark for state, mark in _APPROVED.items()}
_PUBLIC_STATES = frozenset({"published", "superseded"})
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"
 xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:wp="http://wordpress.org/export/1.2/">
<channel>
<title>{title}</title>
<link>{url}</link>
<description>{tagline}</description>
<language>en</language>
<wp:wxr_version>{version}</wp:wxr_version>
<wp:base_site_url>{url}</wp:base_site_url>
<wp:base_blog_url>{url}</wp:base_blog_url>
"""
_AUTHOR = """<wp:author><wp:author_id>{number}</wp:author_id><wp:author_login>{login}</wp:author_login>\
<wp:author_email></wp:author_email><wp:author_display_name>{name}</wp:author_display_name>\
<wp:author_first_name></wp:author_first_name><wp:author_last_name></wp:author_last_name></wp:author>
"""
_ITEM = """<item>
<title>{title}</title>
<link>{link}</link>
<pubDate>{pub_date}</pubDate>
<dc:creator>{login}</dc:creator>
<guid isPermaLink="false">{link}</guid>
<description></description>
<content:encoded>{content}</content:encoded>
<excerpt:encoded>{excerpt}</excerpt:encoded>
<wp:post_id>{number}</wp:post_id>
<wp:post_date>{date}</wp:post_date>
<wp:post_date_gmt>{date}</wp:post_date_gmt>
<wp:post_modified>{modified}</wp:post_modified>
<wp:post_modified_gmt>{modified}</wp:post_modified_gmt>
<wp:comment_status>{comment_status}</wp:comment_status>
<wp:ping_status>closed</wp:ping_status>
<wp:post_name>{slug}</wp:post_name>
<wp:status>{status}</wp:status>
<wp:post_parent>0</wp:post_parent>
<wp:menu_order>{position}</wp:menu_order>
<wp:post_type>{kind}</wp:post_type>
<wp:post_password></wp:post_password>
<wp:is_sticky>0</wp:is_sticky>
"""
_COMMENT = """<wp:comment><wp:comment_id>{}</wp:comment_id><wp:comment_author>{}</wp:comment_author>\
<wp:comment_author_email>{}</wp:comment_author_email><wp:comment_author_url></wp:comment_author_url>\
<wp:comment_author_IP></wp:comment_author_IP><wp:comment_date>{}</wp:comment_date>\
<wp:comment_date_gmt>{}</wp:comment_date_gmt><wp:comment_content>{}</wp:comment_content>\
<wp:comment_approved>{}</wp:comment_approved><wp:comment_type>comment</wp:comment_type>\
<wp:comment_parent>{}</wp:comment_parent><wp:comment_user_id>0</wp:comment_user_id></wp:comment>
"""
END = "</channel>\n</rss>\n"


class Logins:
    """The names by which WordPress knows authors: each is given once."""

    def __init__(self) -> None:
        self._logins: dict[str, str] = {}

    def find(self, name: str) -> str:
        if name not in self._logins:
            login = slugify(name) or f"author-{len(self._logins) + 1}"
            if login in self._logins.values():
                login = f"{login}-{len(self._logins) + 1}"
            self._logins[name] = login[:60]
        return self._logins[name]

    def write(self) -> Iterator[str]:
        for number, (name, login) in enumerate(self._logins.items(), 1):
            yield _AUTHOR.format(number=number, login=_cdata(login), name=_cdata(escape_text(name)))


def write_head(site: Site) -> str:
    return _HEAD.format(
        title=_clean(escape(site.title)),
        tagline=_clean(escape(site.tagline)),
        url=_clean(escape(site.base_url)),
        version=WXR_VERSION,
    )


def write_letter(letter: Letter, site: Site, logins: Logins) -> str:
    """Return the start of the item of a letter. Its comments and ITEM_END follow."""
    is_public = letter.state in _PUBLIC_STATES
    moment = letter.published_at or letter.created_at
    version = next(v for v in letter.versions if v.number == letter.version_number)
    topics = "".join(
        f'<category domain="category" nicename="{slugify(topic) or "topic"}">'
        f"{_cdata(escape_text(topic))}</category>\n"
        for topic in letter.topics
    )
    return (
        _ITEM.format(
            title=_cdata(escape_text(letter.title)),
            link=_clean(escape(f"{site.base_url}/letters/{letter.slug}")),
            pub_date=f"{moment:%a, %d %b %Y %H:%M:%S} +0000",
            login=_cdata(logins.find(get_author_name(letter))),
            content=_cdata("\n".join(block.html for block in version.blocks)),
            excerpt=_cdata(escape_text(letter.standfirst)),
            number=letter.id,
            date=format_time(moment),
            modified=format_time(letter.updated_at or moment),
            comment_status="open" if letter.comments_open else "closed",
            slug=_cdata(letter.slug),
            status="publish" if is_public else "draft",
            kind="post",
            position=0,
        )
        + topics
    )


def write_page(page: Page, site: Site) -> str:
    """Return the item of a page besides letters."""
    first, last = page.versions[0], page.versions[-1]
    return (
        _ITEM.format(
            title=_cdata(escape_text(last.title)),
            link=_clean(escape(f"{site.base_url}/pages/{page.slug}")),
            pub_date=f"{first.saved_at:%a, %d %b %Y %H:%M:%S} +0000",
            login="",
            content=_cdata(render_document(last.markdown)),
            excerpt="",
            number=FIRST_PAGE_ID + page.id,
            date=format_time(first.saved_at),
            modified=format_time(last.saved_at),
            comment_status="closed",
            slug=_cdata(page.slug),
            status="publish" if page.is_public else "draft",
            kind="page",
            position=page.position,
        )
        + ITEM_END
    )


ITEM_END = "</item>\n"


def get_author_name(letter: Letter) -> str:
    return ", ".join(author.name for author in letter.authors)[:120] or "Unknown author"


def write_comments(rows: Iterable[Row[Any]], encryption: Encryption | None) -> Iterator[str]:
    """Yield the comments of a letter. `encryption` is there only if addresses are exported."""
    for row in rows:
        approved = APPROVED[row.state]
        is_withdrawn = row.state == CommentState.WITHDRAWN
        email = encryption.decrypt(row.email_sealed) if encryption and row.email_sealed else ""
        moment = format_time(row.submitted_at)
        yield _COMMENT.format(
            row.id,
            "" if is_withdrawn else _cdata(escape_text(row.name)),
            _cdata(email or "") if email and not is_withdrawn else "",
            moment,
            moment,
            "" if is_withdrawn else _cdata(row.body_html),
            approved,
            row.parent_id or 0,
        )


def format_time(moment: datetime) -> str:
    """Return a time in UTC as WordPress writes it. Fractions of a second are lost."""
    return moment.isoformat(" ", "seconds")[:19]


def escape_text(text: str) -> str:
    return escape(text, quote=False)


def _clean(text: str) -> str:
    return text if text.isprintable() else _NOT_IN_XML.sub("", text)


def _cdata(text: str) -> str:
    return f"<![CDATA[{_clean(text).replace(']]>', ']]]]><![CDATA[>')}]]>"
