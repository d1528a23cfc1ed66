"""Files as each system writes them give the comments that its own database has, each by id.

The content is invented. The peculiarities of each file were seen in a real export of the program.
"""

import json

import pytest
from sqlalchemy import select

from commentsite.comments.models import Comment
from commentsite.db.session import session
from commentsite.exchange.models import ImportedComment, ImportedLetter
from commentsite.letters.models import Letter
from commentsite.web.context import runtime
from tests.support.commands import run_command
from tests.support.exports import DISQUS, disqus_post, waline, waline_comment, wp_comment, wxr

ISSO = r"""PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256) UNIQUE, title VARCHAR(256));
INSERT INTO threads VALUES(1,'/water/','Water');
INSERT INTO threads VALUES(2,'/q?id=7&x=ü','Salt & <pepper>');
CREATE TABLE comments (tid REFERENCES threads(id), id INTEGER PRIMARY KEY, parent INTEGER, created FLOAT NOT NULL,
 modified FLOAT, mode INTEGER, remote_addr VARCHAR, text VARCHAR NOT NULL, author VARCHAR, email VARCHAR, voters BLOB);
INSERT INTO comments VALUES(1,1,NULL,1577872800.25,1577872900.5,1,'127.0.0.0',replace('*Yes*\n\n> and <b>','\n',char(10)),'Lena &lt;L&gt; &amp; Co','l@example.org',X'00');
INSERT INTO comments VALUES(1,3,1,1577872800.5,NULL,1,'127.0.0.0','Flat','O''Neil "X"',NULL,X'00');
INSERT INTO comments VALUES(1,6,NULL,1577872800.75,NULL,2,'127.0.0.0','Waits',NULL,NULL,X'00');
INSERT INTO comments VALUES(1,7,NULL,1577872801.0,NULL,4,'127.0.0.0','',NULL,'left@example.org',X'00');
INSERT INTO comments VALUES(2,8,NULL,1577872802.0,NULL,1,'127.0.0.0','نعم','ليلى',NULL,X'00');
INSERT INTO comments VALUES(1,9,7,1577872803.0,NULL,1,'127.0.0.0','Below','Ivo',NULL,X'00');
CREATE TRIGGER remove_stale_threads AFTER DELETE ON comments BEGIN DELETE FROM threads WHERE id NOT IN (SELECT tid FROM comments); END;
COMMIT;
"""


def remark42():
    def comment(number, parent="", **changes):
        return {
            "id": number,
            "pid": parent,
            "text": "<p>So</p>\n",
            "orig": "So",
            "user": {"name": "Ivo Ivić", "id": "anonymous_1", "ip": "a" * 40},
            "locator": {"site": "s", "url": "https://old.example/water/"},
            "score": 0,
            "time": "2020-01-01T10:00:00.25Z",
            "title": "Water",
        } | changes

    gone = {"text": "", "orig": "", "delete": True}
    elsewhere = {"locator": {"site": "s", "url": "https://old.example/salt/"}}
    edit = {"time": "2020-01-01T11:00:00Z", "summary": ""}
    lines = [
        {"version": 1, "users": [{"id": "anonymous_1", "blocked": {"status": True}}], "posts": []},
        comment("c1", edit=edit, pin=True),
        comment("c2", "c1", votes=None),
        comment("c3", "c2", **gone),
        comment("c4", "c3"),
        comment("c5", **elsewhere),
    ]
    return "\n".join(json.dumps(line) for line in lines) + "\n"


def twikoo():
    def comment(number, **changes):
        return {
            "_id": number,
            "nick": "Ивана",
            "mail": "i@example.org",
            "url": "/water/",
            "comment": "<p>R&amp;D</p>",
            "created": 1_577_872_800_250,
        } | changes

    return json.dumps(
        [
            comment("t1", top=True, like=["x"]),
            comment("t2", pid="t1", rid="t1"),
            comment("t3", pid="gone", rid="gone"),
            comment("t4", isSpam=True),
            comment("t5", nick="匿名", mail="", url="/salt/?x=ü"),
        ]
    )


