"""Queued external checks are done once, on both databases and by any number of workers."""

from datetime import timedelta

from commentsite import clock
from commentsite.accounts.permissions import READER, SYSTEM
from commentsite.comments.author_actions import revise_comment
from commentsite.comments.auto_publish import auto_publish_after_confirmation
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment, get_comment_for_update
from commentsite.comments.screening.external_checks import find_check_state, run_due_checks
from commentsite.db.session import session, transaction
from commentsite.integrations.akismet import AkismetUnavailable
from commentsite.letters.publication.comment_settings import set_premoderation_policy
from commentsite.site.queries import load_site
from tests.support.audit import verify_records
from tests.support.factories import encryption_of, store_comment

BASE = "https://letters.example"


def run_external_checks(answer):
    done = run_due_checks(answer, base_url=BASE, by=SYSTEM, on_cleared=lambda comment: None)
    session().rollback()
    return done


def test_each_queued_check_is_done_once_by_one_worker(any_app):
    for n in range(3):
        store_comment(any_app, body=f"Words {n}.", has_external_check=True)
    store_comment(any_app, body="Words without an external check.")
    checked_texts, meanwhile = [], []

    def answer(request):
        checked_texts.append(request.text)
        if len(checked_texts) == 1:  # another worker runs while this one waits for the answer
            meanwhile.append(
                run_external_checks(lambda other: checked_texts.append(other.text) or False)
            )
        return request.text == "Words 1."

    assert run_external_checks(answer) == 1
    assert meanwhile == [2]
    assert sorted(checked_texts) == ["Words 0.", "Words 1.", "Words 2."]
    assert [find_check_state(get_comment(n)) for n in (1, 2, 3, 4)] == ["clean"] * 3 + [None]
    assert run_external_checks(answer) == 0


def test_a_spam_result_is_recorded_in_the_audit_log(any_app):
    comment = store_comment(any_app, has_external_check=True).comment
    assert run_external_checks(lambda _: True) == 1
    assert get_comment(comment.id).held_by_check == "akismet"
    assert verify_records() == []


def test_a_text_that_is_edited_during_the_request_is_checked_again(any_app):
    comment = store_comment(any_app, has_external_check=True).comment

    def answer(request):
        if request.text != "Better words.":
            with transaction():
                mine = get_comment_for_update(comment.id)
                revise_comment(mine, "Better words.", by=READER, site=load_site())
            return True
        return False

    assert run_external_checks(answer) == 2
    assert [r["rule"] for r in get_comment(comment.id).hold_reasons] == ["first_reading", "edited"]
    assert find_check_state(get_comment(comment.id)) == "clean"


def test_a_missing_answer_ends_the_pass_and_the_check_is_repeated_later(any_app):
    for n in range(2):
        store_comment(any_app, body=f"Words {n}.", has_external_check=True)
    checked_texts = []

    def fail(request):
        checked_texts.append(request.text)
        raise AkismetUnavailable("503")

    assert run_external_checks(fail) == 0
    assert checked_texts == ["Words 0."]
    with clock.freeze_at(clock.now() + timedelta(hours=1)):
        assert run_external_checks(lambda _: False) == 2


def test_a_comment_that_would_be_published_unread_waits_for_the_external_check(any_app):
    app = any_app
    encryption = encryption_of(app)
    with transaction():
        set_premoderation_policy("hello", "publish_and_look", by=SYSTEM)
    for words in ("Good words.", "Bad words."):
        store_comment(app, body=words, has_external_check=True)
    assert {str(c.state) for c in session().query(Comment)} == {"pending"}

    def publish_now(comment_id):
        with transaction():
            auto_publish_after_confirmation(comment_id, load_site(), encryption)

    run_due_checks(
        lambda request: "Bad" in request.text,
        base_url=BASE,
        by=SYSTEM,
        on_cleared=publish_now,
    )
    states = {c.body: str(c.state) for c in session().query(Comment)}
    assert states == {"Good words.": "published", "Bad words.": "pending"}
