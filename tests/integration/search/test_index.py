"""The search index contains public text only, on both databases."""

from contextlib import contextmanager
from itertools import product

import pytest
from sqlalchemy import select, text

from commentsite.accounts.permissions import READER, SYSTEM
from commentsite.cli import maintenance
from commentsite.comments import search
from commentsite.comments.privacy import erase_comment
from commentsite.comments.queries import SearchFilters, get_comment_for_update
from commentsite.comments.search import (
    continue_rebuild,
    is_index_outdated,
    search_published,
    start_rebuild,
)
from commentsite.db.session import session, transaction
from commentsite.letters import editing
from commentsite.letters.draft import LetterDraft, PermissionDraft
from commentsite.letters.importing.services import import_letter
from commentsite.letters.publication import corrections
from commentsite.letters.queries import get_public_letter
from commentsite.letters.states import ChangeKind
from commentsite.moderation.decisions.policy import Verdict
from commentsite.search import index
from commentsite.search import queries as search_queries
from commentsite.search.index import DeskEntry, index_comments_for_desk
from commentsite.search.queries import DeskFacets, select_desk_matches
from commentsite.search.tokenizer import parse_query
from commentsite.worker.tasks import run_pass
from tests.support.clients import submit
from tests.support.commands import run_command
from tests.support.factories import publish_draft, record_decision, store_comment

TEXTS = {
    "zh": "我们在日内瓦没有达成共识，但是每个立场都应当并排印出。",
    "ar": "لم نتوصل إلى توافق في الآراء، ويجب نشر الموقفين جنبًا إلى جنب.",
    "ru": "Мы не достигли согласия, и обе позиции следует напечатать рядом.",
    "en": "We did not agree, and both positions should be printed side by side.",
}


def publish_letter_in(language, title=None):
    draft = LetterDraft(
        title=title or f"Letter {language}",
        slug=language,
        language=language,
        source_text=TEXTS[language] + "\n",
        permission=PermissionDraft("The author"),
    )
    with transaction():
        publish_draft(draft)


def find(query):
    session().rollback()
    results = search_published(query)
    return [hit.letter.slug for hit in results.letters], [
        hit.comment.id for hit in results.comments
    ]


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("共识", ["zh"]),
        ("识", ["zh"]),
        ("达成共识", ["zh"]),
        ("识共", []),
        ("توافق", ["ar"]),
        ("согласия", ["ru"]),
        ("СОГЛАС", ["ru"]),
        ("agree positions", ["en"]),
        ('"side by side"', ["en"]),
        ('"side side"', []),
        ("agree absent", []),
        ("print", ["en"]),
        ("'; DROP TABLE letter; --", []),
        ('" OR 1 NEAR(a b) * ^ :', []),
        ("\x00\u202e", []),
    ],
)
def test_letters_are_found_in_their_own_script(any_app, query, slugs):
    for language in TEXTS:
        publish_letter_in(language)
    assert find(query)[0] == slugs


def test_a_match_in_the_title_ranks_higher(any_app):
    publish_letter_in("en")
    with transaction():
        draft = LetterDraft(
            title="Positions", slug="titled", source_text="Other words stand here, quite a few.\n",
            permission=PermissionDraft("The author"),
        )  # fmt: skip
        publish_draft(draft)
    assert find("positions")[0] == ["titled", "en"]


def test_a_search_finds_public_text_only(any_app):
    comment = store_comment(any_app, body="A remarkable thought about interpreters.").comment
    assert find("remarkable") == ([], [])
    record_decision(any_app, comment.id, Verdict.PUBLISH)
    assert find("remarkable") == ([], [comment.id])
    record_decision(any_app, comment.id, Verdict.RESTRICT)
    assert find("remarkable") == ([], [])
    record_decision(any_app, comment.id, Verdict.RESTORE)
    with transaction():
        erase_comment(get_comment_for_update(comment.id), by=READER)
    assert find("remarkable") == ([], [])


def test_the_index_follows_the_states_of_a_letter(any_app):
    with transaction():
        draft = LetterDraft(title="Hidden", slug="hidden", source_text="A draft nobody may find.\n")
        import_letter(draft, by=SYSTEM)
    assert find("nobody")[0] == []
    publish_letter_in("en")
    with transaction():
        wording = editing.LetterContent(
            "Letter en", "", "", "We disagreed, and it was printed so.\n"
        )
        editing.save_working_copy("en", 0, wording, by=SYSTEM)
    assert find("disagreed")[0] == []
    with transaction():
        corrections.publish_correction("en", ChangeKind.SUBSTANTIVE, "Because.", by=SYSTEM)
    assert find("disagreed")[0] == ["en"]
    assert find("positions")[0] == []
    with transaction():
        corrections.withdraw_letter("en", "Because.", by=SYSTEM)
    assert find("disagreed")[0] == []


def test_a_rebuilt_index_finds_the_same(any_app, monkeypatch):
    publish_letter_in("zh")
    monkeypatch.setattr(search, "REBUILD_BATCH", 1)
    for n, body in enumerate(("A remarkable thought about interpreters.", "Another one.")):
        comment = store_comment(any_app, body=body, email=f"n{n}@example.org").comment
        record_decision(any_app, comment.id, Verdict.PUBLISH)
    before = [find(q) for q in ("共识", "remarkable", "another", "first paragraph")]
    with transaction():
        for table in index.PARTS:
            index.remove_range(table, 0, None)
    assert find("共识")[0] == []
    with transaction():
        for table in index.PARTS:
            index.save_progress(table, 0)
    while is_index_outdated():
        with transaction():
            continue_rebuild()
    assert [find(q) for q in ("共识", "remarkable", "another", "first paragraph")] == before
    with transaction():
        index.index_comment(999, "A text that is no longer public.")
        start_rebuild()
    while is_index_outdated():
        with transaction():
            continue_rebuild()
    assert find("longer") == ([], [])
    assert [find(q) for q in ("共识", "remarkable", "another", "first paragraph")] == before


