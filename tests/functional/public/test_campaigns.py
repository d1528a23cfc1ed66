"""A campaign on the letter's page: one text, the number of its senders, and each sender's own words."""

import re

from commentsite.comments.campaigns.models import CommentSketch
from commentsite.comments.models import Comment
from commentsite.db.session import session
from tests.support.clients import (
    csrf_token,
    fetch_page,
    fill_comment_form,
    publish,
    receipt_token,
    sign_in,
    submit,
)
from tests.support.factories import add_staff_member
from tests.support.pages import visible_text

TEXT = (
    "I urge the working group to record both positions side by side in its report, since neither was "
    "agreed, and since those who were not in the room must be able to see what was said by whom."
)
OWN = " My own village has no connection at all."


def submit_shared_text(client, n, body=TEXT, group="CIV"):
    return submit(
        client,
        name=f"Sender {n}",
        email=f"s{n}@example.org",
        body=body,
        stakeholder_group=group,
    )


def change_campaign(moderator, comment_id, what):
    token = csrf_token(fetch_page(moderator, f"/desk/moderation/{comment_id}"))
    data = {"act": what, "csrf_token": token}
    return moderator.post(f"/desk/moderation/{comment_id}/campaign", data=data)


def standing_comments(client):
    return re.findall(r'<article class="comment" id="comment-(\d+)"', fetch_page(client))


def test_near_duplicates_are_shown_once_with_the_number_of_senders(client, moderator):
    submit_shared_text(client, 1)
    submit_shared_text(client, 2, TEXT.upper().replace(",", ""))
    submit_shared_text(client, 3, TEXT + " Please.", group="BUS")
    submit_shared_text(
        client,
        4,
        "Something else entirely was on my mind when I read the letter this morning.",
    )
    assert "similar to the text of another comment" in fetch_page(moderator, "/desk/moderation/3")
    for n in range(1, 5):
        assert publish(moderator, n).status_code == 303
    page = fetch_page(client)
    assert standing_comments(client) == ["1", "4"]
    assert "4 comments" in page  # everybody is counted, in their own group
    assert "civil society 3 business 1" in visible_text(page)
    assert "2 more people sent this text" in page


def test_each_duplicate_is_readable_and_has_a_permalink(client, moderator):
    for n, body in enumerate((TEXT, TEXT + " Thank you."), 1):
        submit_shared_text(client, n, body)
        publish(moderator, n)
    assert "1 more person sent this text" in fetch_page(client)
    there = client.get("/letters/hello/comments/2").headers["Location"]
    assert there.endswith("/letters/hello/comments/1/same?page=1#comment-2")
    page = fetch_page(client, there)
    assert re.search(r"<ins>[^<]*Thank you", page)
    assert "The same text from 2 people" in page
    assert '<li id="comment-2">' in page
    assert client.get("/letters/hello/comments/2/same").status_code == 404


def test_a_variant_joins_the_campaign_when_a_moderator_says_so(client, moderator):
    variant = (
        TEXT.replace("both positions side by side", "every position")
        + OWN
        + " Nor has the next one."
    )
    submit_shared_text(client, 1)
    submit_shared_text(client, 2, variant)
    publish(moderator, 1)
    publish(moderator, 2)
    assert standing_comments(client) == ["1", "2"]
    case = fetch_page(moderator, "/desk/moderation/2")
    assert "of the words are the same as in another comment" in case
    assert "<ins>" in case
    assert change_campaign(moderator, 2, "group").status_code == 303
    assert standing_comments(client) == ["1"]
    assert change_campaign(moderator, 2, "part").status_code == 303
    assert standing_comments(client) == ["1", "2"]
    assert change_campaign(moderator, 2, "part").status_code == 409


def test_when_the_representative_is_withdrawn_another_duplicate_takes_its_place(client, moderator):
    receipts = [submit_shared_text(client, n).headers["Location"] for n in range(1, 4)]
    for n in range(1, 4):
        publish(moderator, n)
    signed = receipt_token(fetch_page(client, receipts[0]))
    client.post(f"{receipts[0]}/withdraw", data={"receipt_form": signed})
    assert standing_comments(client) == ["2"]
    assert "1 more person sent this text" in fetch_page(client)


