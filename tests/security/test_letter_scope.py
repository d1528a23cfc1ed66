"""Staff who look after certain letters learn and change nothing about comments and letters besides."""

import pytest

from commentsite import clock
from commentsite.accounts.permissions import ROLE_PERMISSIONS, SYSTEM, Actor, RoleName
from commentsite.accounts.queries import build_actor, find_staff_by_email
from commentsite.accounts.services import limit_to_letters
from commentsite.comments.models import Comment
from commentsite.comments.staff_replies import publish_staff_reply
from commentsite.comments.states import CommentState
from commentsite.db.session import session, transaction
from commentsite.errors import NotAllowed
from commentsite.letters.models import Letter
from commentsite.moderation import anonymity, claims
from commentsite.moderation.bulk.services import create_batch
from commentsite.moderation.decisions import services as decisions
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.decisions.undo import undo_decision
from commentsite.moderation.models import Decision, QualityReview
from commentsite.moderation.quality.services import submit_review
from commentsite.moderation.queue.notes import add_note
from commentsite.notifications.models import Message, MessageState
from commentsite.site.queries import load_site
from tests.support.appeals import file_appeal
from tests.support.clients import add_and_sign_in, fetch_csrf_token, submit_for_receipt
from tests.support.factories import (
    create_actor,
    encryption_of,
    mark_published,
    publish_sample_letter,
    record_decision,
    store_numbered_comment,
)

TITLE, NAME, WORDS = "Orchards in winter", "Quillon Farwell", "persimmons ripen after frost"
#: What a page must not hold: it belongs to the letter that the staff does not look after.
SECRETS = (TITLE, NAME, WORDS, "quillon")
#: Arguments of the desk's addresses that name nothing of a letter.
OTHER_ARGUMENTS = {
    "action",
    "user_id",
    "invitation_id",
    "session_id",
    "sanction_id",
    "token_id",
    "page_id",
    "run_id",
    "number",
    "webhook_id",
    "delivery_id",
    "holder_id",
    "inquiry_id",
    "question_id",
    "position_id",
    "alternative_id",
    "objection_id",
}


@pytest.fixture
def site(app, client):
    """Letter 1, and letter 2 with a comment in each state, an appeal, a review and a failed email."""
    with app.app_context():
        publish_sample_letter("other")
        with transaction():
            session().get(Letter, 2).title = TITLE
    receipt = submit_for_receipt(
        client, "other", name=NAME, body=WORDS, email="quillon@example.org"
    )
    with app.app_context():
        judge = create_actor("Judge")
        record_decision(app, 1, "refuse", by=judge)
    assert file_appeal(client, receipt).status_code == 303
    with app.app_context():
        store_numbered_comment(app, 2, name="Ann Nearby", body="A word on the first letter.")
        for number, state in enumerate(CommentState, 3):
            body = f"{WORDS} {number}"
            store_numbered_comment(app, number, "other", name=f"{NAME} {number}", body=body)
            with transaction():
                session().get(Comment, number).state = state
        published = store_numbered_comment(app, 20, "other", name=NAME, body=WORDS).id
        mark_published(published)
        decision = session().query(Decision).first()
        with transaction():
            session().add(
                QualityReview(
                    month="2026-01", comment_id=1, decision_id=decision.id, drawn_at=clock.now()
                )
            )
            for message in session().query(Message).filter(Message.about != "comment:2"):
                message.state = MessageState.FAILED
    return app


@pytest.fixture(params=["moderator", "editor"])
def scoped(request, site):
    """Staff of letter 1, with the number of a selection that holds comments of letter 2."""
    email = "scoped@staff.example"
    staff = add_and_sign_in(site, request.param, email, "Sam Scoped")
    with site.app_context():
        user = find_staff_by_email(email)
        with transaction():
            batch = create_batch(
                [(n, 1) for n in range(1, 12)], matching_count=11, by=build_actor(user)
            )
            key = batch.key
        with transaction():
            limit_to_letters(user.id, frozenset({1}), by=SYSTEM)
    staff.batch_key = key
    return staff


def foreign_ids(site, key: str) -> dict[str, list]:
    """Return, by the name of an argument, all objects of letter 2."""
    with site.app_context():
        comments = [c.id for c in session().query(Comment).filter_by(letter_id=2)]
        messages = [m.id for m in session().query(Message).filter_by(state=MessageState.FAILED)]
    return {
        "slug": ["other"],
        "comment_id": comments,
        "appeal_id": [1],
        "decision_id": [1],
        "review_id": [1],
        "import_id": [1],
        "allowance_id": [1],
        "note_id": [1],  # a prepared note belongs to no letter
        "name": [f"{0:064}.png"],  # of a picture
        "message_id": messages,
        "interest_id": [1],
        "number": [1],
        "permission_id": [1],
        "key": [key],
    }


