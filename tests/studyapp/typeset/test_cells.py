"""Measuring and cleaning text."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from studyapp.typeset.cells import chop, clean, fit, head, width


def test_width_counts_cells_not_characters() -> None:
    assert (width("abc"), width("漢字"), width("e\u0301"), width("𝔼̂ₜ"), width("👍")) == (3, 4, 1, 2, 2)


def test_nothing_that_steers_a_terminal_survives() -> None:
    assert clean("\x1b[31mred\x1b[0m \x9b2J a\u202eb \u200bc\x07\x7f") == "[31mred[0m 2J ab c"
    assert clean("a\r\nb\rc\td") == "a\nb\nc   d"
    assert clean("\ud800\ue000") == "\ufffd\ufffd"
    assert clean("❤\ufe0f 👩\u200d💻") == "❤ 👩💻"
    assert clean("π_θ ≤ ∑ é") == "π_θ ≤ ∑ é"


@given(st.text())
def test_clean_text_has_no_controls_and_stays_as_it_is(text: str) -> None:
    once = clean(text)
    assert all(char == "\n" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in once)
    assert clean(once) == once


@given(st.text(), st.text())
def test_widths_of_clean_text_add_up(one: str, other: str) -> None:
    """Layout depends on it; for raw text it is not so, since Rich counts a joiner by what stands before it."""
    one, other = clean(one).replace("\n", ""), clean(other).replace("\n", "")
    assert width(one + other) == width(one) + width(other) == cell_len(one) + cell_len(other)


@given(st.text(), st.integers(2, 30))
def test_chopped_text_is_whole_and_fits(text: str, cells: int) -> None:
    text = clean(text).replace("\n", "")
    pieces = chop(text, cells)
    assert "".join(pieces) == text
    assert all(width(piece) <= cells for piece in pieces)
    assert head(text or "x", 1) >= 1


def test_fit_pads_by_cells() -> None:
    assert fit("漢", 5, "centre") == " 漢  "
    assert fit("a", 3, "right") == "  a"
    assert fit("long", 2) == "long"
