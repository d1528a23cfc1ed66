"""Compare what `commentsite import wordpress` stores with the database of a real WordPress, row by row."""

import json
import re
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

from commentsite.comments.sanitizer import MAX_CHARACTERS, text_of_html
from commentsite.exchange.services import ANONYMOUS, MAX_NAME
from commentsite.text.plain_text import clean_line
from tests.interop import sites
from tests.interop.servers import run_wordpress

NO_DATE = "0000-00-00 00:00:00"
STATES = {"1": "published", "0": "pending", "trash": "withdrawn", "post-trashed": "refused"}


def check_import(folder: Path) -> list[str]:
    """Return the differences between WordPress and what was imported from its export."""
    with run_wordpress(folder) as site:
        site.call("fill")
        file = folder / "export.xml"
        file.write_bytes(site.export())
        facts = json.loads(site.call("dump"))
        print(
            f"WordPress {site.version}: {len(facts['posts'])} posts, {len(facts['comments'])} comments"
        )
    print(sites.import_file(folder / "instance", "wordpress", file))
    with sites.open_site(folder / "instance"):
        found, letters = sites.read_comments(), sites.read_letters()
        problems = compare(facts, found, letters, sites.read_pages())
        if sites.count_log_entries() != len(found):
            problems.append("the audit log has another number of imported comments")
    again = sites.import_file(folder / "instance", "wordpress", file)
    if f"{len(found):,}  comments there already" not in again:
        problems.append(f"a second run is not without effect:\n{again}")
    return problems


def compare(facts: dict, found: dict, letters: dict, pages: dict) -> list[str]:
    posts = {post["ID"]: post for post in facts["posts"]}
    rows = {row["comment_ID"]: row for row in facts["comments"]}
    expected = {number: row for number, row in rows.items() if is_expected(row)}
    problems = [f"comment {number}: missing" for number in expected.keys() - found.keys()]
    problems += [f"comment {number}: unexpected" for number in found.keys() - expected.keys()]
    states = {n: find_state(row, posts[row["comment_post_ID"]]) for n, row in expected.items()}
    for number in expected.keys() & found.keys():
        comment, parent, email = found[number]
        row = rows[number]
        is_gone = states[number] == "withdrawn"
        values = {
            "state": (states[number], str(comment.state)),
            "parent": (find_parent(number, expected, states), parent),
            "date": (read_time(row["comment_date_gmt"]), comment.submitted_at),
            "name": ("" if is_gone else find_name(row), comment.name),
            "address": ("" if is_gone else row["comment_author_email"], email),
            "words": ([] if is_gone else words_there(row), words_here(comment.body_html)),
            "letter": (letters[row["comment_post_ID"]].id, comment.letter_id),
        }
        problems += [
            f"comment {number}: {name} is {here!r}, expected {there!r}"
            for name, (there, here) in values.items()
            if there != here
        ]
    return problems + compare_letters(posts, letters, pages, expected)


def compare_letters(posts: dict, letters: dict, pages: dict, expected: dict) -> list[str]:
    problems = []
    with_comments = {row["comment_post_ID"] for row in expected.values()}
    for number, post in posts.items():
        if post["post_type"] == "page" and number not in with_comments:
            problems += compare_page(number, post, pages)
            continue
        if number not in letters:
            if post["post_type"] != "attachment" or number in with_comments:
                problems.append(f"post {number}: missing")
            continue
        letter = letters[number]
        is_public = is_public_post(post)
        if (str(letter.state) == "published") is not is_public:
            problems.append(
                f"post {number}: state is {letter.state}, WordPress: {post['post_status']}"
            )
        if is_public and letter.published_at != read_time(post["post_date_gmt"]):
            problems.append(f"post {number}: published {letter.published_at}")
        if words_of(post["post_title"]) != words_of(letter.title):
            problems.append(f"post {number}: title is {letter.title!r}")
    return problems


def compare_page(number: str, post: dict, pages: dict) -> list[str]:
    if number not in pages:
        return [f"page {number}: missing"]
    problems = []
    if pages[number].is_public is not is_public_post(post):
        problems.append(f"page {number}: public is {pages[number].is_public}")
    if words_of(post["post_title"]) != words_of(pages[number].title):
        problems.append(f"page {number}: title is {pages[number].title!r}")
    return problems


def is_public_post(post: dict) -> bool:
    return post["post_status"] == "publish" and not post["post_password"]


def is_expected(row: dict) -> bool:
    """Return whether a comment is one to import: the export has no spam, and we take no pingbacks."""
    return (
        row["comment_approved"] != "spam"
        and row["comment_type"] in {"", "comment"}
        and row["comment_date_gmt"] != NO_DATE
    )


def find_state(row: dict, post: dict) -> str:
    state = STATES.get(row["comment_approved"], "pending")
    return "refused" if not is_public_post(post) and state in {"published", "pending"} else state


def find_parent(number: str, rows: dict, states: dict) -> str | None:
    """Return the nearest comment above that a reader of this one sees."""
    row = rows[number]
    parent = rows.get(row["comment_parent"])
    while parent and parent["comment_post_ID"] == row["comment_post_ID"]:
        key = parent["comment_ID"]
        if states[number] != "published" or states[key] in {"published", "withdrawn"}:
            return key
        parent = rows.get(parent["comment_parent"])
    return None


def find_name(row: dict) -> str:
    return clean_line(unescape(row["comment_author"]))[:MAX_NAME] or ANONYMOUS


def read_time(value: str) -> datetime:
    return datetime.fromisoformat(value).replace(tzinfo=UTC)


def words_of(html: str) -> list[str]:
    return re.findall(r"\w+", unescape(re.sub(r"<[^>]+>", " ", html)))


def words_there(row: dict) -> list[str]:
    """Return the words that WordPress shows. Here, a text has at most MAX_CHARACTERS."""
    is_long = len(row["comment_content"]) > MAX_CHARACTERS
    return words_of(row["comment_content"][:MAX_CHARACTERS] if is_long else row["rendered"])


def words_here(html: str) -> list[str]:
    text = text_of_html(html)
    if "<li>" in html:
        text = re.sub(r"^(?:• |\d+\. )", "", text, flags=re.MULTILINE)
    return re.findall(r"\w+", re.sub(r" \([\w.:-]+\)", "", text))
