"""A dry run of changed settings predicts the result of the screening."""

from hypothesis import given, settings
from hypothesis import strategies as st

from commentsite.comments.screening.checks import (
    ModerationCounts,
    ScreeningInput,
    ScreeningSettings,
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


SETTINGS = st.builds(
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
INPUTS = st.builds(
    ScreeningInput,
    name=WORDS,
    organisation=WORDS,
    body=WORDS,
    is_duplicate_text=st.booleans(),
    has_published=st.booleans(),
    recent=st.builds(ModerationCounts, spam=st.integers(0, 1)),
    signals=st.builds(
        SubmissionSignals,
        email_domain=st.sampled_from(["example.org", "mailinator.com", "box.example"]),
    ),
    is_sanctioned=st.booleans(),
    settings=SETTINGS,
)


@settings(max_examples=300)
@given(screening_input=INPUTS)
def test_the_dry_run_finds_what_the_screening_finds(screening_input):
    assert run_selected_checks(screening_input, SETTINGS_CHECKS) == [
        reason for reason in run_checks(screening_input) if reason["rule"] in SETTINGS_CHECKS
    ]