def xtd(*, is_natural=False):
    texts, places = [], []
    for number, parent, is_public, is_removed, user in (
        (1, 1, True, False, None),
        (2, 1, True, False, 4),
        (3, 3, True, True, None),
        (4, 3, False, False, None),
        (5, 4, False, False, None),
        (6, 6, False, False, None),
    ):
        fields = {
            "content_type": ["blog", "entry"] if is_natural else 3,
            "object_pk": "1",
            "user": ["ivo"] if user and is_natural else user,
            "user_name": "" if user else "Ivana",
            "user_email": "" if user else "i@example.org",
            "comment": "So <b>raw</b>",
            "submit_date": "2020-01-01T10:00:00.250Z",
            "ip_address": "192.0.2.1",
            "is_public": is_public,
            "is_removed": is_removed,
        }
        texts.append({"model": "django_comments.comment", "pk": number, "fields": fields})
        place = {"thread_id": 1, "parent_id": parent}
        places.append({"model": "django_comments_xtd.xtdcomment", "pk": number, "fields": place})
    kind = {"app_label": "blog", "model": "entry"}
    user = {"username": "ivo", "first_name": "Ivo", "last_name": "Ivić", "email": "ivo@example.org"}
    others = [
        {"model": "contenttypes.contenttype", "pk": 3, "fields": kind},
        {"model": "auth.user", "pk": 4, "fields": user},
    ]
    return json.dumps([*texts, *places, *([] if is_natural else others)])


def plone():
    def comment(number, parent=None):
        return {
            "comment_id": number,
            "in_reply_to": parent,
            "author_name": "Ivana <I>",
            "author_username": None,
            "text": {"data": "So <b>raw</b>\r\n\r\nR&D", "mime-type": "text/plain"},
            "creation_date": "2020-01-01T10:00:00+00:00",
        }

    items = [comment("10"), comment("11", "10"), comment("12", "11")]
    conversation = {"@id": "https://old.example/water", "items_total": 3, "items": items}
    return json.dumps([{"uuid": "0a" * 16, "conversation": conversation}])


def mails(separator, *messages):
    """Write an archive. A message has an id, a sender, what it answers, and a text."""
    return "".join(
        f"From {separator}\nFrom: {sender}\nTo: list@example.org\nSubject: Water\n"
        f"Date: Wed, 01 Jan 2020 11:00:00 +0100\nMessage-ID: <{number}@l>\n{headers}\n{text}\n\n"
        for number, sender, headers, text in messages
    )


