"""The lint that lays texts out: every formula of ours can be, every card fits, and what cannot is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from decks.library import SHIPPED, load_library
from studyapp.deck_check import check_deck, texts
from studyapp.sheet_parts import ROWS, rows
from studyapp.typeset import faults

DECK = "# D\ntopic: d\n\n## a-card\n\n{}\n\n---\n\n{}\n"


def messages(path: Path, question: str, answer: str) -> str:
    path.write_text(DECK.format(question, answer))
    return " ".join(problem.message for problem in check_deck(path).problems)


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.md")), ids=lambda path: path.stem)
def test_the_shipped_decks_lay_out_and_fit(path: Path) -> None:
    assert check_deck(path).problems == ()


def test_every_formula_of_the_derivations_lays_out() -> None:
    found = {item.id: faults(text) for item in load_library().derivations.values() for text in texts(item)}
    assert {name: fault for name, fault in found.items() if fault} == {}


def test_a_formula_that_cannot_be_laid_out_is_named(tmp_path: Path) -> None:
    assert "`\\frac{1}{2` cannot be laid out" in messages(tmp_path / "d.md", "$\\frac{1}{2$", "A.")
    assert "stands outside of a formula" in messages(tmp_path / "d.md", "Q?", "So \\alpha is small.")
    assert messages(tmp_path / "d.md", "$x_1$?", "It costs $5, `\\code` and $$\\sum_i x_i$$") == ""


def test_a_card_longer_than_a_small_screen_is_named(tmp_path: Path) -> None:
    fits, too_long = ("\n\n".join("abcdefghijkl"[:n]) for n in (9, 10))
    assert messages(tmp_path / "d.md", "Q?", fits) == ""
    assert "make two cards of it" in messages(tmp_path / "d.md", "Q?", too_long)


def test_a_cloze_counts_once() -> None:
    clozes = [card for card in load_library().cards.values() if card.kind == "cloze"]
    assert clozes
    assert all(rows(card) < 2 * len(card.question.splitlines()) + ROWS for card in clozes)
