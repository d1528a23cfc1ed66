"""The lists of letters and of people are paged and searched, and forms find a letter by its words."""

import re

import pytest
from sqlalchemy import insert

from commentsite import clock
from commentsite.db.session import session, transaction
from commentsite.letters.models import Letter, LetterAuthor
from tests.support.clients import fetch_csrf_token, post_form
from tests.support.factories import add_staff_member
from tests.support.pages import visible_text

LETTERS = 70


@pytest.fixture
def many_letters(app):
    with app.app_context(), transaction():
        rows = [
            {"id": n, "slug": f"l-{n}", "title": f"Letter {n}", "created_at": clock.now()}
            for n in range(100, 100 + LETTERS)
        ]
        session().execute(insert(Letter), rows)
        session().get_one(Letter, 110).title = "Élan vital"
        session().add(LetterAuthor(letter_id=111, position=0, name="Noor Qadri"))
    return app


def titles(page):
    return re.findall(r'<th scope="row">\s*<a [^>]*><bdi>(.*?)</bdi>', page)


def offered(page):
    """Return the letters that the first form with check boxes offers, and those that are ticked."""
    boxes = re.findall(r'name="letters"\s+value="(\d+)"( checked)?', page)
    return {int(n) for n, ticked in boxes if not ticked}, {int(n) for n, ticked in boxes if ticked}


def test_letters_are_listed_by_pages_the_newest_first(many_letters, editor):
    first = editor.get("/desk/letters/").text
    assert titles(first)[0] == f"Letter {99 + LETTERS}"
    assert len(titles(first)) == 50
    older = re.search(r'rel="next" href="([^"]+)"', first)[1]
    second = editor.get(older).text
    assert len(titles(second)) == LETTERS + 1 - 50
    assert not set(titles(first)) & set(titles(second))
    assert "Older letters" not in second


@pytest.mark.parametrize(
    ("q", "found"),
    [("letter 115", ["Letter 115"]), ("qadri", ["Letter 111"]), ("ÉLAN", ["Élan vital"]),
     ("vital élan", ["Élan vital"]), ("l-118", ["Letter 118"]), ("100%", [])],
)  # fmt: skip
def test_letters_are_found_by_title_author_and_address(many_letters, editor, q, found):
    page = editor.get("/desk/letters/", query_string={"q": q}).text
    assert titles(page) == found
    assert ("No letter matches these words." in page) is (not found)


def test_a_form_finds_letters_and_keeps_what_was_typed(many_letters, steward):
    token = fetch_csrf_token(steward, "/desk/people/")
    typed = {"email": "new@staff.example", "role": "editor", "letters": ["1"], "csrf_token": token}
    page = steward.post("/desk/people/", data=typed | {"find": "letters", "letter_q": "qadri"})
    assert page.status_code == 200
    assert offered(page.text) == ({111}, {1})
    assert "new@staff.example" in page.text
    assert "There is no" not in page.text
    page = steward.post("/desk/people/", data=typed | {"find": "letters", "letter_q": "zzz"}).text
    assert "No other letter matches these words." in page
    # Enter in another field presses the button too. Without words to find, it sends the form.
    sent = typed | {"find": "letters", "letter_q": "", "letters": ["1", "111"]}
    assert steward.post("/desk/people/", data=sent).status_code == 303
    page = steward.get("/desk/people/").text
    assert "new@staff.example" in page
    assert len(offered(page)[0]) == 20


def test_a_person_is_limited_to_a_letter_that_a_search_found(many_letters, app, steward):
    add_staff_member(app, email="some@staff.example", name="Some Moderator")
    there = re.search(r'href="(/desk/people/\d+)"><bdi>Some', steward.get("/desk/people/").text)[1]
    page = post_form(
        steward, f"{there}/letters", page=there, find="letters", letter_q="élan", letters="1"
    ).text
    assert offered(page) == ({110}, {1})
    post_form(steward, f"{there}/letters", page=there, letters=["1", "110"])
    assert offered(steward.get(there).text)[1] == {1, 110}
    page = steward.get(f"{there}?letter_q=élan").text
    assert re.findall(r'<option value="(\d+)"', page) == ["110"]  # of a conflict of interest


def test_people_are_listed_by_pages_and_found_by_name(app, steward):
    for n in range(52):
        add_staff_member(app, email=f"p{n}@staff.example", name=f"Person {n:02}")
    page = steward.get("/desk/people/").text
    assert len(titles(page)) == 50
    rest = steward.get(re.search(r'rel="next" href="([^"]+)"', page)[1]).text
    assert len(titles(page) + titles(rest)) == len(set(titles(page) + titles(rest))) >= 53
    assert titles(steward.get("/desk/people/?q=person+07").text) == ["Person 07"]
    assert titles(steward.get("/desk/people/?q=P7@staff").text) == ["Person 07"]
    assert "No person matches these words." in visible_text(steward.get("/desk/people/?q=zz").text)
