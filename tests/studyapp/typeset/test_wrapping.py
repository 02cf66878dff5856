"""Breaking styled text into lines."""

from hypothesis import given
from hypothesis import strategies as st

from studyapp.typeset.cells import clean, width
from studyapp.typeset.wrapping import NO_BREAK, join, wrap


def text_of(lines: list[tuple[tuple[str, str], ...]]) -> list[str]:
    return ["".join(text for text, _ in line) for line in lines]


def test_lines_break_at_spaces_and_styles_do_not_break_words() -> None:
    lines = wrap([("one tw", ""), ("o", "bold"), (", three", "")], 8)
    assert text_of(lines) == ["one two,", "three"]
    assert lines[0] == (("one tw", ""), ("o", "bold"), (",", ""))


def test_a_number_keeps_its_percent_sign() -> None:
    assert [line[0][0] for line in wrap([("it is in 13 % of all", "")], 12)] == ["it is in", "13 % of all"]


def test_a_formula_is_held_together() -> None:
    formula = "a = b".replace(" ", NO_BREAK)
    assert text_of(wrap([("so that ", ""), (formula, "math"), (".", "")], 12)) == ["so that", "a = b."]


def test_a_formula_longer_than_a_line_breaks_after_a_relation() -> None:
    formula = "aaaa + bb = cccc + dddd".replace(" ", NO_BREAK)
    assert text_of(wrap([(formula, "math")], 16)) == ["aaaa + bb =", "cccc + dddd"]


def test_a_word_longer_than_a_line_is_cut() -> None:
    assert text_of(wrap([("a " + "x" * 12, "")], 5)) == ["a xxx", "xxxxx", "xxxx"]
    assert text_of(wrap([("abc " + "x" * 12, "")], 5)) == ["abc", "xxxxx", "xxxxx", "xx"]


def test_east_asian_text_breaks_anywhere() -> None:
    assert text_of(wrap([("漢字漢字漢字", "")], 5)) == ["漢字", "漢字", "漢字"]


def test_spans_of_one_style_are_one_span() -> None:
    assert join([("a", "bold"), ("b", "bold"), ("", "dim"), (" ", "")]) == (("ab", "bold"),)


@given(st.lists(st.tuples(st.text(max_size=40), st.sampled_from(["", "bold", "math"])), max_size=8), st.integers(2, 40))
def test_wrapping_keeps_every_character_and_every_limit(spans: list[tuple[str, str]], cells: int) -> None:
    spans = [(clean(text), style) for text, style in spans]
    lines = wrap(spans, cells)
    assert all(width(line) <= cells for line in text_of(lines))
    gone = str.maketrans("", "", f" \n{NO_BREAK}")
    assert "".join(text_of(lines)).translate(gone) == "".join(text for text, _ in spans).translate(gone)
