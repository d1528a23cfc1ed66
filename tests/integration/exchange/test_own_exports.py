"""Export a site, import the file into an empty one, and find the same there, on both databases."""

import json
import zipfile
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import delete, select

from commentsite import clock
from commentsite.audit.models import AuditEntry
from commentsite.comments.models import Comment, CommentTarget
from commentsite.comments.states import CommentState
from commentsite.db.session import session, transaction
from commentsite.exchange.models import ImportedComment
from commentsite.letters.models import Letter
from commentsite.site.models import SiteSettings
from commentsite.summaries.models import (
    Inquiry,
    Objection,
    PositionHolder,
    Summary,
    SummaryVersion,
)
from commentsite.summaries.publication.verification import find_changed_versions
from commentsite.summaries.report.serialisation import hash_document
from commentsite.summaries.states import InquiryState
from commentsite.tokens import new_uuid
from tests.support.audit import verify_records
from tests.support.clients import fetch_page
from tests.support.commands import run_command
from tests.support.factories import close_database, encryption_of, make_app, outbox_kinds
from tests.support.own_exports import (
    MOMENT,
    comment_record,
    letter_record,
    normalise,
    page_record,
    read_lines,
    write_own_export,
)
from tests.support.records import (
    ONLY_COUNTED,
    START,
    WITHHELD,
    WITHHELD_ORGANISATION,
    publish_record,
    seed_consultation,
)

COMMENTS = [
    comment_record(1, email="a@x.example", targets=[{"pid": "p-aaaaaa", "stance": "support"}]),
    comment_record(2, parent=1, body="=1+1 & <b>so</b> ]]> on", name="A & B", quote_as="count"),
    comment_record(3, parent=2, state="pending", published_at=None),
    comment_record(4, state="spam", published_at=None),
    comment_record(
        5,
        state="refused",
        published_at=None,
        history=[{"event": "decision", "at": "2026-02-01T00:00:00Z", "verdict": "refuse", "rule": "R1"}],
    ),
    comment_record(6, state="withdrawn", name="", body="", erased_at="2026-02-02T00:00:00Z"),
    comment_record(7, parent=6, shown_by=8, campaign=1, organisation="Org"),
    comment_record(8, state="awaiting_email", published_at=None),
    comment_record(9, state="returned", published_at=None, revisions=[{"version": 1, "body": "Before", "replaced_at": "2026-02-01T00:00:00Z"}]),
    comment_record(10, state="restricted"),
]  # fmt: skip


USE = {"comment": 99, "use": "merged", "decided_by": "Edda", "decided_at": MOMENT}
VERSION = {
    "record": 1,
    "number": 1,
    "published_at": MOMENT,
    "inquiries_until": MOMENT,
    "published_by": "Edda",
    "sha256": "0" * 64,
    "content": {"letters": "none"},
}


@pytest.fixture
def other_site(tmp_path, template_database):
    """Another, empty site. The database that it copies is that of the first site, whose id it must not share."""
    app = make_app(tmp_path / "other", template_database, RATELIMIT_ENABLED="false")
    with app.app_context(), transaction():
        session().scalars(select(SiteSettings)).one().feed_namespace = new_uuid()
    return app


@pytest.fixture
def export_of(tmp_path):
    """Return a function that exports a site and returns the file."""

    def export(app, name="site.zip", *options):
        file = tmp_path / name
        result = run_command(app, "export", file, *options)
        assert result.exit_code == 0, result.output
        return file

    return export


@pytest.fixture
def filled(tmp_path, empty_app):
    """A site with a letter and a comment in every state, which came from an export."""
    letters = [letter_record(comments_open=False)]
    pages = [page_record(), page_record(2, is_public=False)]
    file = write_own_export(tmp_path / "first.zip", letters, COMMENTS, pages)
    result = run_command(empty_app, "import", "json", file)
    assert result.exit_code == 0, result.output
    return empty_app


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_app(request, tmp_path):
    """An empty site on each of both databases."""
    if request.param == "sqlite":
        template, settings = request.getfixturevalue("template_database"), {}
    else:
        template, settings = None, {"DATABASE_URL": request.getfixturevalue("migrated_pg_url")}
    app = make_app(tmp_path / "instance", template, RATELIMIT_ENABLED="false", **settings)
    with app.app_context():
        yield app
        close_database()