def test_a_text_from_many_people_is_one_hit_with_their_number(any_app):
    campaign = (
        "We ask for a public register of every meeting, with a date and a list of those present. "
        "It should be open to everyone, free of charge, in each of the languages of the house, and "
        "kept for at least ten years after the meeting, so that later readers can see who was heard."
    )
    for n in range(5):
        body = campaign + (" Signed in Kigali." if n == 3 else "")
        comment = store_comment(any_app, body=body, email=f"n{n}@example.org").comment
        record_decision(any_app, comment.id, Verdict.PUBLISH)
    for n in range(2):
        comment = store_comment(any_app, body="Register it.", email=f"m{n}@example.org").comment
        record_decision(any_app, comment.id, Verdict.PUBLISH)
    single = store_comment(any_app, body="No register please.", email="z@example.org").comment
    record_decision(any_app, single.id, Verdict.PUBLISH)
    session().rollback()
    results = search_published("register")
    assert [(hit.comment.id, hit.senders) for hit in results.comments] == [(8, 1), (6, 2), (1, 5)]
    assert results.comments_total == 3
    assert [hit.comment.id for hit in search_published("register Kigali").comments] == [4]
    assert [
        len(search_published("register", per_page=2, comments_page=n).comments) for n in (1, 2)
    ] == [2, 1]


def test_filters_by_topic_year_and_group_narrow_letters_and_comments(any_app):
    publish_letter_in("en", title="Positions side by side")
    with transaction():
        letter = get_public_letter("en")
        letter.topics, year = ["Records"], letter.published_at.year
    comment = store_comment(any_app, body="Positions, not consensus.").comment
    record_decision(any_app, comment.id, Verdict.PUBLISH)
    group = comment.stakeholder_group

    def find_filtered(**filters):
        session().rollback()
        results = search_published("positions", filters=SearchFilters(**filters))
        return [hit.letter.slug for hit in results.letters], results.comments_total

    assert find_filtered() == find_filtered(year=year) == (["en"], 1)
    assert find_filtered(year=year - 1) == ([], 0)
    assert find_filtered(topic="records") == (["en"], 0)  # the comment is on another letter
    assert find_filtered(group=group) == (["en"], 1)  # of the author and of the commenter
    assert find_filtered(group="IGO") == ([], 0)


def test_the_worker_indexes_an_upgraded_site_again(any_app):
    publish_letter_in("zh")
    with transaction():
        for table in index.PARTS:
            index.remove_range(table, 0, None)
            index.save_progress(table, None)
        outdated = "UPDATE search_progress SET tokenizer_version = tokenizer_version - 1"
        session().execute(text(outdated))
    assert find("共识")[0] == []
    run_pass(any_app)
    assert find("共识")[0] == ["zh"]
    assert not is_index_outdated()


def test_a_comment_is_taken_between_the_transactions_of_a_rebuild(app, client, monkeypatch):
    monkeypatch.setattr(search, "REBUILD_BATCH", 1)
    answers = []

    def index_next():
        count = continue_rebuild()
        if not answers:  # another process writes as soon as this transaction ends
            events.append(lambda: answers.append(submit(client).status_code))
        return count

    events = []
    monkeypatch.setattr(maintenance, "continue_rebuild", index_next)

    @contextmanager
    def write_between(*_):
        yield lambda _count: events and events.pop()()

    monkeypatch.setattr(maintenance, "show_progress", write_between)
    result = run_command(app, "search", "rebuild")
    assert (result.exit_code, answers) == (0, [303])
    with app.app_context():
        assert not is_index_outdated()


def test_the_first_texts_of_the_desk_give_the_answer_of_its_index(any_app, monkeypatch):
    """A word of most texts is looked up in the texts themselves, which takes less time."""
    words = ("harbour lights", "the harbour", "harbourmaster", "lights of the harbour", "tides")
    facets = [DeskFacets(state, letter_id, "CIV") for state in ("pending", "published") for letter_id in (1, 11)]  # fmt: skip
    with transaction():
        index_comments_for_desk(
            [
                DeskEntry(n, facets[n % 4], f"Name {n % 7}", words[n % 5])
                for n in range(1, 41)
            ]
        )  # fmt: skip
    cases = product(
        ("harb", "harbour", "the harb", '"harbour lights"', "name har", "name 3", "tides"),
        (DeskFacets(), DeskFacets("pending"), DeskFacets(letter_id=1), DeskFacets("published", 11)),
        (1, 3, 100),
        (None, 0, 20),
        (True, False),
    )
    found = 0
    for query, wanted, limit, after_id, is_newest_first in cases:
        answers = []
        for share in (2, 10**-6):  # never, and wherever one text has the word
            monkeypatch.setattr(search_queries, "MIN_SAMPLE_SHARE", share)
            matches = select_desk_matches(
                parse_query(query), wanted, limit=limit, after_id=after_id, is_newest_first=is_newest_first,
            )  # fmt: skip
            order = matches.c.rowid.desc() if is_newest_first else matches.c.rowid
            answers.append(list(session().scalars(select(matches.c.rowid).order_by(order))))
        assert answers[0] == answers[1], (query, wanted, limit, after_id, is_newest_first)
        found += len(answers[0])
    assert found > 1_000
