"""Pseudonyms, author badges, staff badges, delegations, and a position for each paragraph."""

import re

from commentsite.comments.emails.mailbox import make_confirmation_code
from commentsite.comments.hashing import hash_email
from commentsite.comments.models import Comment
from commentsite.db.session import session
from tests.support.clients import (
    csrf_token,
    fetch_page,
    fill_comment_form,
    form_fields,
    post_form,
    publish,
    receipt_token,
    sign_in,
    submit,
)
from tests.support.factories import add_staff_member, encryption_of


def confirm_directly(client, email):
    """Confirm an address with a link that is built here, since the site sends none."""
    app = client.application
    with app.app_context():
        encryption = encryption_of(app)
        of = hash_email(encryption, email)
        comment = session().query(Comment).filter_by(email_hash=of).order_by(Comment.id).first()
        receipt = encryption.decrypt(comment.receipt_sealed)
        link = f"/receipts/{receipt}/confirm/{make_confirmation_code(encryption, receipt)}"
    signed = receipt_token(fetch_page(client, link))
    data = {"receipt_form": signed, "comment": str(comment.id)}
    assert client.post(link, data=data).status_code == 303


def letter_paragraph_ids(client):
    return re.findall(r'class="para" id="([^"]+)"', fetch_page(client))


def test_a_pseudonym_is_marked_as_one(client, moderator):
    submit(client, name="River Stone", pseudonym="1")
    publish(moderator)
    assert "pseudonym</span>" in fetch_page(client)


def test_the_author_of_the_letter_gets_a_badge_after_confirming_the_address(app, client, moderator):
    add_staff_member(app, "editor", "ed@staff.example", "Edda Editor")
    editor = sign_in(app, "ed@staff.example")
    record = "/desk/letters/hello/record"
    token = csrf_token(fetch_page(editor, record))
    editor.post(
        "/desk/letters/hello/author-addresses",
        data={"email": "Amina@Author.example", "csrf_token": token},
    )
    assert "Address added on" in fetch_page(editor, record)
    assert "amina@author.example" not in fetch_page(editor, record).lower()
    submit(client, name="Amina Author", email="amina@author.example", notify="1")
    publish(moderator)
    assert "author of the letter" not in fetch_page(client)  # every commenter can type her address
    confirm_directly(client, "amina@author.example")
    assert "author of the letter" in fetch_page(client)
    number = re.search(r'name="remove" value="(\d+)"', fetch_page(editor, record))[1]
    editor.post(
        "/desk/letters/hello/author-addresses", data={"remove": number, "csrf_token": token}
    )
    assert "author of the letter" not in fetch_page(client)


def test_a_refused_address_of_an_author_stays_in_the_form(app):
    add_staff_member(app, "editor", "ed@staff.example", "Edda Editor")
    editor = sign_in(app, "ed@staff.example")
    address, page = "/desk/letters/hello/author-addresses", "/desk/letters/hello/record"
    refused = post_form(editor, address, page=page, email='no "address"')
    assert refused.status_code == 422
    assert (
        refused.text.count("Enter an email address like name@example.org.") == 2
    )  # summary, field
    assert 'value="no &#34;address&#34;"' in refused.text
    assert 'value="Amina Author"' in refused.text  # the stored details are in their form
    assert post_form(editor, address, page=page, email="amina@author.example").status_code == 303
    again = post_form(editor, address, page=page, email="amina@author.example")
    assert again.status_code == 409
    assert "This address is already recorded." in again.text
    assert post_form(editor, address, page=page, remove="99").status_code == 404


def test_staff_get_a_badge_when_they_comment(app, client, moderator):
    submit(client, name="Mona Moderator", email="mod@staff.example", notify="1")
    add_staff_member(app, "editor", "ed@staff.example", "Edda Editor")
    publish(sign_in(app, "ed@staff.example"))
    assert "staff of this site" not in fetch_page(client)
    confirm_directly(client, "mod@staff.example")
    assert "staff of this site" in fetch_page(client)