def list_requests(site, key: str):
    """Yield method and address of each route of the desk, for each object of letter 2."""
    foreign = foreign_ids(site, key)
    for rule in site.url_map.iter_rules():
        if not rule.rule.startswith("/desk/"):
            continue
        named = rule.arguments & foreign.keys()
        unknown = rule.arguments - foreign.keys() - OTHER_ARGUMENTS
        assert not unknown, f"{rule}: add an object of another letter to this test"
        for number in range(max((len(foreign[name]) for name in named), default=1)):
            values = {name: foreign[name][number % len(foreign[name])] for name in named}
            values |= dict.fromkeys(rule.arguments - named, "999")
            with site.test_request_context():
                address = rule.build(values)[1]
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield method, address, bool(named - {"key", "interest_id"})


def count_rows(site):
    with site.app_context():
        states = [
            (c.id, str(c.state), c.version)
            for c in session().query(Comment).filter_by(letter_id=2).order_by(Comment.id)
        ]
        reviews = [r.verdict for r in session().query(QualityReview)]
        return states, reviews, session().query(Decision).filter(Decision.comment_id != 2).count()


def test_no_route_of_the_desk_tells_or_changes_anything_of_another_letter(site, scoped):
    token, before, tried = fetch_csrf_token(scoped), count_rows(site), 0
    fields = {
        "csrf_token": token,
        "comment": [f"{n}@{v}" for n in range(1, 12) for v in (1, 2)],
        "letter": "2",
        "verdict": "publish",
        "words": "Some words of mine.",
        "outcome": "overturned",
        "facts": "These are the facts.",
        "act": "verify",
    }
    for method, address, names_an_object in list_requests(site, scoped.batch_key):
        data = fields if method == "POST" else None
        answer = scoped.open(address, method=method, data=data, follow_redirects=True)
        tried += 1
        for secret in SECRETS:
            assert secret not in answer.text, f"{method} {address} tells {secret}"
        if names_an_object:
            assert answer.status_code in {403, 404}, f"{method} {address}: {answer.status_code}"
    assert tried > 150
    assert count_rows(site) == before


@pytest.mark.parametrize(
    "query",
    ["?letter=other", "?q=persimmons", "?q=quillon@example.org", "?q=Farwell", "?after=1",
     "?state=published&q=persimmons", "?waiting=second", "?reported=yes", "?mine=yes", "?done=1"],
)  # fmt: skip
def test_no_view_of_the_queue_finds_a_comment_of_another_letter(scoped, query):
    page = scoped.get(f"/desk/moderation/{query}").text.replace("quillon@example.org", "")
    for secret in SECRETS:
        assert secret not in page.replace("persimmons", "")


def test_a_selection_and_its_results_name_no_comment_of_another_letter(site, scoped):
    token = fetch_csrf_token(scoped)
    mixed = {"comment": ["1@2", "2@1", "3@1"], "csrf_token": token, "verdict": "publish"}
    for address in ("/desk/moderation/many/", "/desk/moderation/decisions"):
        answer = scoped.post(address, data=mixed, follow_redirects=True)
        for secret in SECRETS:
            assert secret not in answer.text
    # This selection was stored while the staff looked after all letters.
    decided = {"verdict": "publish", "csrf_token": token}
    results = scoped.post(
        f"/desk/moderation/many/{scoped.batch_key}", data=decided, follow_redirects=True
    ).text
    assert "limited to certain letters" in results
    for secret in SECRETS:
        assert secret not in results


def test_every_service_that_acts_on_a_comment_checks_its_letter(site):
    """The routes check too. A route that forgets must change nothing."""

    encryption = encryption_of(site)
    by = Actor(
        "user:9", ROLE_PERMISSIONS[RoleName.STEWARD], 9, "N", "n@staff.example",
        letter_ids=frozenset({1}),
    )  # fmt: skip
    acts = (
        lambda: decisions.decide(
            1, 2, Verdict.PUBLISH, rule="", note="", by=by, encryption=encryption
        ),
        lambda: decisions.dismiss_reports(1, by=by, encryption=encryption),
        lambda: undo_decision(1, by=by, encryption=encryption),
        lambda: claims.claim_case(1, by=by),
        lambda: add_note(1, "Words.", by=by),
        lambda: publish_staff_reply(1, "Words.", site=load_site(), encryption=encryption, by=by),
        lambda: anonymity.reveal_author(1, by=by),
        lambda: submit_review(1, "publish", rule="", by=by, encryption=encryption),
    )
    with site.app_context():
        for act in acts:
            with pytest.raises(NotAllowed, match="limited to certain letters"), transaction():
                act()
