"""What the trial of other settings says is what the screening would have said."""

from hypothesis import given, settings
from hypothesis import strategies as st

from commentsite.comments.screening import Arrival, Facts, Past, Rules, found_by, screen
from commentsite.comments.simulated import TRIED

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


@settings(max_examples=300, deadline=None)
@given(
    body=WORDS,
    name=WORDS,
    organisation=WORDS,
    is_published=st.booleans(),
    is_sanctioned=st.booleans(),
    banned=st.lists(st.sampled_from(["casino", "lotto", "port", "[fr]", "and"]), max_size=4),
    hold_links=st.integers(0, 3),
    hold_new_links=st.booleans(),
    domain=st.sampled_from(["example.org", "mailinator.com", "box.example"]),
    more=st.lists(st.sampled_from(["box.example", "example.org"]), max_size=2),
)
def test_the_trial_points_out_what_the_screening_does(
    body, name, organisation, is_published, is_sanctioned, banned, hold_links, hold_new_links, domain, more
):  # fmt: skip
    facts = Facts(
        name=name, organisation=organisation, body=body, is_repeat=False,
        past=Past(is_published=is_published), arrival=Arrival(mail_domain=domain),
        is_sanctioned=is_sanctioned,
        rules=Rules(
            reserved_names=(), banned_words=tuple(banned), languages=frozenset({"en"}),
            hold_links=hold_links, hold_new_links=hold_new_links, disposable_domains=tuple(more),
        ),
    )  # fmt: skip
    assert found_by(facts, TRIED) == [r for r in screen(facts) if r["rule"] in TRIED]
