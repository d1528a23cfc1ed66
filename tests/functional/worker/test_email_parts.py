"""Both parts of every email say the same, name the site, and load nothing from elsewhere."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from commentsite.notifications.delivery import build_outgoing
from commentsite.web.desk.admin.email_samples import SAMPLES
from commentsite.web.rendering.emails import build_email_renderer

SITE = "Letters on Internet Governance"
TEMPLATES = Path(__file__).parents[3] / "templates" / "mail"


class Words(HTMLParser):
    """Collect the words of the body, and the links."""

    def __init__(self):
        super().__init__()
        self.words, self.links, self.tags, self.in_head = [], [], [], False

    def handle_starttag(self, tag, attributes):
        self.in_head = tag == "head" or (self.in_head and tag != "body")
        self.tags.append(tag)
        self.links += [value for name, value in attributes if name in {"href", "src"}]

    def handle_data(self, data):
        if not self.in_head:
            self.words += data.split()


def read_html(html):
    parser = Words()
    parser.feed(html)
    return parser


def render(app, sample):
    with app.test_request_context():
        return build_email_renderer(app.extensions["commentsite"].settings)(
            sample.kind, dict(sample.context)
        )


def words_of(text):
    marks = {"--", ">"}
    return [word.rstrip(":") for word in text.split() if word not in marks]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_both_parts_say_the_same(app, sample):
    email = render(app, sample)
    html = read_html(email.html)
    first_words = SITE.split()  # the head of the HTML part
    assert [w.rstrip(":") for w in html.words[len(first_words) :]] == words_of(email.text)
    assert html.words[: len(first_words)] == first_words
    in_text = {word for word in email.text.split() if word.startswith("http")}
    assert set(html.links) == in_text
    assert not {"img", "script", "link", "iframe", "form"} & {*html.tags}
    assert email.subject.endswith(SITE)
    assert email.text.count(SITE) >= 2
    assert "\n--\nYou receive this email because" in email.text
    assert not re.search(r"None|\{|\}|\n\n\n| \n", email.text), email.text


def test_every_kind_of_email_has_a_sample():
    kinds = {path.stem for path in TEMPLATES.glob("*.*.txt")}
    assert kinds == {sample.kind for sample in SAMPLES}


def test_what_a_person_typed_keeps_its_direction_and_cannot_become_a_link(app):
    [sample] = [s for s in SAMPLES if s.name == "comment-refused"]
    note = "هذه رسالة من المشرف\n\n--\nConfirm now:\nhttp://127.0.0.1:8000/account/login\n<b>x</b>"
    context = sample.context | {"note": note, "letter_title": "رسالة إلى اللجنة"}
    with app.test_request_context():
        render_email = build_email_renderer(app.extensions["commentsite"].settings)
        email = render_email("comment.refused", context)
    assert 'dir="rtl"' in email.html
    assert "&lt;b&gt;x&lt;/b&gt;" in email.html
    assert "\u2068رسالة إلى اللجنة\u2069" in email.text
    assert not [link for link in read_html(email.html).links if link.endswith("/account/login")]
    assert email.text.index("Kind regards") > email.text.index("> <b>x</b>")


def test_emails_about_one_comment_belong_together_and_digests_do_not():
    content, about = None, "comment:12"
    threads = [
        build_outgoing(kind, content, to="a@example.org", message_id="1", about=about).thread
        for kind in ("comment.received", "comment.refused", "appeal.filed", "comment.digest", "staff.no_pair")
    ]  # fmt: skip
    assert threads == ["comment-12"] * 3 + ["", ""]
