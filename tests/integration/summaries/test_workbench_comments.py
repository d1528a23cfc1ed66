"""The comments that the workbench of a record lists, on both databases."""

import pytest

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM
from commentsite.comments.models import Comment, CommentTarget
from commentsite.db.session import session, transaction
from commentsite.errors import Conflict, Invalid
from commentsite.letters.queries import get_public_letter
from commentsite.letters.text.queries import list_current_blocks
from commentsite.summaries.alternatives import services as alternatives
from commentsite.summaries.alternatives.queries import list_alternatives_of_erased
from commentsite.summaries.models import Alternative
from commentsite.summaries.positions import queries, services
from commentsite.summaries.positions.queries import CommentChoice
from commentsite.summaries.queries import find_summary, list_letter_ids
from tests.support.factories import mark_published, publish_sample_letter, store_numbered_comment


def list_pages(summary, choice=CommentChoice(), limit=3):  # noqa: B008  # never changed
    pages, after = [], None
    while True:
        page = queries.load_comment_page(
            summary, list_letter_ids(summary), choice, after=after, limit=limit
        )
        pages.append([comment.id for comment in page.comments])
        after = page.next_after
        if after is None:
            return pages


def test_pages_of_a_consultation_have_each_text_once_and_follow_its_letters(any_app):
    publish_sample_letter("other")
    pid = next(b.pid for b in list_current_blocks(get_public_letter("hello")) if b.pid)
    for number in range(1, 9):
        slug = "other" if number % 4 == 0 else "hello"
        store_numbered_comment(
            any_app, number, slug, stakeholder_group="GOV" if number < 4 else "CIV"
        )
        mark_published(number)
    with transaction():
        for number in (2, 3):
            session().add(CommentTarget(comment_id=number, position=0, pid=pid, stance="oppose"))
        session().get(Comment, 6).representative_id = 5
        session().get(Comment, 7).kind = "omission"
        reply = session().get(Comment, 1)
        reply.author_role, reply.parent_id, reply.email_confirmed_at = "staff", 2, clock.now()
        services.create_summary("hello", by=SYSTEM)
        services.set_letters("hello", 1, ["/letters/other"], by=SYSTEM)
        question = services.add_question("hello", "Which?", [pid], by=SYSTEM)
        position = services.add_position("hello", question.id, "This one", by=SYSTEM)
        services.add_comment("hello", position.id, 2, by=SYSTEM)
        with pytest.raises(Invalid):  # the staff is no group
            services.add_comment("hello", position.id, 1, by=SYSTEM)
    summary = find_summary(1)
    assert list_pages(summary) == [[2, 3, 5], [7, 4, 8]]
    for choice, ids in (
        (CommentChoice(use="unused"), [3, 5, 7, 4, 8]),
        (CommentChoice(use="merged"), [2]),
        (CommentChoice(paragraph=pid, stance="oppose"), [2, 3]),
        (CommentChoice(paragraph="omissions"), [7]),
        (CommentChoice(paragraph="whole", group="CIV"), [5, 4, 8]),
        (CommentChoice(stance="oppose", group="GOV"), [2, 3]),
        (CommentChoice(q="number"), [2, 3, 5, 7, 4, 8]),
    ):
        assert list_pages(summary, choice, limit=50) == [ids], choice
        assert queries.count_comments(summary, (1, 2), choice) == len(ids), choice
    assert queries.load_evidence_facts(summary.id)[position.id].people == 1
    with transaction():
        find_summary(1).published_version = 1  # about both letters
    with pytest.raises(Conflict), transaction():
        services.set_letters("hello", 2, [], by=SYSTEM)


def test_the_words_of_an_erased_comment_leave_the_record(any_app):
    pid = next(b.pid for b in list_current_blocks(get_public_letter("hello")) if b.pid)
    store_numbered_comment(any_app, 1)
    mark_published(1)
    with transaction():
        session().get(Comment, 1).quote_as = "name"
        services.create_summary("hello", by=SYSTEM)
        question = services.add_question("hello", "Which?", [], by=SYSTEM)
        position = services.add_position("hello", question.id, "This one", by=SYSTEM)
        services.quote_comment("hello", position.id, 1, "Text number", by=SYSTEM)
        alternative = alternatives.add_alternative(
            "hello", pid=pid, text="Better words.", group="", name="", comment_id=1, by=SYSTEM
        )
    assert alternative.proposer_name == "Name 1"
    with transaction():
        session().get(Comment, 1).erased_at = clock.now()
    for queue, erase in (
        (queries.list_quotations_of_erased, services.erase_quotations),
        (list_alternatives_of_erased, alternatives.erase_proposers),
    ):
        with transaction():
            assert erase(clock.now()) == 1
        assert queue(clock.now()) == []
    assert queries.find_evidence(position.id, 1).quotation == ""
    erased = session().get(Alternative, alternative.id)
    assert (erased.proposer_name, erased.proposer_group) == ("", "")
