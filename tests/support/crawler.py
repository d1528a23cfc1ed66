"""Find the pages of a running site by its links, as a person who follows all of them would."""

from collections import Counter, deque
from collections.abc import Callable
from urllib.parse import parse_qs, urljoin, urlsplit

from lxml import html
from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from commentsite.comments.models import Comment
from commentsite.db.session import session
from commentsite.letters.models import Letter

MAX_PAGES_PER_KIND = 1
SIGNS_OUT = "/account/logout"


def crawl(
    app, client, starts: list[str], follows: Callable[[str], bool] = lambda _path: True
) -> list[str]:
    """Return the addresses of HTML pages: the starts, and one of each kind that links lead to.

    Pages are of one kind if they have the same endpoint and the same names in their query.
    The links of every page that answers are followed, and so are the targets of GET forms.
    `follows` says of a path whether links to it count.
    """
    waiting, seen, found = deque(starts), set(starts), []
    visits: Counter[str] = Counter()
    adapter = app.url_map.bind("")
    while waiting:
        address = waiting.popleft()
        kind = _find_kind(adapter, address)
        if address not in starts:
            if kind is None or visits[kind] >= MAX_PAGES_PER_KIND:
                continue
            visits[kind] += 1
        response = client.get(address, buffered=True)  # a stream left open keeps its context
        if response.status_code >= 500:
            msg = f"{address} answers {response.status_code}"
            raise AssertionError(msg)
        if 300 <= response.status_code < 400:
            links = [response.headers["Location"]]
        elif response.mimetype == "text/html":
            found.append(address)
            links = _list_links(response.text)
        else:
            links = []
        for link in links:
            target = urlsplit(urljoin(address, link))
            path = target.path + (f"?{target.query}" if target.query else "")
            if path not in seen and path != SIGNS_OUT and follows(path):
                seen.add(path)
                waiting.append(path)
    return found


def list_letters(app) -> list[str]:
    """Return the address of each public letter."""
    with app.app_context():
        slugs = session().scalars(select(Letter.slug).where(Letter.published_at.is_not(None)))
        return [f"/letters/{slug}" for slug in slugs]


def list_receipts(app) -> list[str]:
    """Return the address of a receipt for each state that a comment of the site is in."""
    encryption = app.extensions["commentsite"].encryption
    with app.app_context():
        rows = session().execute(
            select(Comment.state, Comment.receipt_sealed)
            .where(Comment.receipt_sealed.is_not(None))
            .order_by(Comment.id)
        )
        sealed = {row.state: row.receipt_sealed for row in rows}
        return [f"/receipts/{encryption.decrypt(token)}" for token in sealed.values()]


def _find_kind(adapter, address: str) -> tuple[str, ...] | None:
    parts = urlsplit(address)
    try:
        endpoint, _arguments = adapter.match(parts.path, method="GET")
    except HTTPException:
        return None
    return None if endpoint == "static" else (endpoint, *sorted(parse_qs(parts.query)))


def _list_links(page: str) -> list[str]:
    tree = html.document_fromstring(page)
    addresses = tree.xpath("//a/@href | //form[not(@method) or @method='get']/@action")
    return [address for address in addresses if not urlsplit(address).netloc]
