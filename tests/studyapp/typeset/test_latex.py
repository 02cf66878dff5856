"""The parser: what it refuses, what it says then, and that nothing sends it too deep."""

import pytest

from studyapp.typeset import FormulaError, formula
from studyapp.typeset.latex import MAX_LENGTH


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (r"\frobnicate{x}", r"\\frobnicate is not supported"),
        (r"\frac{a}{b", "} is missing"),
        (r"\frac{a}", "an argument is missing"),
        (r"a}", "unexpected }"),
        (r"x^a^b", r"two \^ on one base"),
        (r"x_", "an argument is missing"),
        (r"\left( x", r"\\right is missing"),
        (r"\left x \right)", "x cannot be a delimiter"),
        (r"\begin{tikzpicture}\end{tikzpicture}", "the environment tikzpicture is not supported"),
        (r"\begin{cases} a \end{matrix}", "cases ends as matrix"),
        (r"\begin{cases} a", r"\\end is missing"),
        (r"\text{a", "} is missing"),
        ("\\", "not supported"),
        ("{" * 1000 + "}" * 1000, "nested more than"),
        (r"\left(" * 300, "nested more than"),
        (r"\hat" * 400 + "x", "nested more than"),
        ("x^{" * 300 + "}" * 300, "nested more than"),
        ("x" * (MAX_LENGTH + 1), "longer than"),
        (r"\begin{matrix}" + "&" * 700 + r"\end{matrix}", "more than 600 cells"),
        (r"\begin{matrix}" + "&" * 40 + r"\\" * 40 + r"\end{matrix}", "more than 600 cells"),
    ],
)
def test_what_is_not_supported_is_named(source: str, says: str) -> None:
    with pytest.raises(FormulaError, match=says):
        formula(source)


def test_parentheses_that_do_not_grow_do_not_nest() -> None:
    assert formula("(" * 900 + ")" * 900) == ["(" * 900 + ")" * 900]


@pytest.mark.parametrize(
    ("opening", "closing"),
    [("{", "}"), (r"\left(", r"\right)"), (r"\frac{1}{", "}"), (r"\sqrt{", "}"), (r"\hat{", "}"), ("x^{", "}")],
)
def test_depth_up_to_the_limit_is_drawn(opening: str, closing: str) -> None:
    assert formula(opening * 19 + "x" + closing * 19)


def test_a_group_keeps_its_class_and_a_letter_its_script() -> None:
    assert formula(r"a \mathrel{R} b") == ["a R b"]
    assert formula(r"x^\frac12")[0].strip() == "1"
    assert formula(r"\mathrm d x") == ["dx"]


def test_text_keeps_its_spaces_and_its_formulas() -> None:
    assert formula(r"\text{if $x_i > 0$ and }y") == ["if xᵢ > 0 and y"]
    assert formula(r"\text{100\% \textbf{sure}}") == ["100% sure"]
