"""The screening checks, the positions that they report, and the highlights on a page."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentsite.comments.screening.checks import (
    CHECKS,
    ModerationCounts,
    ScreeningInput,
    ScreeningSettings,
    SubmissionSignals,
    run_checks,
)
from commentsite.comments.screening.disposable_domains import (
    find_disposable_domain,
    load_bundled_domains,
)
from commentsite.comments.screening.highlights import split_at_matches

SETTINGS = ScreeningSettings(
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
    recent=ModerationCounts(),
    signals=SubmissionSignals(form_age=60.0),
    settings=SETTINGS,
)


def reasons_for(**changes):
    return run_checks(replace(PLAIN, **changes))


def places(reasons, text):
    return [(r["rule"], text[r["start"] : r["end"]]) for r in reasons if "start" in r]


def test_a_comment_without_findings_is_held_for_premoderation():
    assert reasons_for() == [{"rule": "first_reading", "version": 1, "detail": "", "field": ""}]


def test_every_reason_names_rule_version_and_field_and_fits_its_column():
    everything = reasons_for(
        name="Mоna Moderator",
        organisation="Casino Ltd",
        body="casino https://a.example www.b.example " + "x" * 200,
        is_duplicate_text=False,
        similarity="90 %, 1",
        is_sanctioned=True,
        recent=ModerationCounts(spam=1),
        signals=SubmissionSignals("filled", 3.0, is_burst=True, email_domain="mailinator.com"),
    )
    found = list(dict.fromkeys(r["rule"] for r in everything))
    assert found == [check.code for check in CHECKS if check.code != "repeat"]
    assert "repeat" in {
        r["rule"] for r in reasons_for(is_duplicate_text=True, similarity="90 %, 1")
    }
    for reason in everything:
        assert {"rule", "version", "detail", "field"} <= reason.keys()
        assert reason["version"] >= 1
        assert len(reason["rule"]) <= 20


def test_positions_are_those_in_the_stored_text():
    body = "See https://a.example/x, or [here](www.b.example) and c\u200basino."
    assert places(reasons_for(body=body), body) == [
        ("banned_word", "c\u200basino"),
        ("links", "https://a.example/x"),
        ("links", "www.b.example"),
        ("links_unknown", "https://a.example/x"),
        ("links_unknown", "www.b.example"),
    ]


def test_links_of_a_sender_with_published_comments_are_held_only_when_there_are_many():
    one, two = "See https://a.example", "https://a.example https://b.example"
    assert [r["rule"] for r in reasons_for(body=one)] == ["links_unknown"]
    assert [r["rule"] for r in reasons_for(body=one, has_published=True)] == ["first_reading"]
    assert [r["rule"] for r in reasons_for(body=two, has_published=True)] == ["links", "links"]
    quiet = replace(SETTINGS, hold_new_links=False, hold_links=0)
    assert [r["rule"] for r in reasons_for(body=two, settings=quiet)] == ["first_reading"]


def test_an_invalid_link_counts_as_a_link():
    assert reasons_for(body="http://[ http://[::1 www.")[0]["rule"] == "links"


def test_an_edited_comment_keeps_the_reasons_of_submission_checks():
    before = reasons_for(
        signals=SubmissionSignals(form_age=60.0, is_burst=True, email_domain="x.yopmail.com")
    )
    after = run_checks(
        replace(PLAIN, body="A casino.", signals=SubmissionSignals()), previous_reasons=before
    )
    assert [r["rule"] for r in after] == ["banned_word", "burst", "disposable"]
    clean = run_checks(replace(PLAIN, signals=SubmissionSignals()), previous_reasons=after)
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
def test_a_disposable_domain_is_recognised_with_its_subdomains(domain, provider):
    more = ("@Throwaway.example", "münchen.example")
    assert find_disposable_domain(domain, more) == provider


def test_the_bundled_list_contains_no_large_email_provider():
    assert all(name == name.lower() and "." in name for name in load_bundled_domains())
    large_providers = {
        "gmail.com",
        "outlook.com",
        "yahoo.com",
        "proton.me",
        "gmx.de",
        "qq.com",
        "mail.ru",
    }
    assert not large_providers & load_bundled_domains()


SPANS = st.tuples(st.integers(0, 30), st.integers(0, 30))


@given(st.text(max_size=25), st.lists(SPANS, max_size=5))
def test_the_segments_join_to_the_text_and_exactly_the_findings_are_highlighted(text, spans):
    reasons = [{"rule": "x", "field": "body", "start": min(s), "end": max(s)} for s in spans]
    segments = split_at_matches(text, [{"rule": "old", "detail": ""}, *reasons], "body")
    assert "".join(segment.text for segment in segments) == text
    assert all(segment.text for segment in segments)
    highlighted, position = set(), 0
    for segment in segments:
        highlighted |= (
            set(range(position, position + len(segment.text))) if segment.is_match else set()
        )
        position += len(segment.text)
    fits = [r for r in reasons if r["end"] <= len(text)]
    assert highlighted == {n for r in fits for n in range(r["start"], r["end"])}
    assert not any(segment.is_match for segment in split_at_matches(text, reasons, "name"))