def test_an_export_and_its_import_are_the_same_records(filled, other_site, export_of):
    first = export_of(filled, "a.zip", "--with-email-addresses")
    assert run_command(other_site, "import", "json", first).exit_code == 0
    second = export_of(other_site, "b.zip", "--with-email-addresses")
    assert normalise(first) == normalise(second)
    rows = {row["id"]: row for row in normalise(first)["comments"]}
    assert [row["state"] for row in rows.values()] == [row["state"] for row in COMMENTS]
    assert rows[5]["history"] == COMMENTS[4]["history"]
    assert (rows[7]["parent"], rows[7]["shown_by"], rows[7]["campaign"]) == (6, 8, 1)
    assert rows[1]["email"] == "a@x.example"
    with other_site.app_context():
        assert verify_records() == []
        assert outbox_kinds() == []
        again = run_command(other_site, "import", "json", first)
        assert "10  comments there already" in again.output
        assert normalise(export_of(other_site, "c.zip", "--with-email-addresses")) == normalise(
            second
        )


def test_a_record_of_positions_moves_with_its_versions(empty_app, other_site, export_of, tmp_path):
    publish_record(seed_consultation())
    with transaction():
        _add_what_was_not_published()
    first = export_of(empty_app, "a.zip")
    with zipfile.ZipFile(first) as archive:
        written = archive.read("records.jsonl") + archive.read("record-versions.jsonl")
        schema = json.loads(archive.read("schema.json"))
    for private in (
        WITHHELD,
        WITHHELD_ORGANISATION,
        "the office",
        ONLY_COUNTED,
        "Contact",
        "Reader 8",
        "seal",
        "token",
    ):
        assert private.encode() not in written
    for name, kind in (("records", "RecordOfPositions"), ("record-versions", "RecordVersion")):
        one = Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": schema["$defs"]})
        for row in read_lines(first, f"{name}.jsonl"):
            one.validate(row)
    other = write_own_export(tmp_path / "other.zip", [letter_record()], COMMENTS)
    run_command(other_site, "import", "json", other)  # so that the numbers differ
    result = run_command(other_site, "import", "json", first)
    assert "It was published with the hash" in result.output
    second = export_of(other_site, "b.zip")
    before, after = normalise(first, "annex"), normalise(second, "annex")
    for name in ("letters", "comments", "records", "versions"):
        assert before[name] == after[name]
    with other_site.app_context():
        keys = encryption_of(other_site)
        assert verify_records() == find_changed_versions(keys) == []
        assert outbox_kinds() == []
        version = session().scalars(select(SummaryVersion)).one()
        assert hash_document(version.content, version.contributors, version.salt) == version.sha256
        quotation = version.content["questions"][0]["positions"][0]["quotations"][0]
        assert quotation["text"] in session().get_one(Comment, quotation["comment_id"]).body
        holders = session().scalars(select(PositionHolder.name).order_by(PositionHolder.id)).all()
        assert holders == ["", WITHHELD, "", WITHHELD_ORGANISATION]
        again = run_command(other_site, "import", "json", first)
        assert "1  record there already" in again.output
        assert normalise(export_of(other_site, "c.zip")) == normalise(second)
        with transaction():
            session().scalars(select(SummaryVersion)).one().sha256 = "0" * 64
        assert len(find_changed_versions(keys)) == 1


@pytest.mark.parametrize(
    ("changes", "versions", "sentence"),
    [
        ({"letter": 9}, [], "It is about the letter 9, which could not be imported."),
        ({"uses": [USE]}, [], "It names the comment 99, which is not here."),
        ({"published_version": 1}, [], "are not numbered 1, 2, 3 and so on."),
        ({"published_version": 1}, [VERSION], "Version 1 of the record of positions 1 is wrong"),
        ({}, [VERSION | {"record": 2}], "does not have the order of records.jsonl"),
    ],
)
def test_a_record_that_does_not_fit_is_left_out_or_refused_with_a_sentence(
    app, tmp_path, changes, versions, sentence
):
    more = {
        "records.jsonl": [
            {"id": 1, "letter": 1, "created_at": MOMENT, "changed_at": MOMENT} | changes
        ],
        "record-versions.jsonl": versions,
    }
    file = write_own_export(tmp_path / "x.zip", [letter_record()], [comment_record()], more=more)
    assert sentence in run_command(app, "import", "json", file).output
    with app.app_context():
        assert verify_records() == find_changed_versions(encryption_of(app)) == []
        assert session().scalars(select(SummaryVersion)).all() == []


