"""A planted email address and network address appear nowhere outside the encrypted columns."""

import re

from commentsite.worker import tasks
from tests.support.clients import fill_comment_form, publish, submit

EMAIL, ADDRESS = "canary.bird@example.org", "198.51.100.77"
PUBLIC = [
    "/",
    "/letters/",
    "/search?q=canary",
    "/letters/hello",
    "/letters/hello/comments/1",
    "/letters/hello/feed.atom",
    "/feed.atom",
    "/sitemap.xml",
    "/transparency",
    "/transparency.csv",
    "/transparency.json",
    "/privacy",
]


def test_addresses_are_in_no_answer_no_log_and_no_file(app, client, moderator, log_lines):
    form = fill_comment_form(client, email=EMAIL)
    sent = client.post("/letters/hello/comments", data=form, environ_base={"REMOTE_ADDR": ADDRESS})
    receipt = sent.headers["Location"]
    publish(moderator)
    tasks.run_pass(app)
    answers = {address: client.get(address).data for address in [*PUBLIC, receipt]}
    answers |= {a: moderator.get(a).data for a in ("/desk/", "/desk/moderation/1", "/desk/audit/")}
    refused = fill_comment_form(client, email=EMAIL, body="Other words.", stakeholder_group="")
    client.post("/letters/hello/comments", data=refused, environ_base={"REMOTE_ADDR": ADDRESS})
    for where, body in answers.items():
        assert b"canary.bird" not in body, where
        assert ADDRESS.encode() not in body, where
    assert "canary.bird" not in log_lines()
    assert ADDRESS not in log_lines()
    folder = app.extensions["commentsite"].settings.instance
    files = [p for p in folder.rglob("*") if p.is_file() and p.suffix != ".eml"]
    assert {p.name for p in files} >= {"commentsite.db"}
    for path in files:
        assert not re.search(rb"canary.bird|198\.51\.100\.77", path.read_bytes()), path.name


def test_an_address_searched_for_in_the_desk_finds_nobody(client, moderator):
    submit(client, email=EMAIL)
    page = moderator.get("/desk/moderation/?q=canary.bird").text
    assert "No comment matches these filters." in page
