"""The page on derivations tells the truth: its deck is sound, and each thing it says one can type is read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from decks.derivation_checks import check_derivation
from decks.lint import lint_deck
from solvers.symbolic.equivalence import equivalent

PAGE = (Path(__file__).parents[2] / "docs" / "derivations.md").read_text(encoding="utf-8")
DECK = re.search(r"```markdown\n(.*?)```", PAGE, re.DOTALL)


def test_the_deck_on_the_page_is_sound(tmp_path: Path) -> None:
    assert DECK is not None
    path = tmp_path / "mine.md"
    path.write_text(DECK[1], encoding="utf-8")
    deck = lint_deck(path)
    assert deck.problems == ()
    (derivation,) = deck.derivations
    assert [verdict.verdict for verdict in check_derivation(derivation)] == ["accepted"] * len(derivation.steps)


SYMBOLS = {
    **dict.fromkeys(("beta", "b", "c", "y_w", "s"), "real"),
    **dict.fromkeys(("x", "epsilon"), "(0, inf)"),
    **dict.fromkeys(("R", "V", "A", "Q", "f", "theta", "z"), "indexed"),
    "K": "integer >= 2",
    **dict.fromkeys(("k", "a"), "integer in [1, K]"),
}
TABLE = [line.split(" | ", 1)[1] for line in PAGE.splitlines() if line.startswith("| ") and "`" in line]
TYPED = [typed.replace("\\|", "|") for row in TABLE for typed in re.findall("`([^`]+)`", row)]
EXPRESSIONS = [typed for typed in TYPED if "…" not in typed]


@pytest.mark.parametrize("typed", EXPRESSIONS)
def test_what_the_table_shows_is_read(typed: str) -> None:
    # θ stands there as a number and as a family, `\frac{a}{b}` with `a` a number: each by itself is fine
    alone = {"θ": {"theta": "real"}, "theta": {"theta": "real"}, "\\theta": {"theta": "real"}}
    symbols = alone.get(typed, SYMBOLS)
    assert equivalent(typed, typed, symbols).verdict == "equal"
