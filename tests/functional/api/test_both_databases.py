"""The API on SQLite and on PostgreSQL."""

from commentsite.db.session import session
from tests.support.api import (  # fmt: skip
    CASES,
    COMMENTS,
    DECISIONS,
    LETTERS,
    add_program,
    change_letter,
    create_letter,
)
from tests.support.factories import mark_published, store_numbered_comment


def test_programs_read_decide_and_write_on_each_database(any_app):
    client = any_app.test_client()
    for number in (1, 2, 3):
        store_numbered_comment(any_app, number)
    mark_published(2)
    mark_published(3)
    first = client.get(f"{COMMENTS}?limit=1").get_json()
    second = client.get(f"{COMMENTS}?limit=1&cursor={first['next']}").get_json()
    assert [page["items"][0]["id"] for page in (first, second)] == [2, 3]
    assert second["next"] is None
    steward = add_program(any_app, "steward")
    session().rollback()  # the requests share the session of the test
    [case] = client.get(f"{CASES}?letter=hello", headers=steward).get_json()["items"]
    decision = {"comment": case["id"], "version": case["version"], "verdict": "publish"}
    assert client.post(DECISIONS, json=decision, headers=steward).status_code == 201
    assert create_letter(client, steward).status_code == 201
    assert change_letter(client, steward, "on-columns", state="published").status_code == 200
    newest = client.get(f"{LETTERS}?limit=1").get_json()
    older = client.get(f"{LETTERS}?limit=1&cursor={newest['next']}").get_json()
    assert [page["items"][0]["slug"] for page in (newest, older)] == ["on-columns", "hello"]
    assert older["items"][0]["comments_by_group"] == {"CIV": 3}