def test_an_editor_verifies_a_delegation_and_names_the_evidence(app, client, moderator):
    submit(client, capacity="on_behalf_of", organisation="Open Networks")
    publish(moderator)
    case = "/desk/moderation/1"
    data = {
        "act": "verify",
        "evidence": "Letter of 3 March, signed",
        "csrf_token": csrf_token(fetch_page(moderator, case)),
    }
    assert moderator.post(f"{case}/delegation", data=data).status_code == 403
    add_staff_member(app, "editor", "ed@staff.example", "Edda Editor")
    editor = sign_in(app, "ed@staff.example")
    data["csrf_token"] = csrf_token(fetch_page(editor, case))
    assert editor.post(f"{case}/delegation", data=data | {"evidence": "x"}).status_code == 422
    assert editor.post(f"{case}/delegation", data=data).status_code == 303
    assert "delegation verified by the editors" in fetch_page(client)
    assert "Letter of 3 March" not in fetch_page(client)
    assert "Letter of 3 March" in fetch_page(editor, case)
    editor.post(f"{case}/delegation", data=data | {"act": "doubt"})
    assert "delegation verified" not in fetch_page(client)


def test_the_page_says_that_an_address_is_at_the_domain_of_the_organisation(app, client, moderator):
    add_staff_member(app, "steward", "st@staff.example", "Stella Steward")
    steward = sign_in(app, "st@staff.example")
    page = fetch_page(steward, "/desk/settings/")
    sent = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', page))
    areas = dict(re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>\n(.*?)</textarea>', page, re.DOTALL))
    sent |= areas | {"email_confirmation": "off", "organisation_domains": "gmail.com Open Networks"}
    del sent["staff_need_second_factor"], sent["letters_need_two"]
    refused = steward.post("/desk/settings/", data=sent)
    assert refused.status_code == 422
    assert "Remove gmail.com. It is open to the public" in refused.text
    sent["organisation_domains"] = "networks.example Open Networks"
    assert steward.post("/desk/settings/", data=sent).status_code == 303
    submit(client, email="ada@mail.networks.example", organisation="Open Networks", notify="1")
    submit(
        client,
        email="eve@networks.example.evil.example",
        organisation="Open Networks",
        body="Mine too.",
    )
    publish(moderator, 1)
    publish(moderator, 2)
    assert "own domain" not in fetch_page(client)
    with app.app_context():
        assert [
            c.has_organisation_domain for c in session().query(Comment).order_by(Comment.id)
        ] == [
            True,
            False,
        ]
    confirm_directly(client, "ada@mail.networks.example")
    assert fetch_page(client).count("address at the organisation’s own domain") == 1


def test_each_paragraph_can_have_a_position_of_its_own(client, moderator):
    first, second, third = letter_paragraph_ids(client)[:3]
    answer = client.post(
        "/letters/hello/comments",
        data=fill_comment_form(client, kind="paragraph", paragraphs=first)
        | {f"stance-{second}": "oppose", f"stance-{third}": "none"},
    )
    assert answer.status_code == 303
    publish(moderator)
    page = fetch_page(client)
    speaks = re.search(r"<p>\s*on paragraphs.*?</p>", page, re.DOTALL)[0]
    assert re.sub(r"<[^>]+>", "", speaks).split() == ["on", "paragraphs", "1,", "2", "(opposes)"]
    assert f"/letters/hello/paragraphs/{second}" in page
    assert "Comment by Ada Reader" in fetch_page(client, f"/letters/hello/paragraphs/{second}")
    assert "Comment by Ada Reader" not in fetch_page(client, f"/letters/hello/paragraphs/{third}")


def test_a_position_that_does_not_exist_keeps_the_form(client):
    first = letter_paragraph_ids(client)[0]
    form = fill_comment_form(client) | {f"stance-{first}": "shout"}
    answer = client.post("/letters/hello/comments", data=form)
    assert answer.status_code == 422
    assert "Choose one of the positions in the list." in answer.text
    again = client.post(
        "/letters/hello/comments",
        data=form_fields(fetch_page(client)) | {f"stance-{first}": "support", "body": "x"},
    )
    assert re.search(r'value="support" selected', again.text)


def test_many_replies_are_collapsed_and_their_permalinks_still_lead_to_them(client, moderator):
    submit(client)
    publish(moderator)
    for n in range(9):
        submit(
            client,
            body=f"Answer number {n} to what was said.",
            parent="1",
            email=f"a{n}@example.org",
        )
        publish(moderator, n + 2)
    page = fetch_page(client)
    assert re.search(r'<details class="answers">\s*<summary>9 replies</summary>', page)
    assert client.get("/letters/hello/comments/10").headers["Location"].endswith("#comment-10")
    assert 'id="comment-10"' in page
