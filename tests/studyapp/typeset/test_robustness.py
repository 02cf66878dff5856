"""Whatever a deck holds: never an exception, never a line too wide, never a control character."""

import subprocess
import sys
import unicodedata

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from studyapp.typeset import FormulaError, formula, plain, typeset

STYLES = {"", "bold", "italic", "code", "math", "heading", "dim", "rule", "red", "blue", "filled"}

COMMANDS = """
    frac dfrac sqrt sum prod int max log exp alpha theta left right middle big Bigl Bigr begin end text mathrm mathbb
    mathbf mathcal operatorname operatorname* hat widehat bar overline underline vec underbrace overbrace underset
    overset stackrel binom substack tag color boxed xrightarrow phantom not limits displaystyle mid quad cdots ldots
    cdot in le to langle rangle lVert rVert cancel pmod hline nosuchcommand , ! { } | $ % \\
"""
LATEX = [
    *"abxπ0129+-=<>,;:.|!/()[]{}^_&~' ",
    *("\\" + name for name in COMMANDS.split()),
    *("{}", "{x}", "_i", "^2", "_{i+1}", r"^{\pi}", "[3]", "(x)", "{matrix}", "{cases}", "{aligned}", "{array}{lr}"),
    *(r"\left(", r"\right)", r"\frac{a}{b}", r"\color{red}", r"\textcolor{blue}", r"\colorbox{red}"),
    *(r"\begin{pmatrix}", r"\end{pmatrix}", r"\begin{aligned}", r"\end{aligned}"),
]
MARKDOWN = [
    *"ab 1\n*_`~#>-+|$\\[]()!<&:",
    "\n- ", "\n  - ", "\n1. ", "\n> ",
    "\n\n", "    ", "$$", "```\n", "| a | b |\n|-|-|\n", "$x_i$", r"$$\frac{a}{b}$$", "[a](http://b)",
    "漢字", "👩\u200d💻", "❤\ufe0f", "e\u0301", "\x1b[2J", "\x9b31m", "\x07", "\u202e", "\u2028", "\ud800", "\ue000",
    "\t", "\r", "&#27;", "&#12;", "word ", "a" * 30,
]  # fmt: skip


def check(text: str, width: int) -> None:
    for line in typeset(text, width):
        assert cell_len("".join(part for part, _ in line)) <= width
        for part, style in line:
            assert part
            assert set(style.split(" ")) <= STYLES
            assert all(unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for char in part)


@given(st.text(max_size=300), st.integers(20, 100))
def test_any_text(text: str, width: int) -> None:
    check(text, width)


@given(st.lists(st.sampled_from(MARKDOWN), max_size=60).map("".join), st.integers(20, 100))
def test_markdown_soup(text: str, width: int) -> None:
    check(text, width)


@given(st.lists(st.sampled_from(LATEX), max_size=40).map("".join), st.integers(20, 80))
def test_latex_soup(source: str, width: int) -> None:
    check(f"text ${source}$ text\n\n$$\n{source}\n$$\n", width)
    try:
        rows = formula(source)
    except FormulaError:
        return
    assert rows


WELL_FORMED = st.recursive(
    st.sampled_from(
        ["x", "y_i", r"\theta", "12", "=", "+", "-", ",", r"\mid", r"\pi_\theta(a)", r"\text{if so}", r"\,"]
    ),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=6).map(" ".join),
        st.tuples(inner, inner).map(r"\frac{{{0[0]}}}{{{0[1]}}}".format),
        st.tuples(inner, inner).map(r"{{{0[0]}}}_{{{0[1]}}}^{{{0[0]}}}".format),
        st.tuples(inner, inner).map(r"\sum_{{{0[0]}}}^{{{0[1]}}}".format),
        st.tuples(inner, inner).map(r"\begin{{cases}} {0[0]} & {0[1]} \\ {0[1]} \end{{cases}}".format),
        inner.map(r"\left[ {} \right)".format),
        inner.map(r"\sqrt[3]{{{}}}".format),
        inner.map(r"\widehat{{{}}}".format),
        inner.map(r"\underbrace{{{0}}}_{{{0}}}".format),
    ),
    max_leaves=25,
)


@given(WELL_FORMED, st.integers(20, 90))
def test_well_formed_formulas_have_even_rows_and_fit(source: str, width: int) -> None:
    if len(source) <= 2000:
        formula(source)
        check(f"a ${source}$ b\n\n$${source}$$", width)
        assert "\\" not in plain(f"$${source}$$ and $z$", width)


LARGE = {
    "parentheses": "$$" + "(" * 1000 + ")" * 1000 + "$$",
    "brackets": "[" * 20_000,
    "quotes": ">" * 2_000,
    "list levels": "".join("  " * depth + "- x\n" for depth in range(100)),
    "stars": "*a " * 20_000,
    "code": "`a" * 20_000,
    "words": "word " * 20_000,
    "one word": "x" * 100_000,
    "east asian": "漢字" * 25_000,
    "marks": "a" + "\u0301" * 20_000,
    "formulas": "$x_i$ " * 3_000,
    "sum": "$$" + "a+" * 990 + "a$$",
    "arguments": "$$" + "f(a," * 490 + "$$",
    "statements": "$$" + "a,\\quad " * 240 + "$$",
    "blanks": r"$$\text{" + "~" * 100 + "}$$",
    "matrix": "$$\\begin{matrix}" + "a\\\\" * 300 + "b\\end{matrix}$$",
    "columns": "|a" * 500 + "\n" + "|-" * 500 + "\n" + "|b" * 500,
}


@pytest.mark.parametrize("name", LARGE)
def test_large_and_deep_texts(name: str) -> None:
    check(LARGE[name], 20)
    check(LARGE[name], 80)


def test_a_narrower_line_is_laid_out_as_for_twenty_cells() -> None:
    assert typeset("one two three four five", 3) == typeset("one two three four five", 20)


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[2J\x1b[1;1Hgone \x1b]0;title\x07 \x9b5A up",
        r"So $$L = -\log\sigma\left(\frac{\pi_\theta(y_w)}{\pi_{\text{ref}}(y_w)}\right)$$ with 漢字, $\hat\theta_t$",
    ],
)
def test_a_terminal_shows_what_was_meant(text: str) -> None:
    """An emulated terminal, with its own idea of widths and of escape sequences, shows the lines in their places."""
    screen = pyte.Screen(60, 24)
    pyte.Stream(screen).feed(plain(text, 60).replace("\n", "\r\n"))
    shown = [row.rstrip() for row in screen.display]
    expected = [unicodedata.normalize("NFC", row) for row in plain(text, 60).split("\n")]
    assert [unicodedata.normalize("NFC", row) for row in shown[: len(expected)]] == expected
    assert not any(shown[len(expected) :])


def loaded(code: str, names: tuple[str, ...]) -> str:
    code = f"import sys\n{code}\nprint([name for name in {names} if name in sys.modules])"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_importing_it_loads_nothing_heavy_and_using_it_no_screen_or_solver() -> None:
    heavy = ("textual", "torch", "sympy")
    assert loaded("import studyapp.typeset", (*heavy, "markdown_it", "rich", "studyapp.typeset.nodes")) == "[]"
    assert loaded("from studyapp.typeset import plain; plain('$x$', 40)", heavy) == "[]"