HYPERKITTY = mails(
    "p@example.org Sat Nov 28 14:17:24 2026",
    ("m1", "Ivana <i@example.org>", "", "First\n\n>From here"),
    ("m2", '"Salt & Co" <s@example.org>', "In-Reply-To: <m1@l>\n", "> First\nYes"),
    ("m3", "=?utf-8?b?2YTZitmE2Yk=?= <l@example.org>", "In-Reply-To: <m2@l>\n", "So"),
    ("m4", "bare@example.org", "In-Reply-To: <m1@l>\n", "So"),
    ("m5", "Gina via List <list@example.org>", "In-Reply-To: <m1@l>\n", "Through the list"),
    ("m6", "Dora <d@example.org>", "In-Reply-To: <lost@l>\n", "Its parent is not here"),
)
PUBLIC_INBOX = mails(
    "mboxrd@z Thu Jan  1 00:00:00 1970",
    ("m1", "Ivana <i@example.org>", "", "First"),
    ("m2", "Ivo <v@example.org>", "In-Reply-To: <m1@l>\nReferences: <m1@l>\n", ">From A\n>>From B\nFrom: C"),
    ("m3", "Dora <d@example.org>", "In-Reply-To: <lost@l>\nReferences: <m1@l> <lost@l>\n", "So"),
)  # fmt: skip
WALINE = waline(
    waline_comment(1, like=1),
    waline_comment(2, pid=1, rid=1),
    waline_comment(4, pid=3, rid=1),
    waline_comment(5, status="waiting", nick="Ivana <I>"),
    waline_comment(6, status="spam", url="/salt/?x=ü"),
)
#: system, file, options, and the comments: id, state, id of the parent, name, address, time of 1 January 2020
CASES = {
    "isso": ("isso", ISSO, (), [
        ("1", "published", None, "Lena <L> & Co", "l@example.org", "10:00:00.250"),
        ("3", "published", "1", 'O\'Neil "X"', None, "10:00:00.500"),
        ("6", "pending", None, "Anonymous", None, "10:00:00.750"),
        ("7", "withdrawn", None, "", None, "10:00:01.000"),
        ("8", "published", None, "ليلى", None, "10:00:02.000"),
        ("9", "published", "7", "Ivo", None, "10:00:03.000"),
    ]),
    "remark42": ("remark42", remark42(), (), [
        ("c1", "published", None, "Ivo Ivić", None, "10:00:00.250"),
        ("c2", "published", "c1", "Ivo Ivić", None, "10:00:00.250"),
        ("c3", "withdrawn", "c2", "", None, "10:00:00.250"),
        ("c4", "published", "c3", "Ivo Ivić", None, "10:00:00.250"),
        ("c5", "published", None, "Ivo Ivić", None, "10:00:00.250"),
    ]),
    "twikoo": ("twikoo", twikoo(), (), [
        ("t1", "published", None, "Ивана", "i@example.org", "10:00:00.250"),
        ("t2", "published", "t1", "Ивана", "i@example.org", "10:00:00.250"),
        ("t3", "published", None, "Ивана", "i@example.org", "10:00:00.250"),
        ("t4", "pending", None, "Ивана", "i@example.org", "10:00:00.250"),
        ("t5", "published", None, "匿名", None, "10:00:00.250"),
    ]),
    "waline": ("waline", WALINE, ("--time-zone", "Asia/Shanghai"), [
        ("1", "published", None, "Petra", "p@example.org", "10:00:00.000"),
        ("2", "published", "1", "Petra", "p@example.org", "10:00:00.000"),
        ("4", "published", "1", "Petra", "p@example.org", "10:00:00.000"),
        ("5", "pending", None, "Ivana <I>", "p@example.org", "10:00:00.000"),
        ("6", "spam", None, "Petra", "p@example.org", "10:00:00.000"),
    ]),
    "django-comments-xtd": ("django-comments-xtd", xtd(), (), [
        ("1", "published", None, "Ivana", "i@example.org", "10:00:00.250"),
        ("2", "published", "1", "Ivo Ivić", "ivo@example.org", "10:00:00.250"),
        ("3", "withdrawn", None, "", None, "10:00:00.250"),
        ("4", "refused", "3", "Ivana", "i@example.org", "10:00:00.250"),
        ("5", "refused", "4", "Ivana", "i@example.org", "10:00:00.250"),
        ("6", "pending", None, "Ivana", "i@example.org", "10:00:00.250"),
    ]),
    "django-comments-xtd with natural keys": ("django-comments-xtd", xtd(is_natural=True), (), [
        ("1", "published", None, "Ivana", "i@example.org", "10:00:00.250"),
        ("2", "published", "1", "ivo", None, "10:00:00.250"),
        ("3", "withdrawn", None, "", None, "10:00:00.250"),
        ("4", "refused", "3", "Ivana", "i@example.org", "10:00:00.250"),
        ("5", "refused", "4", "Ivana", "i@example.org", "10:00:00.250"),
        ("6", "pending", None, "Ivana", "i@example.org", "10:00:00.250"),
    ]),
    "plone": ("plone", plone(), (), [
        ("10", "pending", None, "Ivana <I>", None, "10:00:00.000"),
        ("11", "pending", "10", "Ivana <I>", None, "10:00:00.000"),
        ("12", "pending", "11", "Ivana <I>", None, "10:00:00.000"),
    ]),
    "HyperKitty": ("mbox", HYPERKITTY, (), [
        ("<m2@l>", "published", None, "Salt & Co", "s@example.org", "10:00:00.000"),
        ("<m3@l>", "published", "<m2@l>", "ليلى", "l@example.org", "10:00:00.000"),
        ("<m4@l>", "published", None, "bare@example.org", "bare@example.org", "10:00:00.000"),
        ("<m5@l>", "published", None, "Gina via List", None, "10:00:00.000"),
    ]),
    "public-inbox": ("mbox", PUBLIC_INBOX, (), [
        ("<m2@l>", "published", None, "Ivo", "v@example.org", "10:00:00.000"),
        ("<m3@l>", "published", None, "Dora", "d@example.org", "10:00:00.000"),
    ]),
    "disqus": ("disqus", DISQUS.format(posts="".join([
        disqus_post(1),
        disqus_post(2, spam="true"),
        disqus_post(3, deleted="true"),
        disqus_post(4, parent=3),
        disqus_post(5, parent=4),
    ])), (), [
        ("1", "published", None, "Petra", None, "10:00:00.000"),
        ("2", "spam", None, "Petra", None, "10:00:00.000"),
        ("3", "withdrawn", None, "", None, "10:00:00.000"),
        ("4", "published", "3", "Petra", None, "10:00:00.000"),
        ("5", "published", "4", "Petra", None, "10:00:00.000"),
    ]),
}  # fmt: skip


