"""Whatever an export holds, an import into an empty site and another export give the same records."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from commentsite.comments.models import Comment
from commentsite.db.session import session, transaction
from commentsite.letters.models import Letter
from commentsite.site.models import SiteSettings
from commentsite.site.pages.models import Page
from commentsite.tokens import new_uuid
from tests.support.commands import run_command
from tests.support.factories import close_database, make_app
from tests.support.own_exports import (
    comment_record,
    letter_record,
    normalise,
    page_record,
    write_own_export,
)

STATES = (
    *("awaiting_email", "pending", "published", "returned", "refused", "spam", "withdrawn"),
    "restricted",
)
TEXTS = st.text(min_size=1, max_size=60)
MOMENTS = st.integers(0, 10**15).map(
    lambda micro: (datetime(2020, 1, 1, tzinfo=UTC) + timedelta(microseconds=micro)).isoformat()
)
WORDS = st.text("abc é中م*_[]()<>&`#-\n", min_size=1, max_size=80)
EVENTS = st.builds(
    lambda event, at, text: {"event": event, "at": at, "text": text, "verdict": "publish"},
    st.sampled_from(["decision", "appeal", "report", "note"]),
    MOMENTS,
    TEXTS,
)
ALL_SETTINGS = select(SiteSettings)
COUNTS = select(
    select(func.count()).select_from(Letter).scalar_subquery(),
    select(func.count()).select_from(Comment).scalar_subquery(),
    select(func.count()).select_from(Page).scalar_subquery(),
)


def count_rows():
    """Return the numbers of letters, comments and pages."""
    session().rollback()
    return tuple(session().execute(COUNTS).one())


@st.composite
def comments(draw):
    rows = []
    for number in range(1, draw(st.integers(0, 6)) + 1):
        parent = draw(st.none() | st.integers(1, number - 1)) if number > 1 else None
        rows.append(
            comment_record(
                number * 7,
                letter=draw(st.sampled_from([1, 2])),
                state=draw(st.sampled_from(STATES)),
                name=draw(TEXTS),
                body=draw(TEXTS | WORDS),
                submitted_at=draw(MOMENTS),
                published_at=draw(st.none() | MOMENTS),
                edited_at=draw(st.none() | MOMENTS),
                erased_at=draw(st.none() | st.none() | MOMENTS),
                stance=draw(st.sampled_from(["none", "support", "oppose"])),
                is_late=draw(st.booleans()),
                targets=[{"pid": pid} for pid in draw(st.lists(st.just("p-aaaaaa"), max_size=1))],
                history=draw(st.lists(EVENTS, max_size=3)),
                email=draw(st.sampled_from(["", "a@x.example", "B@x.example"])),
                **({"parent": parent * 7} if parent else {}),
            )
        )
    return rows


@st.composite
def letters(draw):
    first = letter_record(1, title=draw(TEXTS), language=draw(st.sampled_from(["en", "ar", "zh"])))
    version = first["versions"][0]
    text = draw(WORDS)
    versions = [version | {"markdown": text, "title": draw(TEXTS)}]
    second = letter_record(
        2,
        versions=versions,
        topics=draw(st.lists(TEXTS, max_size=2)),
        comments_close_at=draw(st.none() | MOMENTS),
        superseded_by=draw(st.none() | st.just(1)),
        editors_note=draw(TEXTS),
        state=draw(st.sampled_from(["draft", "published", "withdrawn"])),
        working_copy=draw(
            st.none()
            | st.just({"title": "T", "markdown": "Text", "saved_at": "2026-01-01T00:00:00Z"})
        ),
    )
    return [first, second]


@st.composite
def pages(draw):
    versions = [
        {"number": number, "title": draw(TEXTS), "markdown": draw(WORDS), "saved_at": draw(MOMENTS)}
        | {"language": draw(st.sampled_from(["en", "ar"])), "saved_by": draw(TEXTS)}
        for number in range(1, draw(st.integers(1, 3)) + 1)
    ]
    first = page_record(
        3,
        versions=versions,
        is_public=draw(st.booleans()),
        placement=draw(st.sampled_from(["menu", "footer", "none"])),
        position=draw(st.integers(1, 999)),
        former_slugs=draw(st.sampled_from([[], ["who-we-are"]])),
    )
    return [first, page_record(5)][: draw(st.integers(0, 2))]


def move(root, name, template_database, file):
    """Import a file into an empty site, and return an export of that."""
    app = make_app(root / name, template_database, RATELIMIT_ENABLED="false")
    with app.app_context():
        with transaction():
            session().scalars(ALL_SETTINGS).one().feed_namespace = new_uuid()
        result = run_command(app, "import", "json", file)
        assert result.exit_code == 0, result.output
        target = root / f"{name}.zip"
        result = run_command(app, "export", target, "--with-email-addresses")
        assert result.exit_code == 0, result.output
        counted = count_rows()
        run_command(app, "import", "json", file)
        assert count_rows() == counted  # a second import adds nothing
        close_database()
    return target


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(letters(), comments(), pages())
def test_an_import_of_an_export_is_the_identity(
    template_database, letter_rows, comment_rows, page_rows
):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        first = move(
            root,
            "a",
            template_database,
            write_own_export(root / "0.zip", letter_rows, comment_rows, page_rows),
        )
        second = move(root, "b", template_database, first)
        assert normalise(first) == normalise(second)
        assert [row["slug"] for row in normalise(first)["pages"]] == [
            row["slug"] for row in page_rows
        ]
        states = [row["state"] for row in normalise(first)["comments"]]
        assert states == [row["state"] for row in comment_rows]
