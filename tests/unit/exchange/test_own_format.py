"""The records of an export, the names of the files of an archive, and the texts in WXR and CSV."""

import csv
import io
import uuid

import msgspec
import pytest
from jsonschema import Draft202012Validator

from commentsite.exchange.archive.addresses import (
    make_file_name,
    make_relative,
    normalise_address,
)
from commentsite.exchange.archive.pages import rewrite_page
from commentsite.exchange.exporters.csv_tables import CommentTable
from commentsite.exchange.own_format.records import Comment, build_schema
from commentsite.letters.feed_ids import derive_feed_id
from tests.support.own_exports import comment_record

BASE = "https://letters.example"


def test_the_schema_is_valid_and_finds_wrong_records():
    schema = build_schema()
    Draft202012Validator.check_schema(schema)
    one = Draft202012Validator({"$ref": "#/$defs/Comment", "$defs": schema["$defs"]})
    assert one.is_valid(comment_record())
    assert not one.is_valid(comment_record(state="received"))
    assert not one.is_valid({"id": 1})


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "loud"},
        {"name": "n" * 81},
        {"submitted_at": "2026-01-02T03:04:05"},
        {"targets": [{"pid": "<b>"}]},
        {"id": 0},
    ],
)
def test_a_record_outside_the_format_is_refused(changes):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(comment_record(**changes), Comment)


def test_a_cell_that_could_run_as_a_formula_is_escaped():
    file = io.StringIO()
    table = CommentTable(file, {1: "hello"}, has_email=True)
    record = comment_record(name="=cmd()", body="@SUM(1)", organisation="+1", email="-a@x.example")
    table.add(msgspec.convert(record, Comment))
    row = next(csv.DictReader(io.StringIO(file.getvalue())))
    cells = [row[name] for name in ("name", "body", "organisation", "email")]
    assert all(cell.startswith("'") for cell in cells)
    assert row["letter"] == "hello"


def test_the_id_of_an_entry_in_feeds_is_a_uuid_of_version_5():
    namespace = str(uuid.UUID(int=7))
    expected = uuid.uuid5(uuid.UUID(namespace), "comment 12").urn
    assert derive_feed_id(namespace, "comment 12") == expected


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("/letters/a?page=2&sort=oldest#comments", "/letters/a?page=2"),
        ("?page=1", "/letters/a"),
        (f"{BASE}/rules", "/rules"),
        ("/static/css/site.css?v=abc", "/static/css/site.css"),
        ("/letters/?topic=Route+d%27Air", "/letters/?topic=Route+d%27Air"),
        ("/letters/a?group=CIV&paragraph=p-1#comments", "/letters/a?paragraph=p-1"),
        ("/letters/a?group=CIV", "/letters/a?group=CIV"),
        ("/letters/a?sort=newest", None),
        ("/letters/a?reply_to=3#leave", None),
        ("/letters/a/comments/3/report", None),
        ("/desk/", None),
        ("/account/login", None),
        ("/fr/letters/a", None),
        ("https://elsewhere.example/a", None),
        ("mailto:a@b.example", None),
    ],
)
def test_an_archive_holds_the_pages_that_need_no_server(link, address):
    assert normalise_address(link, "/letters/a", BASE) == address


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/", "index.html"),
        ("/letters/a", "letters/a/index.html"),
        ("/letters/a?page=2", "letters/a/page-2.html"),
        ("/letters/a/cite/bibtex", "letters/a/cite/bibtex.bib"),
        ("/letters/a/letter.pdf", "letters/a/letter.pdf"),
        ("/feed.atom", "feed.atom"),
        ("/letters/?topic=%D9%86", "letters/topic-1bb6c9a2d1.html"),
        ("/documents/A/RES/70.125", "documents/A/RES/70.125/index.html"),
    ],
)
def test_file_names_are_stable_and_safe(address, name):
    made = make_file_name(address)
    if "%" in address:
        assert made.isascii()
        assert "%" not in made
        assert make_file_name(address) == made
    else:
        assert made == name


def test_no_file_leaves_the_folder():
    for address in ("/../../etc/passwd", "/%2e%2e/%2e%2e/x", "/letters/..%2f..%2fx", "/a\\b"):
        assert ".." not in make_file_name(address).split("/")


def test_links_are_relative_and_dead_ones_become_text():
    html = (
        '<!DOCTYPE html><html><head><script src="/x.js"></script></head><body><main>'
        '<a href="/b">B</a> <a href="/gone">Gone</a><form action="/c"></form></main></body></html>'
    )
    page = rewrite_page(
        html, {"/b": make_relative("b/index.html", "a/index.html")}.get, "<p>Note</p>"
    )
    assert '<a href="../b/index.html">B</a> Gone' in page
    assert "<script" not in page
    assert "<form" not in page
    assert "<p>Note</p><main>" in page
