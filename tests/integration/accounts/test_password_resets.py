"""Requests to reset a password, on both databases."""

from datetime import timedelta

import pytest

from commentsite import clock
from commentsite.accounts import password_resets
from commentsite.accounts.queries import find_staff_by_email, list_reset_requests
from commentsite.db.session import session, transaction
from tests.support.factories import add_staff_member, count_messages

EMAIL = "mod@staff.example"


def ask(encryption, email=EMAIL):
    with transaction():
        password_resets.request_password_reset(email, encryption=encryption)
    return list_reset_requests()


def complete(request, user, encryption):
    with transaction():
        return password_resets.complete_request(request.id, user, "token", encryption=encryption)


def test_a_request_that_two_workers_take_sends_one_link(any_app, encryption):
    add_staff_member(any_app)
    (request,) = ask(encryption)
    assert [r.id for r in ask(encryption, EMAIL.upper())] == [request.id]  # one for each address
    user = password_resets.find_account_to_reset(request, encryption)
    assert user.email == EMAIL
    assert [complete(request, user, encryption) for _ in range(2)] == [1, 0]
    assert list_reset_requests() == []
    assert count_messages(kind="staff.password_reset") == 1


@pytest.mark.parametrize("case", ["unknown", "inactive", "paused"])
def test_a_request_without_an_account_that_may_get_a_link_is_only_deleted(
    any_app, encryption, case
):
    add_staff_member(any_app)
    email = EMAIL
    if case == "unknown":
        email = "nobody@staff.example"
    elif case == "inactive":
        with transaction():
            find_staff_by_email(EMAIL).active = False
    else:
        (first,) = ask(encryption)
        complete(first, find_staff_by_email(EMAIL), encryption)
    (request,) = ask(encryption, email)
    assert password_resets.find_account_to_reset(request, encryption) is None
    complete(request, None, encryption)
    assert list_reset_requests() == []
    assert count_messages(kind="staff.password_reset") == int(case == "paused")


def test_the_pauses_between_links_begin_anew_with_another_password(any_app, encryption):
    add_staff_member(any_app)
    user = find_staff_by_email(EMAIL)
    (request,) = ask(encryption)
    complete(request, user, encryption)
    wait = password_resets.next_link_at(user) - clock.now()
    assert timedelta(minutes=4) < wait <= timedelta(minutes=5)
    with transaction():
        user = find_staff_by_email(EMAIL)
        user.password = "another hash"
        session().flush()
    assert password_resets.next_link_at(find_staff_by_email(EMAIL)) <= clock.now()
