"""Equal space, printed order and quotations of positions."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentsite.summaries.positions.policy import (
    OrderFacts,
    count_words,
    has_equal_space,
    is_quotation_of,
    length_ratio,
    order_positions,
)
from commentsite.summaries.states import OrderRule

COMMENT = "We ask that both positions be printed, side by side.\n\nWe disagreed about the rest."


@pytest.mark.parametrize(
    ("first", "second", "ratio", "is_equal"),
    [(412, 398, 0.966, True), (600, 200, 0.3333, False), (10, 9, 0.9, True), (0, 0, 0, False)],
)
def test_positions_have_equal_space_from_nine_tenths_on(first, second, ratio, is_equal):
    found = length_ratio(["word " * first, "word " * second])
    assert found == pytest.approx(ratio, abs=0.0001)
    assert has_equal_space(found) is is_equal


def test_one_position_has_no_ratio_and_its_space_is_equal():
    assert length_ratio(["one"]) is None
    assert has_equal_space(None)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One two, three – four.", 4),
        ("It isn’t [a link](https://example.org/one-two) at all", 6),
        ("两种立场并列", 6),
        ("两种立场 in two columns", 7),
        ("हिन्दी में दो शब्द", 4),
        ("لا يوجد توافق", 3),
        ("**", 0),
        ("A word \u3164 \uffa0 &#x3164;", 2),  # letters without a shape
        ("![its description](https://example.org/many-words.png)", 2),
    ],
)
def test_words_are_counted_and_characters_of_scripts_without_spaces(text, count):
    assert count_words(text) == count


def test_the_order_of_positions_follows_the_printed_rule():
    facts = [
        OrderFacts(1, "Beta", datetime(2026, 3, 2, tzinfo=UTC)),
        OrderFacts(2, "alpha", datetime(2026, 3, 1, tzinfo=UTC)),
        OrderFacts(3, "Gamma", None),
    ]
    assert order_positions(OrderRule.FIRST_STATED, "", facts) == [2, 1, 3]
    assert order_positions(OrderRule.TITLE, "", facts) == [2, 1, 3]
    lots = {tuple(order_positions(OrderRule.LOT, lot, facts)) for lot in "abcdefgh"}
    assert len(lots) > 1


@pytest.mark.parametrize(
    ("quotation", "is_unchanged"),
    [
        ("both positions be printed", True),
        ("side by side. We disagreed", True),
        ("We ask […] side by side", True),
        ("side by side […] We ask", False),
        ("both Positions be printed", False),
        ("agreed about the rest", False),
        ("[…]", False),
    ],
)
def test_a_quotation_has_the_words_of_the_comment_in_their_order(quotation, is_unchanged):
    assert is_quotation_of(quotation, COMMENT) is is_unchanged


@given(st.text(min_size=1, max_size=200), st.data())
def test_whole_words_of_any_text_are_a_quotation_of_it(text, data):
    words = text.split()
    start = data.draw(st.integers(0, len(words)))
    end = data.draw(st.integers(start, len(words)))
    quotation = " ".join(words[start:end])
    assert is_quotation_of(quotation, text) is bool(quotation) or "[…]" in text or "[...]" in text


@given(
    st.lists(st.tuples(st.integers(1, 50), st.text(max_size=5)), unique_by=lambda p: p[0]),
    st.sampled_from(OrderRule),
    st.text(max_size=8),
)
def test_any_order_has_each_position_once_and_is_always_the_same(positions, rule, lot):
    facts = [OrderFacts(id_, title, None) for id_, title in positions]
    order = order_positions(rule, lot, facts)
    assert sorted(order) == sorted(id_ for id_, _title in positions)
    assert order == order_positions(rule, lot, reversed(facts))
