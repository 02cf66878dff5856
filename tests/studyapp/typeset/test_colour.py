"""Colour in formulas: the letters and widths are those of the formula without it, and the pieces have their colour."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.typeset import formula, plain, typeset
from studyapp.typeset.cells import width
from studyapp.typeset.colour import NAMES, mark, spans, without

COLOURS = sorted(NAMES)


@pytest.mark.parametrize(
    ("coloured", "bare"),
    [
        (r"\textcolor{red}{x} + y", "x + y"),
        (r"\frac{\textcolor{blue}{\frac{a}{b}}}{c + d}", r"\frac{\frac{a}{b}}{c + d}"),
        (r"\left( \textcolor{green}{\frac{a}{b}} \right)", r"\left( \frac{a}{b} \right)"),
        (r"\textcolor{red}{\sum_{i=1}^n} x_i", r"\sum_{i=1}^n x_i"),
        (r"a \textcolor{red}{+} b", "a + b"),
        (r"\sqrt{\textcolor{orange}{x}}", r"\sqrt{x}"),
        (r"\textcolor{nosuch}{x^2}", "x^2"),
        (r"\colorbox{red}{x^2}", "x^2"),
        (r"\colorbox{yellow}{some words}", r"\text{some words}"),
        (r"\fcolorbox{red}{yellow}{some words}", r"\fbox{some words}"),
        (r"\color{red} - x + y", "-x + y"),
        (r"a {\color{blue} - b} c", "a {-b} c"),
        (r"x \textcolor{red}{+ \epsilon} = y", r"x + \epsilon = y"),
        (r"\color[HTML]{FF0000} x \color{nosuch} y", "xy"),
        (r"x_{\textcolor{red}{i}}^{\color{blue}2}", "x_i^2"),
        (r"\frac{2\textcolor{red}{+b}}{\color{green}c d}", r"\frac{2+b}{cd}"),
        (r"\frac{1}{\color{green} 10} \textcolor{red}{\tfrac12} y", r"\frac{1}{10} \tfrac12 y"),
        (r"\color{red}\Big(\frac{a}{b}\Big)^2 D(p \| q)", r"\Big(\frac{a}{b}\Big)^2 D(p \| q)"),
        (r"\textcolor{red}{x_w} z", "x_w z"),
        (r"\textcolor{red}{x_1} y", "x_1 y"),
        (r"\textcolor{red}{a + b}^2", "{a + b}^2"),
        (r"\begin{aligned} a &= \color{red} b \\ &= c \end{aligned}", r"\begin{aligned} a &= b \\ &= c \end{aligned}"),
    ],
)
def test_a_colour_changes_no_character_and_no_place(coloured: str, bare: str) -> None:
    assert formula(coloured) == formula(bare)
    for source in (coloured, bare):
        assert plain(f"so ${source}$ it", 60) == plain(f"so ${bare}$ it", 60)


def test_each_row_of_a_tall_part_has_its_colour() -> None:
    lines = typeset(r"$$\textcolor{red}{\frac{a}{b}} + \textcolor{blue}{c}$$", 60)
    assert [[span for span in line if span[0].strip()] for line in lines] == [
        [("a", "red")],
        [("─", "red"), (" + ", "math"), ("c", "blue")],
        [("b", "red")],
    ]


def test_the_innermost_colour_counts_and_emphasis_stays() -> None:
    (line,) = typeset(r"**$\textcolor{red}{a \textcolor{green}{b} c}$**", 60)
    pieces = [(text.replace("\u00a0", " "), style) for text, style in line]
    assert pieces == [("a", "bold red"), ("b", "bold green"), ("c", "bold red")]


@given(st.recursive(st.text("ab ", max_size=4), lambda inner: st.lists(inner, max_size=3)), st.sampled_from(COLOURS))
def test_marks_have_no_width_and_come_out_again(parts: object, colour: str) -> None:
    def written(part: object) -> str:
        return part if isinstance(part, str) else mark("".join(map(written, part)), colour)  # type: ignore[call-overload]

    def bare(part: object) -> str:
        return part if isinstance(part, str) else "".join(map(bare, part))  # type: ignore[call-overload]

    text = written(parts)
    assert width(text) == width(bare(parts))
    assert without(text) == bare(parts)
    assert "".join(piece for piece, _ in spans(text, "math")) == bare(parts)


def coloured_text(source: str, width: int = 60) -> dict[str, str]:
    """What is shown in each style, without spaces."""
    found: dict[str, str] = {}
    for line in typeset(source, width):
        for text, style in line:
            found[style] = found.get(style, "") + text.replace("\u00a0", "").replace(" ", "")
    return {style: text for style, text in found.items() if text}


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (r"a + \color{red} b + c", {"math": "a+", "red": "b+c"}),
        (r"\color{red} a + \color{blue} b", {"red": "a+", "blue": "b"}),
        (r"{\color{red} a} + b", {"red": "a", "math": "+b"}),
        (r"\color{red}{a} + b", {"red": "a+b"}),  # LaTeX's switch takes no group of its own
        (r"\left[\color{red} a\right] b", {"math": "[]b", "red": "a"}),
        (r"\color{red} \big(a\big) b", {"red": "(a)b"}),
        (r"\textcolor{red}{\big(} a \textcolor{red}{\big)} b", {"math": "(a)b"}),
        (r"x_{\textcolor{red}{i}}^{\color{blue}2}", {"math": "x", "red": "ᵢ", "blue": "²"}),
        (r"a + \colorbox{red}{b}", {"math": "a+", "red filled": "b"}),
        (r"a + \colorbox{nosuch}{b}", {"math": "a+", "math filled": "b"}),
    ],
)
def test_a_switch_colours_what_follows_in_its_group_and_a_box_its_ground(source: str, shown: dict[str, str]) -> None:
    assert coloured_text(f"$${source}$$") == coloured_text(f"${source}$") == shown


def test_a_switch_ends_with_its_cell() -> None:
    source = r"$$\begin{aligned} a &= \color{red} b \\ &= c \end{aligned}$$"
    assert coloured_text(source) == {"math": "a==c", "red": "b"}


def test_what_is_coloured_breaks_as_it_would_without_colour() -> None:
    bare = r"f(x) = aaaaaaaa + \left[ \frac{bbbbbbbb}{b} + cccccccc \right] = dddddddd"
    for cells in (20, 24, 40):
        whole = plain(f"$${bare}$$", cells)
        assert plain(rf"$$\color{{red}} {bare}$$", cells) == plain(rf"$$\textcolor{{red}}{{{bare}}}$$", cells) == whole
        assert coloured_text(rf"$$\color{{red}} {bare}$$", cells) == {"red": whole.replace(" ", "").replace("\n", "")}


def test_a_frame_has_its_own_colour() -> None:
    shown = coloured_text(r"$$\fcolorbox{red}{yellow}{so it is}$$")
    assert shown == {"red": "┌──────────┐││└──────────┘", "orange filled": "soitis"}


def test_no_source_can_hold_a_mark() -> None:
    smuggled = mark("x", "red")
    assert typeset(f"a ${smuggled}$ {smuggled}", 60) == typeset("a $x$ x", 60)
