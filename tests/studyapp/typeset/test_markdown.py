"""Cards' Markdown as lines."""

from textwrap import dedent

import pytest

from studyapp.typeset import plain, typeset


def card(text: str, width: int = 40) -> str:
    return plain(dedent(text).strip("\n"), width)


def test_paragraphs_are_joined_and_wrapped_and_parted_by_a_blank_line() -> None:
    assert card("one\ntwo\n\nthree") == "one two\n\nthree"
    assert card("one two three four five six", 20) == "one two three four\nfive six"


def test_emphasis_code_and_math_are_styles() -> None:
    assert typeset("**b** *i* ***bi*** `c` $x$ **a $y$ `z`**", 60) == [
        (
            ("b", "bold"),
            (" ", ""),
            ("i", "italic"),
            (" ", ""),
            ("bi", "italic bold"),
            (" ", ""),
            ("c", "code"),
            (" ", ""),
            ("x", "math"),
            (" ", ""),
            ("a ", "bold"),
            ("y", "bold math"),
            (" ", "bold"),
            ("z", "bold code"),
        )
    ]


def test_headings() -> None:
    assert typeset("## Two *words*\n\ntext", 40) == [
        (("Two ", "heading"), ("words", "heading italic")),
        (),
        (("text", ""),),
    ]


def test_lists_hang_and_nest() -> None:
    text = """
        - one two three fours
        - six
          1. a
          2. b
    """
    assert card(text, 20) == "• one two three\n  fours\n• six\n  1. a\n  2. b"
    assert card("9. a\n10. b\n\n    c") == " 9. a\n\n10. b\n\n    c"
    assert card("- a\n  - b\n    - c") == "• a\n  ◦ b\n    ▪ c"


def test_quotes_have_a_bar() -> None:
    assert card("> one two three four five\n>\n> six", 20) == "│ one two three four\n│ five\n│\n│ six"


def test_code_blocks_are_verbatim_and_cut_only_at_the_edge() -> None:
    assert card("```python\nif x:\n    $y$  **z**\n\nq\n```") == "  if x:\n      $y$  **z**\n\n  q"
    assert card("```\n" + "x" * 25 + "\n```", 20) == "  " + "x" * 18 + "\n  " + "x" * 7
    assert typeset("```\na\n```", 40) == [(("  ", ""), ("a", "code"))]


def test_rules_breaks_links_images_and_html() -> None:
    assert typeset("---", 20) == [(("─" * 20, "rule"),)]
    assert card("a  \nb\\\nc") == "a\nb\nc"
    assert card("[text](https://x.org) [here](#a) <https://y.org>") == "text (https://x.org) here https://y.org"
    assert card("![alt](p.png)") == "[image: alt]"
    assert card("<b>bold</b> &lt; &amp;") == "<b>bold</b> < &"
    assert card("<script>\nalert(1)\n</script>") == "<script> alert(1) </script>"


def test_dollars() -> None:
    assert card(r"costs \$5, $x_i$, and $5 or $6") == "costs $5, xᵢ, and $5 or $6"
    assert card("`$x$`") == "$x$"
    assert card("$a$ is 3") == "a is 3"


def test_inline_math_is_one_row_without_backslashes() -> None:
    assert card(r"the ratio $\frac{\pi_\theta(a)}{\pi_{\text{old}}(a)}$ is") == "the ratio π_θ(a)/π_old(a) is"


def test_subscripts_agree_over_a_whole_text() -> None:
    assert card("chosen $y_w$, rejected $y_l$") == "chosen y_w, rejected y_l"
    assert card("only $y_l$") == "only yₗ"


def test_displays_stand_on_lines_of_their_own() -> None:
    wanted = "so:\n\n      a\n  x = ─\n      b\n\n**then** more"
    for text in ("so:\n$$x = \\frac{a}{b}$$\n\\*\\*then\\*\\* more", "so: $$x = \\frac{a}{b}$$ \\*\\*then\\*\\* more"):
        assert card(text) == wanted
    assert card("so:\n$$\nx = \\frac{a}{b}\n$$\n\\*\\*then\\*\\* more") == wanted
    assert card("$$\na\n+ b\n- c\n$$") == "  a + b − c"
    assert card("- item\n\n  $$a = b$$\n- next") == "• item\n\n    a = b\n\n• next"


def test_what_cannot_be_laid_out_is_shown_as_it_is_written() -> None:
    assert typeset(r"see $\foo{x}$", 40) == [(("see ", ""), (r"$\foo{x}$", "code"))]
    assert typeset("$$\\foo{x}\n+ 1$$", 40) == [(("  ", ""), (r"\foo{x}", "code")), (("  ", ""), ("+ 1", "code"))]
    assert card("$$ a") == "$$ a"


def test_tables_have_thin_rules() -> None:
    text = """
        | name | $\\pi(a|s)$ |
        |:-----|------:|
        | a `b` | 1 |
        | c | 2.5 |
    """
    assert card(text) == " name │ π(a|s)\n──────┼────────\n a b  │      1\n c    │    2.5"
    assert typeset(dedent(text).strip(), 40)[0][:2] == ((" ", ""), ("name", "bold"))


def test_wide_tables_wrap_in_their_cells_and_very_wide_ones_become_lists() -> None:
    assert card("| a | b |\n|-|-|\n| x | one two three four five |\n| y | z |", 20) == "\n".join(
        [
            " a │ b",
            "───┼────────────────",
            " x │ one two three",
            "   │ four five",
            "───┼────────────────",
            " y │ z",
        ]
    )
    many = "|" + "aaaaaaaa|" * 6 + "\n|" + "-|" * 6 + "\n|" + "bbbbbbbb|" * 6
    assert card(many, 20) == "\n".join(["aaaaaaaa: bbbbbbbb"] * 6)


def test_a_number_alone_in_a_cell_has_the_sign_that_it_has_in_formulas() -> None:
    shown = card("| a | b |\n|-|-:|\n| -2.5 | $-1$ |\n| `-3` | -x |\n| a -4 | -5 |")
    assert shown.split("\n")[2:] == [" −2.5 │ −1", " -3   │ -x", " a -4 │ −5"]


def test_an_escaped_pipe_in_a_table_is_a_bar_as_on_code_hosts() -> None:
    assert card("| a |\n|-|\n| $p(x\\|y)$ |") == " a\n────────\n p(x|y)"


@pytest.mark.parametrize("text", ["", "\n\n", " ", "$$$$", "$$", "**", "> ", "- ", "#", "|", "```"])
def test_next_to_nothing(text: str) -> None:
    assert all(isinstance(line, tuple) for line in typeset(text, 20))


def test_a_repeated_call_is_not_spoiled_by_its_caller() -> None:
    typeset("same text", 30).clear()
    assert typeset("same text", 30) == [(("same text", ""),)]
