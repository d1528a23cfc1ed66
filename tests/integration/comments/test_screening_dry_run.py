"""A dry run of other settings predicts the result of the screening."""

from hypothesis import given, settings
from hypothesis import strategies as st

from commentsite.comments.screening.checks import (
    ScreeningInput,
    ScreeningSettings,
    SenderCounts,
    SubmissionSignals,
    run_checks,
    run_selected_checks,
)
from commentsite.comments.screening.dry_run import SETTINGS_CHECKS

WORDS = st.lists(
    st.sampled_from(
        [
            "casino",
            "l o t t o",
            "port",
            "https://a.example",
            "www.b.example/x",
            "and",
            "ca\u00adsino",
        ]
    ),
    max_size=8,
).map(" ".join)


RULES = st.builds(
    ScreeningSettings,
    reserved_names=st.just(()),
    banned_words=st.lists(st.sampled_from(["casino", "lotto", "port", "[fr]"]), max_size=4).map(
        tuple
    ),
    languages=st.just(frozenset({"en"})),
    hold_links=st.integers(0, 3),
    hold_new_links=st.booleans(),
    disposable_domains=st.lists(st.sampled_from(["box.example"]), max_size=1).map(tuple),
)
FACTS = st.builds(
    ScreeningInput,
    name=WORDS,
    organisation=WORDS,
    body=WORDS,
    is_duplicate_text=st.booleans(),
    recent=st.builds(SenderCounts, has_published=st.booleans(), spam=st.integers(0, 1)),
    signals=st.builds(
        SubmissionSignals,
        email_domain=st.sampled_from(["example.org", "mailinator.com", "box.example"]),
    ),
    is_sanctioned=st.booleans(),
    settings=RULES,
)


@settings(max_examples=300, deadline=None)
@given(facts=FACTS)
def test_the_trial_points_out_what_the_screening_does(facts):
    assert run_selected_checks(facts, SETTINGS_CHECKS) == [
        r for r in run_checks(facts) if r["rule"] in SETTINGS_CHECKS
    ]