def test_a_reply_to_a_duplicate_is_shown_under_the_representative(client, moderator):
    for n in (1, 2):
        submit_shared_text(client, n)
        publish(moderator, n)
    submit(client, parent="2", body="An answer to all of you.", email="x@example.org")
    publish(moderator, 3)
    assert standing_comments(client) == ["1", "3"]


def test_a_comment_with_replies_is_not_hidden_as_a_duplicate(client, moderator):
    variant = TEXT.replace("both positions side by side", "every position") + OWN
    submit_shared_text(client, 1)
    submit_shared_text(client, 2, variant)
    publish(moderator, 1)
    publish(moderator, 2)
    submit(client, parent="2", body="I agree with this one.", email="x@example.org")
    publish(moderator, 3)
    assert change_campaign(moderator, 2, "group").status_code == 409
    assert standing_comments(client) == ["1", "2", "3"]


def test_erasing_a_comment_deletes_its_sketch(app, client, moderator):
    receipt = submit_shared_text(client, 1).headers["Location"]
    signed = receipt_token(fetch_page(client, receipt))
    client.post(f"{receipt}/erase", data={"receipt_form": signed})
    with app.app_context():
        assert session().query(CommentSketch).count() == 0
        assert session().query(Comment).one().body == ""
    submit_shared_text(client, 2)
    with app.app_context():
        assert session().get(Comment, 2).similar_comment_id is None


def test_an_edited_text_is_compared_again(app, client):
    submit_shared_text(client, 1)
    receipt = submit_shared_text(client, 2).headers["Location"]
    signed = receipt_token(fetch_page(client, receipt))
    words = "Now it says what I think myself, in words of my own that nobody else has used so far."
    client.post(f"{receipt}/edit", data={"receipt_form": signed, "body": words})
    with app.app_context():
        comment = session().get(Comment, 2)
        assert (comment.similar_comment_id, comment.campaign_id) == (None, None)


def all_comments(client):
    return sorted(int(n) for n in re.findall(r'id="comment-(\d+)"', fetch_page(client)))


def test_a_reply_that_waits_keeps_its_comment_on_the_page(client, moderator):
    variant = TEXT.replace("both positions side by side", "every position") + OWN
    for n, body in enumerate((TEXT, variant), 1):
        submit_shared_text(client, n, body)
        publish(moderator, n)
    submit(client, parent="2", body="An answer that waits.", email="x@example.org")
    assert change_campaign(moderator, 2, "group").status_code == 409
    publish(moderator, 3)
    assert all_comments(client) == [1, 2, 3]


def test_a_restored_comment_with_replies_is_shown_by_itself_again(client, moderator):
    for n in (1, 2, 3):
        submit_shared_text(client, n)
        publish(moderator, n)
    submit(client, parent="1", body="I agree with all of you.", email="x@example.org")
    publish(moderator, 4)
    page = fetch_page(moderator, "/desk/moderation/1")
    data = {
        "comment": "1@2",
        "verdict": "restrict",
        "reason": "R5",
        "note": "Off topic.",
        "csrf_token": csrf_token(page),
    }
    data["note"] = "It is about something else."
    assert moderator.post("/desk/moderation/decisions", data=data).status_code == 303
    assert "1 more person sent this text" in fetch_page(client)  # 2 stands for 3
    data |= {"comment": "1@3", "verdict": "restore"}
    assert moderator.post("/desk/moderation/decisions", data=data).status_code == 303
    assert all_comments(client) == [1, 4]
    assert "2 more people sent this text" in fetch_page(client)


def test_a_duplicate_with_another_position_is_shown_by_itself(client, moderator):
    first, second = re.findall(r'class="para" id="([^"]+)"', fetch_page(client))[:2]
    submit_shared_text(client, 1)
    publish(moderator, 1)
    for n, pid in ((2, first), (3, second), (4, second)):
        form = fill_comment_form(client, name=f"S {n}", email=f"s{n}@example.org", body=TEXT)
        form |= {"kind": "paragraph", "paragraphs": pid, "stance": "oppose"}
        client.post("/letters/hello/comments", data=form)
        publish(moderator, n)
    assert all_comments(client) == [1, 2, 3]
    there = fetch_page(client, f"/letters/hello/paragraphs/{second}")
    assert "Comment by S 3" in there
    assert "1 more person sent this text" in there


