"""Write a static copy of all public pages into a folder.

First every address is fetched that can be reached by links from the front page and from the letters, and each answer
is stored under its file name. Then the pages are rewritten, when it is known which targets exist. Everything happens
in a folder of its own beside the wanted one, which is renamed at the end.
"""

import re
import shutil
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from commentsite import clock
from commentsite.errors import Conflict
from commentsite.exchange.archive.addresses import (
    make_file_name,
    make_relative,
    normalise_address,
)
from commentsite.exchange.archive.pages import list_links, rewrite_page
from commentsite.exchange.archive.preservation import WARC_FILE, WarcFile, make_bag
from commentsite.exchange.archive.search_index import FOLDER, SearchIndex

SEARCH_PAGE, ALPHABET_PAGE = "search.html", "letters-a-z.html"
MAX_REDIRECTS = 5
_OK, _GONE, _FIRST_REDIRECT, _FIRST_ERROR = 200, 410, 300, 400
_HTML = "text/html"
_LETTER = re.compile(r"/letters/[^/]+")
_STYLE_LINK = re.compile(r"""url\(["']?([^"')]+)["']?\)""")


@dataclass(frozen=True)
class Answer:
    """The answer to a request for an address of the site."""

    status: int
    status_line: str  # such as "200 OK"
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        return self.headers.get("Content-Type", "").partition(";")[0].strip()


@dataclass(frozen=True)
class ArchiveSite:
    """The site as an archive needs it. `fetch` answers the request for a path of it.

    `seeds` are addresses that no page needs to link to, such as those of withdrawn letters. `former` maps former
    paths to their present ones. `render` renders the page of the search and that of the letters.
    """

    title: str
    base_url: str
    fetch: Callable[[str], Answer]
    seeds: Iterable[str]
    former: Mapping[str, str]
    render: Callable[[str, int], str]
    script: Path
    banner: Callable[[], str]


@dataclass
class ArchiveResult:
    """The number of files by their kind, and the addresses that could not be stored, with their status."""

    pages: int = 0
    files: int = 0
    missing: list[tuple[str, int]] = field(default_factory=list)


@dataclass
class _Collection:
    """The addresses that were fetched: their files, the targets of redirects, and the media types."""

    files: dict[str, str] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    pages: list[str] = field(default_factory=list)


def write_archive(
    folder: Path, site: ArchiveSite, advance: Callable[[int], None], *, has_warc: bool
) -> ArchiveResult:
    """Write the archive into a folder that does not exist or is empty.

    `advance` is called with 1 for each answer. Raises Conflict if the folder holds anything.
    """
    check_folder(folder)
    with _new_folder(folder) as part:
        root = part / "site"
        root.mkdir()
        result = _Archive(root, site, advance).write(part / WARC_FILE if has_warc else None)
        if has_warc:
            (part / WARC_FILE).rename(root / WARC_FILE)
            make_bag(
                root,
                {
                    "Source-Organization": site.title,
                    "External-Identifier": site.base_url,
                    "External-Description": f"All public pages of {site.title}",
                    "Bagging-Date": clock.now().date().isoformat(),
                },
            )
        if folder.exists():
            folder.rmdir()
        root.rename(folder)
    return result


