"""A submission normalises its text once, with the same result as the sanitizer."""

from hypothesis import given
from hypothesis import strategies as st

from commentsite.comments.hashing import hash_text
from commentsite.comments.sanitizer import render_comment_html
from commentsite.comments.submission import Submission
from commentsite.text.plain_text import clean_text


def build_submission(body):
    return Submission(
        name="Ada",
        email="ada@example.org",
        stakeholder_group="CIV",
        organisation="",
        capacity="personal",
        body=body,
        kind="general",
        paragraphs=(),
        stance="none",
        parent_id=None,
        notify_of_replies=False,
        honeypot="",
        form_age=60.0,
        network_address=None,
    )


@given(st.text(alphabet=st.sampled_from("aB*_<é\u0301\u200b\u202e\r\n\t \u3000漢"), max_size=80))
def test_a_submission_normalises_its_text_as_the_sanitizer_does(body):
    submission = build_submission(body)
    assert submission.clean_body == clean_text(body) == clean_text(submission.clean_body)
    assert submission.body_html == render_comment_html(body)
    assert submission.body_hash == hash_text(body)


def test_each_form_of_the_text_is_computed_once():
    submission = build_submission("One *text*.")
    assert submission.body_html is submission.body_html
    assert submission.body_hash == build_submission("  one   *TEXT*. ").body_hash
    assert submission == build_submission("One *text*.")
