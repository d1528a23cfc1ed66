"""SQLite, PostgreSQL and a plain reading of the texts give the same answers to every query."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from commentsite.db.session import session, transaction
from commentsite.search import index
from commentsite.search import queries as search_queries
from commentsite.search.queries import find_letter_matches, select_comment_matches
from commentsite.search.tokenizer import find_spans, parse_query
from tests.support.databases import create_database, migrate_database
from tests.support.factories import close_database, make_app

WORDS = (
    "side", "by", "sides", "e-mail", "email", "mail", "micro-targeting", "microtargeting", "RFC", "RFC9162",
    "RFC 9162", "9162", "A/RES/70/125", "70/125", "Łódź", "lodz", "l’accord", "l'accord", "accord", "共识", "没有共识",
    "हिन्दी", "हिंदी", "हद", "المكتبة", "مكتبه", "10,000", "10000", "in\u00adter\u200bnet", "internet", "U.N.", "UN",
    "x²", "½", "ガ", "カ", "한국어", "한국", "state-of-the-art", "the", "art", "Ԫԫ", "𞤀𞤁", "a", "b", "c",
)  # fmt: skip
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)
queries = st.lists(
    st.one_of(
        st.sampled_from(WORDS),
        st.lists(st.sampled_from(WORDS), min_size=2, max_size=4).map(lambda w: f'"{" ".join(w)}"'),
        st.sampled_from(WORDS).map(lambda word: word[:3]),
    ),
    min_size=1,
    max_size=3,
).map(" ".join)


@pytest.fixture(scope="module")
def both_apps(tmp_path_factory, template_database, pg_server):
    """A site on each database, without letters."""
    folder = tmp_path_factory.mktemp("both")
    with create_database(pg_server, "template0") as url:
        migrate_database(INSTANCE=str(folder / "setup"), DATABASE_URL=url)
        apps = [
            make_app(folder / "sqlite", template_database),
            make_app(folder / "postgresql", None, DATABASE_URL=url),
        ]
        yield apps
        for app in apps:
            with app.app_context():
                close_database()


def fill_and_ask(app, bodies, titles, query):
    """Index the texts as comments and as letters, and return the ids that a query finds among each."""
    phrases = parse_query(query)
    with app.app_context():
        with transaction():
            for table in index.PARTS:
                index.remove_range(table, 0, None)
            for number, body in enumerate(bodies, 1):
                index.index_comment(number, body)
                index.index_letter(number, titles[number % len(titles)], body)
        session().rollback()
        letters = find_letter_matches(phrases, limit=50)
        comments = select(select_comment_matches(phrases, limit=50).c.rowid) if phrases else None
        found = list(session().scalars(comments)) if comments is not None else []
        assert letters.total == len(letters.ids)
    return letters.ids, sorted(found)


def contains(text, query):
    return all(find_spans(text, [phrase]) for phrase in parse_query(query))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(texts, min_size=1, max_size=6), st.lists(texts, min_size=1, max_size=3), queries)
def test_both_databases_find_what_a_reader_would(both_apps, bodies, titles, query):
    on_sqlite, on_postgresql = (fill_and_ask(app, bodies, titles, query) for app in both_apps)
    assert on_sqlite == on_postgresql
    if parse_query(query):
        assert on_sqlite[1] == [n for n, body in enumerate(bodies, 1) if contains(body, query)]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=60), min_size=1, max_size=4), st.text(max_size=30))
def test_both_databases_agree_on_any_characters(both_apps, bodies, query):
    on_sqlite, on_postgresql = (fill_and_ask(app, bodies, [""], query) for app in both_apps)
    assert on_sqlite == on_postgresql


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(texts, min_size=2, max_size=12), queries, st.integers(1, 3))
def test_the_newest_texts_give_the_answer_of_the_index(both_apps, bodies, query, limit):
    """A word of most texts is looked up in the texts themselves, which takes less time."""
    phrases = parse_query(query)
    if not phrases:
        return
    fill_and_ask(both_apps[0], bodies, [""], query)
    with both_apps[0].app_context(), pytest.MonkeyPatch.context() as patch:
        answers = []
        for share in (2, 10**-6):  # never, and wherever one text has the word
            patch.setattr(search_queries, "MIN_SAMPLE_SHARE", share)
            found = session().scalars(select(select_comment_matches(phrases, limit=limit).c.rowid))
            answers.append(list(found))
    containing = [n for n, body in enumerate(bodies, 1) if contains(body, query)]
    assert answers == [containing[::-1][:limit]] * 2


def test_a_phrase_late_in_a_long_text_is_found(both_apps):
    body = (
        "the consultation of the group " * 5_000
        + "an amber lighthouse of the group 共识没有 in the bay"
    )
    for query, is_found in (
        ('"amber lighthouse"', True),
        ('"lighthouse of the group"', True),
        ('"of the group in"', False),
        ('"lighthouse amber"', False),
        ("共识没有", True),
        ("没有共识", False),
        ('"in the bay"', True),
    ):
        answers = [fill_and_ask(app, [body], ["Title"], query) for app in both_apps]
        assert answers == [([1], [1]) if is_found else ([], [])] * 2, query