def test_a_person_who_sends_the_text_twice_is_counted_once(client, moderator):
    for n, body in enumerate((TEXT, TEXT + " Please.", TEXT + " Please. Do."), 1):
        submit(client, body=body, stakeholder_group="GOV" if n == 3 else "CIV")
        publish(moderator, n)
    assert "more person sent" not in fetch_page(client)
    there = client.get("/letters/hello/comments/2").headers["Location"]
    assert "The same text from 1 person" in fetch_page(client, there)
    submit_shared_text(client, 4)
    publish(moderator, 4)
    submit_shared_text(client, 4, TEXT + " Please.")
    publish(moderator, 5)
    assert "1 more person sent this text" in fetch_page(client)


def test_a_text_that_a_moderator_separated_stays_separate_when_others_copy_it(client, moderator):
    for n in (1, 2):
        submit_shared_text(client, n)
        publish(moderator, n)
    change_campaign(moderator, 2, "part")
    assert standing_comments(client) == ["1", "2"]
    change_campaign(moderator, 1, "part")
    submit_shared_text(client, 3)
    publish(moderator, 3)
    assert standing_comments(client) == ["1", "2", "3"]


def test_a_common_phrase_hides_no_copy(app, client, moderator):
    phrase = "both positions side by side in"
    filler = (
        "word{0}a word{0}b word{0}c word{0}d word{0}e word{0}f word{0}g word{0}h word{0}i word{0}j"
    )
    for n in range(30):
        submit_shared_text(client, n, f"{filler.format(n)} {phrase} {filler.format(n + 100)}")
    submit_shared_text(client, 90)
    submit_shared_text(client, 91)
    with app.app_context():
        assert session().get(Comment, 32).similar_comment_id == 31


def test_a_text_with_other_numbers_or_another_order_is_no_duplicate(client, moderator):
    yes = "we do agree and we do not agree with any of it at all " * 3
    no = "we do not agree and we do agree with any of it at all " + "we do not agree " * 12
    submit_shared_text(client, 1, yes)
    submit_shared_text(client, 2, no)
    publish(moderator, 1)
    publish(moderator, 2)
    assert standing_comments(client) == ["1", "2"]


def test_the_data_export_reveals_nothing_about_other_senders(client, moderator):
    submit_shared_text(
        client,
        1,
        "Something that waits and nobody outside the desk has read so far, " + TEXT,
    )
    receipt = submit_shared_text(client, 2, "Something that waits and nobody has read, " + TEXT)
    held = client.get(f"{receipt.headers['Location']}/data.json").get_json()
    assert [r["rule"] for r in held["held"]] == ["near_repeat"]
    assert held["held"][0]["detail"] == ""
    assert not {"near_id", "near_percent", "campaign_id", "voice_claimed"} & set(held)
    staff = submit(client, email="mod@staff.example", body="I claim to be staff.")
    asked = client.get(f"{staff.headers['Location']}/data.json").get_json()
    assert asked["voice"] == ""
    assert "has_own_domain" not in asked


def test_staff_cannot_verify_their_own_delegation(app, client):
    add_staff_member(app, "editor", "ed@staff.example", "Edda Editor")
    editor = sign_in(app, "ed@staff.example")
    submit(client, email="ed@staff.example", capacity="on_behalf_of", organisation="My Own Firm")
    case = "/desk/moderation/1"
    data = {
        "act": "verify",
        "evidence": "I know me.",
        "csrf_token": csrf_token(fetch_page(editor, case)),
    }
    assert editor.post(f"{case}/delegation", data=data).status_code == 403
    assert editor.post(f"{case}/campaign", data=data | {"act": "part"}).status_code == 403


def test_an_invalid_page_number_does_not_create_another_cached_page(app, client, moderator):
    for n in (1, 2):
        submit_shared_text(client, n)
        publish(moderator, n)
    tags = {
        client.get(f"/letters/hello/comments/1/same?page={page}").headers["ETag"]
        for page in ("", "x1", "0", "1", "-5", "99999999999")
    }
    assert len(tags) == 1
