"""A submission normalises its text once, and comes to the same as the text typed would."""

from hypothesis import given
from hypothesis import strategies as st

from commentsite.comments.hashing import hash_text
from commentsite.comments.sanitizer import clean_text, render_comment_html
from commentsite.comments.submission import Submission


def typed(body):
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
def test_what_is_stored_shown_and_compared_is_that_of_the_text_typed(body):
    sent = typed(body)
    assert sent.clean_body == clean_text(body) == clean_text(sent.clean_body)
    assert sent.body_html == render_comment_html(body)
    assert sent.body_hash == hash_text(body)


def test_each_form_of_the_text_is_made_once():
    sent = typed("One *text*.")
    assert sent.body_html is sent.body_html
    assert sent.body_hash == typed("  one   *TEXT*. ").body_hash
    assert sent == typed("One *text*.")
