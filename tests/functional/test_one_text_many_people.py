"""A campaign: one text from many people is shown once, its people counted, what they added readable."""

import re

from commentsite.comments.models import Comment, CommentSketch
from commentsite.db import session
from tests.security.test_cases import csrf, publish, submit

TEXT = (
    "I urge the working group to record both positions side by side in its report, since neither was "
    "agreed, and since those who were not in the room must be able to see what was said by whom."
)
OWN = " My own village has no connection at all."


def page_of(client, path="/letters/hello"):
    return client.get(path).get_data(as_text=True)


def send(client, later, n, body=TEXT, group="CIV"):
    return submit(
        client,
        later,
        name=f"Sender {n}",
        email=f"s{n}@example.org",
        body=body,
        stakeholder_group=group,
    )


def act(moderator, comment_id, what):
    token = csrf(page_of(moderator, f"/desk/moderation/{comment_id}"))
    data = {"act": what, "csrf_token": token}
    return moderator.post(f"/desk/moderation/{comment_id}/campaign", data=data)


def shown(client):
    return re.findall(r'<article class="comment" id="comment-(\d+)"', page_of(client))


def test_near_copies_are_one_text_with_its_people_counted(client, later, moderator):
    send(client, later, 1)
    send(client, later, 2, TEXT.upper().replace(",", ""))
    send(client, later, 3, TEXT + " Please.", group="BUS")
    send(
        client,
        later,
        4,
        "Something else entirely was on my mind when I read the letter this morning.",
    )
    assert "nearly the words of another" in page_of(moderator, "/desk/moderation/3")
    for n in range(1, 5):
        assert publish(moderator, n).status_code == 303
    page = page_of(client)
    assert shown(client) == ["1", "4"]
    assert "4 comments" in page  # everybody is counted, in their own group
    assert "civil society&nbsp;3, business&nbsp;1" in page
    assert "2 more people sent this text" in page


def test_what_somebody_added_is_readable_and_a_permalink_leads_there(client, later, moderator):
    for n, body in enumerate((TEXT, TEXT + " Thank you."), 1):
        send(client, later, n, body)
        publish(moderator, n)
    assert "1 more person sent this text" in page_of(client)
    there = client.get("/letters/hello/comments/2").headers["Location"]
    assert there.endswith("/letters/hello/comments/1/same?page=1#comment-2")
    page = page_of(client, there)
    assert re.search(r"<ins>[^<]*Thank you", page)
    assert "One text, 2 people" in page
    assert '<li id="comment-2">' in page
    assert client.get("/letters/hello/comments/2/same").status_code == 404


def test_a_variant_waits_for_a_person_who_says_that_it_is_the_same(client, later, moderator):
    variant = (
        TEXT.replace("both positions side by side", "every position")
        + OWN
        + " Nor has the next one."
    )
    send(client, later, 1)
    send(client, later, 2, variant)
    publish(moderator, 1)
    publish(moderator, 2)
    assert shown(client) == ["1", "2"]
    case = page_of(moderator, "/desk/moderation/2")
    assert "of its words are those of another comment" in case
    assert "<ins>" in case
    assert act(moderator, 2, "group").status_code == 303
    assert shown(client) == ["1"]
    assert act(moderator, 2, "part").status_code == 303
    assert shown(client) == ["1", "2"]
    assert act(moderator, 2, "part").status_code == 409


def test_when_the_one_that_stands_for_them_goes_another_takes_its_place(client, later, moderator):
    receipts = [send(client, later, n).headers["Location"] for n in range(1, 4)]
    for n in range(1, 4):
        publish(moderator, n)
    signed = re.search(r'receipt_form" value="([^"]+)"', page_of(client, receipts[0]))[1]
    client.post(f"{receipts[0]}/withdraw", data={"receipt_form": signed})
    assert shown(client) == ["2"]
    assert "1 more person sent this text" in page_of(client)


def test_an_answer_to_one_of_the_senders_stands_under_the_text(client, later, moderator):
    for n in (1, 2):
        send(client, later, n)
        publish(moderator, n)
    submit(client, later, parent="2", body="An answer to all of you.", email="x@example.org")
    publish(moderator, 3)
    assert shown(client) == ["1", "3"]


def test_a_comment_that_was_answered_is_not_taken_off_the_page(client, later, moderator):
    variant = TEXT.replace("both positions side by side", "every position") + OWN
    send(client, later, 1)
    send(client, later, 2, variant)
    publish(moderator, 1)
    publish(moderator, 2)
    submit(client, later, parent="2", body="I agree with this one.", email="x@example.org")
    publish(moderator, 3)
    assert act(moderator, 2, "group").status_code == 409
    assert shown(client) == ["1", "2", "3"]


def test_erasing_leaves_nothing_by_which_the_words_are_found(app, client, later, moderator):
    receipt = send(client, later, 1).headers["Location"]
    signed = re.search(r'receipt_form" value="([^"]+)"', page_of(client, receipt))[1]
    client.post(f"{receipt}/erase", data={"receipt_form": signed})
    with app.app_context():
        assert session().query(CommentSketch).count() == 0
        assert session().query(Comment).one().body == ""
    send(client, later, 2)
    with app.app_context():
        assert session().get(Comment, 2).near_id is None


def test_changed_words_are_compared_again(app, client, later):
    send(client, later, 1)
    receipt = send(client, later, 2).headers["Location"]
    signed = re.search(r'receipt_form" value="([^"]+)"', page_of(client, receipt))[1]
    words = "Now it says what I think myself, in words of my own that nobody else has used so far."
    client.post(f"{receipt}/edit", data={"receipt_form": signed, "body": words})
    with app.app_context():
        comment = session().get(Comment, 2)
        assert (comment.near_id, comment.campaign_id) == (None, None)