def _add_what_was_not_published():
    """Ask a holder and for a correction, answer an objection, and take two comments back."""
    summary = session().scalars(select(Summary)).one()
    session().add(
        Inquiry(
            summary_id=summary.id, version_number=1, state=InquiryState.ANSWERED, name="Ada",
            email_sealed=b"seal", email_hash="0" * 64, stakeholder_group="CIV", body="A wrong word.",
            asked_at=START, published_at=START, closed_at=START, answer="It is right.",
            result="not_changed", answered_by="Edda",
        )
    )  # fmt: skip
    holder = session().scalars(select(PositionHolder).order_by(PositionHolder.id)).first()
    holder.contact_name, holder.email_sealed = "Contact", b"seal"
    holder.token_hash, holder.token_sealed = "token", b"token"
    # The comment of this organisation may only be counted since.
    office = session().scalars(select(PositionHolder).order_by(PositionHolder.id.desc())).first()
    counted = session().scalars(select(Comment).where(Comment.quote_as == "count")).first()
    office.kind, office.comment_id, office.name = "organisation", counted.id, WITHHELD_ORGANISATION
    office.sign_off_note, counted.organisation = "Ours, says the office.", WITHHELD_ORGANISATION
    objection = session().scalars(select(Objection).order_by(Objection.id)).first()
    objection.response, objection.answered_by, objection.answered_at = "So be it.", "Edda", START
    erased = session().scalars(select(Comment).where(Comment.name == "Reader 8")).one()
    erased.state, erased.erased_at = CommentState.WITHDRAWN, clock.now()
    erased.name = erased.organisation = erased.body = erased.body_html = erased.body_hash = ""
    session().execute(delete(CommentTarget).where(CommentTarget.comment_id == erased.id))


def test_the_imported_letter_is_public_and_its_html_made_here(filled):
    page = fetch_page(filled.test_client(), "/letters/letter-1")
    assert "A paragraph that says what happened" in page
    assert "<script>x" not in page
    assert 'id="p-aaaaaa"' in page
    comment = session().scalars(select(Comment).where(Comment.name == "A & B")).one()
    assert comment.parent_id is not None
    assert session().scalars(select(Letter.published_comment_count)).one() == 3


def test_email_addresses_leave_only_on_request_and_the_log_says_so(filled, export_of, tmp_path):
    with zipfile.ZipFile(export_of(filled)) as archive:
        assert not any(b"a@x.example" in archive.read(name) for name in archive.namelist())
        assert not json.loads(archive.read("manifest.json"))["has_email_addresses"]
    result = run_command(filled, "export", tmp_path / "b.zip", "--with-email-addresses")
    assert "This export holds the email addresses" in result.stderr
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        for name in ("comments.jsonl", "comments.csv", "wordpress.xml"):
            assert b"a@x.example" in archive.read(name)
    assert (tmp_path / "b.zip").stat().st_mode & 0o077 == 0
    session().rollback()
    query = select(AuditEntry.details).where(AuditEntry.action == "export.started")
    logged = session().scalars(query.order_by(AuditEntry.seq)).all()
    assert [details["email_addresses"] for details in logged] == [0, 1]


def test_every_record_has_the_schema_that_lies_beside_it(filled, export_of):
    file = export_of(filled)
    with zipfile.ZipFile(file) as archive:
        schema = json.loads(archive.read("schema.json"))
        manifest = json.loads(archive.read("manifest.json"))
    kinds = {"letters": "Letter", "comments": "Comment", "groups": "Group", "rules": "Rules"}
    kinds["pages"] = "Page"
    for name, kind in kinds.items():
        one = Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": schema["$defs"]})
        rows = read_lines(file, f"{name}.jsonl")
        assert len(rows) == manifest["files"][f"{name}.jsonl"]["records"] > 0
        for row in rows:
            one.validate(row)


