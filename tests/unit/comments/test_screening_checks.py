"""The screening checks, the positions they report, and the marks on a page."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentsite.comments.screening.checks import (
    CHECKS,
    ScreeningInput,
    ScreeningSettings,
    SenderCounts,
    SubmissionSignals,
    run_checks,
)
from commentsite.comments.screening.disposable_domains import (
    find_disposable_domain,
    load_bundled_domains,
)
from commentsite.comments.screening.highlights import split_at_matches

RULES = ScreeningSettings(
    reserved_names=("Mona Moderator",),
    banned_words=("casino", "[fr]", "loterie"),
    languages=frozenset({"en"}),
    hold_links=2,
    hold_new_links=True,
    disposable_domains=(),
)
PLAIN = ScreeningInput(
    name="Ada Reader",
    organisation="",
    body="I agree with the second paragraph.",
    is_duplicate_text=False,
    recent=SenderCounts(),
    signals=SubmissionSignals(form_age=60.0),
    settings=RULES,
)


def held(**changes):
    return run_checks(replace(PLAIN, **changes))


def places(reasons, text):
    return [(r["rule"], text[r["start"] : r["end"]]) for r in reasons if "start" in r]


def test_a_comment_in_which_nothing_is_found_is_read_all_the_same():
    assert held() == [{"rule": "first_reading", "version": 1, "detail": "", "field": ""}]


def test_every_reason_names_rule_version_and_field_and_fits_its_column():
    everything = held(
        name="Mоna Moderator",
        organisation="Casino Ltd",
        body="casino https://a.example www.b.example " + "x" * 200,
        is_repeat=False,
        near="90 %, 1",
        is_sanctioned=True,
        past=SenderCounts(spam=1),
        arrival=SubmissionSignals("filled", 3.0, is_burst=True, email_domain="mailinator.com"),
    )
    found = list(dict.fromkeys(r["rule"] for r in everything))
    assert found == [check.code for check in CHECKS if check.code != "repeat"]
    assert "repeat" in {r["rule"] for r in held(is_repeat=True, near="90 %, 1")}
    for reason in everything:
        assert {"rule", "version", "detail", "field"} <= reason.keys()
        assert reason["version"] >= 1
        assert len(reason["rule"]) <= 20


def test_places_point_into_the_text_as_it_is_stored():
    body = "See https://a.example/x, or [here](www.b.example) and c\u200basino."
    assert places(held(body=body), body) == [
        ("banned_word", "c\u200basino"),
        ("links", "https://a.example/x,"),
        ("links", "www.b.example"),
        ("links_unknown", "https://a.example/x,"),
        ("links_unknown", "www.b.example"),
    ]


def test_links_of_somebody_known_are_pointed_out_only_when_they_are_many():
    one, two = "See https://a.example", "https://a.example https://b.example"
    known = SenderCounts(has_published=True)
    assert [r["rule"] for r in held(body=one)] == ["links_unknown"]
    assert [r["rule"] for r in held(body=one, past=known)] == ["first_reading"]
    assert [r["rule"] for r in held(body=two, past=known)] == ["links", "links"]
    quiet = replace(RULES, hold_new_links=False, hold_links=0)
    assert [r["rule"] for r in held(body=two, rules=quiet)] == ["first_reading"]


def test_a_link_that_is_no_address_is_pointed_out_and_breaks_nothing():
    assert held(body="http://[ http://[::1 www.")[0]["rule"] == "links"


def test_of_how_it_was_sent_changed_words_keep_what_was_found():
    before = held(
        arrival=SubmissionSignals(form_age=60.0, is_burst=True, email_domain="x.yopmail.com")
    )
    after = run_checks(
        replace(PLAIN, body="A casino.", arrival=SubmissionSignals()), previous_reasons=before
    )
    assert [r["rule"] for r in after] == ["banned_word", "burst", "disposable"]
    clean = run_checks(replace(PLAIN, arrival=SubmissionSignals()), previous_reasons=after)
    assert [r["rule"] for r in clean] == ["burst", "disposable"]
    old = [{"rule": "links", "detail": "3"}, {"rule": "burst", "detail": ""}]
    assert run_checks(PLAIN, previous_reasons=old) == [{"rule": "burst", "detail": ""}]


@pytest.mark.parametrize(
    ("domain", "provider"),
    [
        ("mailinator.com", "mailinator.com"),
        ("any.where.MAILINATOR.com.", "mailinator.com"),
        ("notmailinator.example", ""),
        ("mailinator.com.example.org", ""),
        ("box.throwaway.example", "throwaway.example"),
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("", ""),
        ("com", ""),
        ("a..b", ""),
    ],
)
def test_a_throw_away_domain_is_known_with_all_that_is_under_it(domain, provider):
    more = ("@Throwaway.example", "münchen.example")
    assert find_disposable_domain(domain, more) == provider


def test_the_list_names_domains_and_none_of_the_great_providers():
    assert all(name == name.lower() and "." in name for name in load_bundled_domains())
    great = {"gmail.com", "outlook.com", "yahoo.com", "proton.me", "gmx.de", "qq.com", "mail.ru"}
    assert not great & load_bundled_domains()


SPANS = st.tuples(st.integers(0, 30), st.integers(0, 30))


@given(st.text(max_size=25), st.lists(SPANS, max_size=5))
def test_the_parts_of_a_text_are_the_text_and_what_is_found_is_marked(text, spans):
    reasons = [{"rule": "x", "field": "body", "start": min(s), "end": max(s)} for s in spans]
    parts = split_at_matches(text, [{"rule": "old", "detail": ""}, *reasons], "body")
    assert "".join(part.text for part in parts) == text
    assert all(part.text for part in parts)
    marked, at = set(), 0
    for part in parts:
        marked |= set(range(at, at + len(part.text))) if part.is_match else set()
        at += len(part.text)
    fits = [r for r in reasons if r["end"] <= len(text)]
    assert marked == {n for r in fits for n in range(r["start"], r["end"])}
    assert not any(part.is_match for part in split_at_matches(text, reasons, "name"))
