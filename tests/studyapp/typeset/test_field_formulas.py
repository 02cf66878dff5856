"""Formulas as papers of the field print them, none of them in the decks: `field_formulas.txt`, one a line.

All of them are laid out, lose no letter and fit; those on which layout once failed are also compared with drawings
made by hand.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from latex_letters import letters, promised
from wcwidth import wcswidth

from studyapp.typeset import displayed, faults, formula, plain
from studyapp.typeset.cells import width
from studyapp.typeset.colour import without
from studyapp.typeset.latex import parse
from studyapp.typeset.linear import write
from studyapp.typeset.small_scripts import Style, lowered_letters

FORMULAS = Path(__file__).with_name("field_formulas.txt").read_text("utf-8").splitlines()


def one_row(source: str) -> str:
    return without(write(parse(source), Style(lowered_letters(source))))


@pytest.mark.parametrize("source", FORMULAS)
def test_a_formula_of_a_paper_is_laid_out_fits_and_loses_no_letter(source: str) -> None:
    assert not faults(f"$${source}$$")
    for text, room in ((f"$${source}$$", 76), (f"$${source}$$", 40), (f"${source}$", 60)):
        rows = plain(text, room).split("\n")
        assert not promised(source) - letters("".join(rows))
        assert all(wcswidth(row) == width(row) <= room for row in rows)


DRAWINGS = {
    r"\left(\begin{array}{cc|c} 1 & 2 & 3 \\ 4 & 5 & 6 \end{array}\right)": """
        ╭ 1  2 │ 3 ╮
        ╰ 4  5 │ 6 ╯
    """,
    r"\begin{array}{l|rr} & a & b \\ \hline xy & -1 & 10 \end{array}": """
           │  a   b
        ───┼───────
        xy │ −1  10
    """,
    r"\begin{array}{|c|c|} \hline a & b \\ \hline \frac{1}{2} & d \\ \hline \end{array}": """
        ┌───┬───┐
        │ a │ b │
        ├───┼───┤
        │ 1 │   │
        │ ─ │ d │
        │ 2 │   │
        └───┴───┘
    """,
    r"\begin{array}{@{}l*{2}{c}|p{2cm}} a & b & c & d \end{array}": """
        a  b  c │ d
    """,
    r"\left\{ \begin{array}{ll} a & x \\ b & y \end{array} \right.": """
        ╭ a  x
        ┤
        ╰ b  y
    """,
    r"\mathbb E_{x}\begin{cases}1 & a\\ \frac{p}{q} & b\end{cases}": """
           ╭ 1  a
        𝔼ₓ ┤
           │ p
           │ ─  b
           ╰ q
    """,
    r"f\!\left(\frac{a}{b}\right)c": """
          ╭ a ╮
        f │ ─ │ c
          ╰ b ╯
    """,
    r"\left[\frac ab\,\middle|\,c\right]": """
        ┌ a │   ┐
        │ ─ │ c │
        └ b │   ┘
    """,
    r"\left(\frac ab\,\Big\|\,c\right)": """
        ╭ a ║   ╮
        │ ─ ║ c │
        ╰ b ║   ╯
    """,
    r"\Bigg\langle \frac ab\Bigg| c\Bigg\rangle": """
        ╱ a │   ╲
        ⟨ ─ │ c ⟩
        ╲ b │   ╱
    """,
    r"\left(\frac ab\right)^{\frac{1}{n}}": """
             1
             ─
             n
        ╭ a ╮
        │ ─ │
        ╰ b ╯
    """,
    r"\begin{multline} a + b \\ + c \end{multline}": """
        a + b
         + c
    """,
    r"\begin{align} &\max_x f \\ &\quad + e \\ &= d \end{align}": """
        max f
         x

           + e
         = d
    """,
    r"\begin{eqnarray} aa &=& b \\ &\le& c \end{eqnarray}": """
        aa = b
           ≤ c
    """,
    r"\sum_{\begin{subarray}{l} i\in A \\ j\in B \end{subarray}} x": """
         ∑ x
        i∈A
        j∈B
    """,
    r"\operatornamewithlimits{argmin}_w L": """
        argmin L
          w
    """,
    r"{n \choose k} = {n! \over k!}": """
        ╭n╮   n!
        │ │ = ──
        ╰k╯   k!
    """,
    r"\overbracket{a + b}^{n}": """
          n
        ╭─┴─╮
        a + b
    """,
    r"\overleftarrow{CD} \xlongequal{x}": """
        ←   x
        CD ═══
    """,
}


@pytest.mark.parametrize(("source", "drawing"), DRAWINGS.items())
def test_a_formula_is_drawn_as_by_hand(source: str, drawing: str) -> None:
    assert [row.rstrip() for row in formula(source)] == dedent(drawing).strip("\n").rstrip(" \n").split("\n")


ONE_ROW = {
    r"\mathbf p\mathbf p^\intercal": "𝐩𝐩ᵀ",
    r"{}_2F_1(a), {}^{14}_{6}\mathrm C": "₂F₁(a), ₆¹⁴C",
    r"x'_1 = x_{1}^{\prime}, y^{\prime\prime}, \theta^{*'}": "x′₁ = x′₁, y″, θ*′",
    r"a \nparallel b \Longleftrightarrow c \longleftrightarrow d": "a ∦ b ⟺ c ⟷ d",
    r"x\kern3pt y \mkern-3mu z \hskip 1em w": "x yz w",
    r"\text{100\,ms, 5\;s and 1\!2}": "100 ms, 5 s and 12",
    r"\sout{ab}": "a\u0336b\u0336",
    r"{\bf x}^{\!\top} {\bf W} c": "𝐱ᵀ 𝐖c",
    r"{x^2}^3 + (x^2)^3": "(x²)³ + (x²)³",
    r"\begin{eqnarray} a &=& b \end{eqnarray}": "a = b",
    r"\mathbb E\left[\left. R \right| s\right]": "𝔼[R │ s]",
    r"\beta_1^{\,t} + x_{\,i\,}": "β₁ᵗ + xᵢ",
    "a = b % why": "a = b",
    "a = 50% b": "a = 50%b",
    r"50\% b": "50%b",
}


@pytest.mark.parametrize(("source", "row"), ONE_ROW.items())
def test_what_fits_one_row_stays_on_it(source: str, row: str) -> None:
    assert formula(source) == [row]


def test_a_comment_ends_with_its_line() -> None:
    assert formula("a = % why \\frac{1}{\nb") == ["a = b"]


INLINE = {
    # What a brace holds together, and which of two is its name.
    r"2\underbrace{a+b}_{m} + \overbrace{c}^{n}": "2 (a + b: m) + (c: n)",
    # Brackets after a letter may be a factor; after a function's name they hold its argument.
    r"\frac{1}{n(n-1)} + \frac{1}{n\left(n-1\right)}": "1/(n(n − 1)) + 1/(n(n − 1))",
    r"\frac{1}{N(s, a)} + \frac{1}{\exp(-x)}": "1/N(s, a) + 1/exp(−x)",
    r"\frac{1}{\operatorname{std}(x - y)}": "1/std(x − y)",
    # A bar alone says `given` or `at`.
    r"\mathbb E\left[\left. R \right| s\right] + \left. f \right|_0": "𝔼[R | s] + f |₀",
    # Powers of powers, from either side.
    r"{x^2}^3 + x^{2^3}": "(x²)³ + x^(2³)",
    r"\begin{rcases} c, \\ d \end{rcases}": "{c; d}",
    # A letter's own underscore makes no script.
    r"step\_num\cdot a": "step_num · a",
    # One pair of brackets round a script is enough, and two pairs side by side are not one.
    r"p^{(S)}_w + 𝟙_{[w]} + x_w^{(S)(T)}": "p_w^(S) + 𝟙_[w] + x_w^((S)(T))",
    r"f = \begin{cases} 1 & x > 0 \\ 0 & \text{else} \end{cases}": "f = {1, x > 0; 0 else}",
    r"f = \begin{cases} 1, & x > 0 \\ 0, & x < 0 \end{cases}": "f = {1, x > 0; 0, x < 0}",
    r"\left(\begin{array}{c|c} 1 & 2 \\ 3 & 4 \end{array}\right)": "(1 | 2; 3 | 4)",
    r"\begin{aligned} x &= 1 & y &= 2 \end{aligned}": "x = 1   y = 2",
}


@pytest.mark.parametrize(("source", "row"), INLINE.items())
def test_one_row_says_the_same_as_the_drawing(source: str, row: str) -> None:
    assert one_row(source) == row


def test_words_in_a_formula_may_hold_formulas_also_inline() -> None:
    assert plain(r"so $f = \text{the $k$ best of $n_{1}$}$ it", 60) == "so f = the k best of n₁ it"
    assert plain(r"so $f = \colorbox{red}{$k$ words}$ it", 60) == "so f = k words it"
    assert plain(r"`$\text{the $k$}$`", 60) == r"$\text{the $k$}$"
    assert plain("```\n" + r"\text{the $k$}" + "\n```", 60).strip() == r"\text{the $k$}"


def test_a_long_objective_breaks_between_its_factors_rather_than_lose_its_shape() -> None:
    tall = r"\frac{aaaaaaaaaaaaaaaaaaaa}{b}\left(\frac{cccccccccccc}{d}\right)"
    source = rf"J = \mathbb E\left[\frac{{1}}{{G}}\sum_{{i=1}}^{{G}}{tall}\right]"
    assert displayed(source, 40)[0] == [
        "      ┌ 1  G  aaaaaaaaaaaaaaaaaaaa",
        "J = 𝔼 │ ─  ∑  ────────────────────",
        "      └ G i=1          b",
        "",
        "          ╭ cccccccccccc ╮ ┐",
        "          │ ──────────── │ │",
        "          ╰      d       ╯ ┘",
    ]


def test_brackets_with_a_power_open_like_others() -> None:
    assert displayed(r"J = \left(aaaaaaaaaaaaaaaa + \frac{bbbbbbbbbb}{c}\right)^2", 24)[0] == [
        "J = (aaaaaaaaaaaaaaaa",
        "",
        "        bbbbbbbbbb ╮²",
        "      + ────────── │",
        "            c      ╯",
    ]


def test_a_function_keeps_its_brackets() -> None:
    rows = displayed(r"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa \exp\left(\frac{bbbbbbbbbbbbbbbb}{c}\right)", 40)[0]
    assert not any(row.rstrip().endswith("exp") for row in rows)