def test_wordpress_reads_back_the_same_comments(filled, other_site, export_of, tmp_path):
    file = tmp_path / "wordpress.xml"
    with zipfile.ZipFile(export_of(filled)) as archive:
        file.write_bytes(archive.read("wordpress.xml"))
    assert len(ET.parse(file).getroot().findall("channel/item")) == 3  # our own file
    result = run_command(other_site, "import", "wordpress", file)
    assert result.exit_code == 0, result.output
    exported = {row.id: row for row in session().scalars(select(Comment))}
    with other_site.app_context():
        query = select(ImportedComment.source_id, Comment).join(
            Comment, Comment.id == ImportedComment.comment_id
        )
        here = {int(source_id): comment for source_id, comment in session().execute(query)}
        source_ids = {comment.id: number for number, comment in here.items()}
        assert here.keys() == exported.keys()
        for number, comment in here.items():
            before = exported[number]
            assert comment.submitted_at == before.submitted_at.replace(microsecond=0)
            assert source_ids.get(comment.parent_id) == before.parent_id
            assert str(comment.state) == WORDPRESS_STATES.get(str(before.state), str(before.state))
            if str(before.state) not in {"withdrawn", "refused", "restricted"}:
                assert (comment.name, comment.body_html) == (before.name, before.body_html)
        letter = session().scalars(select(Letter)).one()
        assert (letter.title, letter.slug, str(letter.state)) == (
            "On routes",
            "letter-1",
            "published",
        )
        client = other_site.test_client()
        assert "Who <em>we</em> are." in fetch_page(client, "/pages/about-1")
        assert client.get("/pages/about-2").status_code == 404  # a draft, as before


OTHER_SITE = {
    "id": "00000000-0000-4000-8000-000000000002",
    "base_url": "https://other.example",
    "title": "Other site",
}
#: WordPress knows no such states, so a comment in one of them comes back in another.
WORDPRESS_STATES = {
    "awaiting_email": "pending",
    "returned": "pending",
    "refused": "withdrawn",
    "restricted": "withdrawn",
}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"version": 2}, "version 2 of the format"),
        ({"format": "other"}, "is not an export of commentsite"),
        ({"files": {}}, "manifest.json states 0"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(app, tmp_path, changes, sentence):
    file = write_own_export(tmp_path / "x.zip", [letter_record()], [], **changes)
    result = run_command(app, "import", "json", file)
    assert result.exit_code == 1
    assert sentence in result.output


def test_a_wrong_line_and_a_cut_file_are_named(app, tmp_path):
    file = write_own_export(
        tmp_path / "x.zip", [letter_record()], [comment_record(), comment_record(2, state="loud")]
    )
    assert "Line 2 of comments.jsonl is wrong" in run_command(app, "import", "json", file).output
    cut = tmp_path / "cut.zip"
    cut.write_bytes(file.read_bytes()[:-200])
    assert "not a ZIP archive" in run_command(app, "import", "json", cut).output


def test_a_site_does_not_import_what_it_wrote(app, export_of):
    result = run_command(app, "import", "json", export_of(app))
    assert result.exit_code == 1
    assert "This site wrote the export itself" in result.output


def test_a_site_with_letters_keeps_its_own_rules_and_addresses(app, tmp_path):
    letter = letter_record(slug="hello")
    file = write_own_export(tmp_path / "x.zip", [letter], [comment_record(rules_version=7)])
    result = run_command(app, "import", "json", file)
    assert "Its address is “hello-2” here." in result.output
    with app.app_context():
        assert session().scalars(select(Comment.rules_version)).one() == 1
        assert verify_records() == []


def test_a_site_with_pages_keeps_their_addresses_and_an_older_export_has_no_pages(app, tmp_path):
    file = write_own_export(tmp_path / "x.zip", pages=[page_record(slug="about")])
    run_command(app, "import", "json", file)
    manifest = {"site": OTHER_SITE}
    file = write_own_export(tmp_path / "y.zip", pages=[page_record(slug="about")], **manifest)
    output = run_command(app, "import", "json", file).output
    assert "Its address is /pages/about-2 here, because another page has or had" in output
    older = write_own_export(tmp_path / "z.zip", [letter_record()])
    assert run_command(app, "import", "json", older).exit_code == 0
    assert "Who <em>we</em> are." in fetch_page(app.test_client(), "/pages/about-2")


def test_a_letter_without_permission_becomes_a_draft(app, tmp_path):
    file = write_own_export(tmp_path / "x.zip", [letter_record(permissions=[])], [])
    preview = run_command(app, "import", "json", file, "--dry-run").output
    assert "Letters that would become drafts: 1\n           On routes" in preview
    assert "no permission to publish" in run_command(app, "import", "json", file).output
    assert app.test_client().get("/letters/letter-1").status_code == 404


def test_a_preview_stores_nothing(app, tmp_path):
    file = write_own_export(tmp_path / "x.zip", [letter_record()], COMMENTS)
    result = run_command(app, "import", "json", file, "--dry-run")
    assert "10  comments taken" in result.output
    with app.app_context():
        assert session().scalars(select(Comment.id)).all() == []