def import_file(app, tmp_path, system, content, *options):
    file = tmp_path / "export"
    file.write_text(content, encoding="utf-8", newline="")
    result = run_command(app, "import", system, file, *options)
    assert result.exit_code == 0, result.output


def read_imported():
    """Return id, state, id of the parent, name, address and time of each imported comment."""
    query = select(ImportedComment.source_id, Comment).join(
        Comment, Comment.id == ImportedComment.comment_id
    )
    rows = session().execute(query.order_by(ImportedComment.source_id)).all()
    source_ids = {comment.id: source_id for source_id, comment in rows}
    return [
        (
            source_id,
            str(one.state),
            source_ids.get(one.parent_id),
            one.name,
            runtime().encryption.decrypt(one.email_sealed) if one.email_sealed else None,
            one.submitted_at.isoformat(timespec="milliseconds")[11:23],
        )
        for source_id, one in rows
    ]


@pytest.mark.parametrize("case", CASES)
def test_every_comment_has_its_state_place_author_and_time(app, tmp_path, case):
    system, content, options, expected = CASES[case]
    import_file(app, tmp_path, system, content, *options)
    with app.app_context():
        assert read_imported() == sorted(expected)


def test_each_message_without_a_parent_in_the_archive_is_a_letter(app, tmp_path):
    import_file(app, tmp_path, "mbox", HYPERKITTY)
    with app.app_context():
        query = select(ImportedLetter.source_id, Letter.state).join(Letter)
        states = {number: str(state) for number, state in session().execute(query)}
        assert states == {"<m1@l>": "draft", "<m6@l>": "draft"}


def test_lines_of_a_mail_in_public_inbox_read_as_they_were_sent(app, tmp_path):
    import_file(app, tmp_path, "mbox", PUBLIC_INBOX)
    with app.app_context():
        html = session().scalars(select(Comment.body_html).where(Comment.name == "Ivo")).one()
        assert html == "<p>From A<br>\n&gt;From B<br>\nFrom: C</p>"


def test_a_second_export_of_wordpress_adds_its_new_comments_alone(app, tmp_path):
    """A person who writes at two moments, or as two people at one moment, is never taken for another."""
    import_file(app, tmp_path, "wordpress", wxr(wp_comment(21, text="One")))
    second = wxr(wp_comment(21, text="One"), wp_comment(22, text="Two"), wp_comment(23, parent=5))
    import_file(app, tmp_path, "wordpress", second)
    with app.app_context():
        assert [(row[0], row[2]) for row in read_imported()] == [
            ("21", None),
            ("22", None),
            ("23", None),
        ]
