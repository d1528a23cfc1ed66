"""The accent colour of a site is readable in light and dark mode."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentsite.errors import Invalid
from commentsite.site.accent import (
    DARK_BACKGROUNDS,
    LIGHT_BACKGROUNDS,
    MIN_CONTRAST,
    build_palette,
    check_accent,
    compute_contrast,
    derive_dark_accent,
    parse_colour,
)

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_the_contrast_is_that_of_the_standard():
    assert compute_contrast("#000000", "#ffffff") == 21
    assert round(compute_contrast("#777777", "#ffffff"), 2) == 4.48


@given(COLOURS, st.booleans())
def test_text_in_a_derived_colour_is_readable_wherever_it_stands(colour, is_dark):
    palette = build_palette(colour, is_dark=is_dark)
    backgrounds = DARK_BACKGROUNDS if is_dark else LIGHT_BACKGROUNDS
    for background in (*backgrounds, palette.wash, palette.on_accent):
        assert compute_contrast(palette.accent, background) >= MIN_CONTRAST
        assert compute_contrast(palette.deep, background) >= MIN_CONTRAST


@given(COLOURS)
def test_the_derived_colour_of_dark_mode_is_readable_there(colour):
    check_accent("", derive_dark_accent(colour))


@given(COLOURS)
def test_the_colour_that_a_refusal_names_is_accepted(colour):
    try:
        check_accent(colour, "")
    except Invalid as error:
        check_accent(error.details["nearest"], "")


@pytest.mark.parametrize(
    ("typed", "colour"),
    [("#1E3F80", "#1e3f80"), ("abc", "#aabbcc"), (" 1e3f80 ", "#1e3f80"), ("", "")],
)
def test_a_colour_is_read_however_it_is_written(typed, colour):
    assert parse_colour(typed, "accent") == colour


@pytest.mark.parametrize("typed", ["red", "#12345", "url(x)", "#1e3f80; }"])
def test_anything_else_is_no_colour(typed):
    with pytest.raises(Invalid):
        parse_colour(typed, "accent")