def check_folder(folder: Path) -> None:
    """Raise Conflict if an archive cannot be written there."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        msg = "%(folder)s is not a folder. Name a folder that does not exist yet."
        raise Conflict(msg, folder=folder)
    if folder.exists() and any(folder.iterdir()):
        msg = "%(folder)s is not empty. Name a folder that does not exist yet, or empty this one."
        raise Conflict(msg, folder=folder)


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """Yield a folder on the same disk, which is deleted at the end with what is still in it."""
    part = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.absolute().parent))
    try:
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)


class _Archive:
    def __init__(self, root: Path, site: ArchiveSite, advance: Callable[[int], None]) -> None:
        self._root, self._site, self._advance = root, site, advance
        self._found = _Collection()
        self._result = ArchiveResult()
        self._banner = site.banner()

    def write(self, warc: Path | None) -> ArchiveResult:
        with ExitStack() as stack:
            file = stack.enter_context(WarcFile(warc, self._site.title)) if warc else None
            self._collect(file)
        index = SearchIndex(self._root)
        for address in self._found.pages:
            self._rewrite(address, index)
        index.close()
        self._add_own_pages(index.file_count)
        self._add_former_addresses()
        return self._result

    def _collect(self, warc: WarcFile | None) -> None:
        waiting = deque(["/", *self._site.seeds])
        seen = set(waiting)
        while waiting:
            address = waiting.popleft()
            answer = self._site.fetch(address)
            self._advance(1)
            for found in self._store(address, answer, warc):
                if found not in seen:
                    seen.add(found)
                    waiting.append(found)

    def _store(self, address: str, answer: Answer, warc: WarcFile | None) -> Iterator[str]:
        """Store an answer, and yield the addresses that it leads to."""
        if warc is not None and (answer.status < _FIRST_ERROR or answer.status == _GONE):
            warc.add(
                f"{self._site.base_url}{address}", answer.status_line, answer.headers, answer.body
            )
        if _FIRST_REDIRECT <= answer.status < _FIRST_ERROR:
            location = answer.headers.get("Location", "")
            target = normalise_address(location, address, self._site.base_url)
            if target is not None:
                fragment = urlsplit(location).fragment
                self._found.redirects[address] = f"{target}#{fragment}" if fragment else target
                yield target
            return
        if answer.status not in {_OK, _GONE}:
            self._result.missing.append((address, answer.status))
            return
        name = make_file_name(address)
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(answer.body)
        self._found.files[address] = name
        if answer.media_type != _HTML:
            self._result.files += 1
            yield from self._list_style_links(address, answer)
            return
        self._found.pages.append(address)
        self._result.pages += 1
        for link in list_links(answer.body.decode()):
            found = normalise_address(link, address, self._site.base_url)
            if found is not None:
                yield found

    def _list_style_links(self, address: str, answer: Answer) -> Iterator[str]:
        if answer.media_type == "text/css":
            for match in _STYLE_LINK.finditer(answer.body.decode()):
                found = normalise_address(match[1], address, self._site.base_url)
                if found is not None:
                    yield found

    def _rewrite(self, address: str, index: SearchIndex) -> None:
        name = self._found.files[address]
        path = self._root / name
        html = path.read_bytes().decode()
        banner = self._build_banner(name)
        page = rewrite_page(html, lambda link: self._resolve(link, address, name), banner)
        path.write_text(page, encoding="utf-8")
        if _LETTER.fullmatch(urlsplit(address).path):
            index.add_page(name, html)

    def _resolve(self, link: str, page: str, name: str) -> str | None:
        """Return the link from a page to a file of the archive, or to another site."""
        target = normalise_address(link, page, self._site.base_url)
        fragment = urlsplit(link).fragment
        if target is None:
            is_foreign = urlsplit(link).netloc and not link.startswith(self._site.base_url)
            return link if is_foreign else None
        for _ in range(MAX_REDIRECTS):
            if target not in self._found.redirects:
                break
            target, _, moved = self._found.redirects[target].partition("#")
            fragment = moved or fragment
        file = self._found.files.get(target)
        if file is None:
            return None
        relative = make_relative(file, name)
        return f"{relative}#{fragment}" if fragment else relative

    def _build_banner(self, name: str) -> str:
        return self._banner.replace("{search}", make_relative(SEARCH_PAGE, name)).replace(
            "{letters}", make_relative(ALPHABET_PAGE, name)
        )

    def _add_own_pages(self, file_count: int) -> None:
        """Add the page of the search with its script, and the letters from A to Z."""
        (self._root / FOLDER).mkdir(exist_ok=True)
        shutil.copyfile(self._site.script, self._root / FOLDER / "search.js")
        for name in (SEARCH_PAGE, ALPHABET_PAGE):
            html = self._site.render(name, file_count)
            resolve = partial(self._resolve, page="/", name=name)
            page = rewrite_page(html, resolve, self._build_banner(name))
            if name == SEARCH_PAGE:
                page = page.replace(
                    "</head>", f'<script src="{FOLDER}/search.js" defer></script></head>', 1
                )
            (self._root / name).write_text(page, encoding="utf-8")
            self._result.pages += 1

    def _add_former_addresses(self) -> None:
        """Let the former addresses of letters and pages lead to the present ones."""
        for former, present in self._site.former.items():
            target = self._found.files.get(present)
            name = make_file_name(former)
            path = self._root / name
            if target is None or path.exists():
                continue
            link = escape(make_relative(target, name))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(
                f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>{escape(self._site.title)}</title>'
                f'<meta http-equiv="refresh" content="0; url={link}"><a href="{link}">{escape(present)}</a></html>\n',
                encoding="utf-8",
            )
            self._result.pages += 1
