"""What is copied, and where it is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from standins import exercise

from studyapp.copying import first_formula, item_text, keep


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("no formula, 5$ and 6", None),
        ("`$x$` is code, $y_1$ is not, $z$ is later", "y_1"),
        ("**bold $\\hat{A}$**", "\\hat{A}"),
        ("text\n\n$$\n\\frac{a}{b}\n$$\n\nand $c$", "\\frac{a}{b}"),
        ("inline $$a+b$$ displayed", "a+b"),
        ("- a list\n- with $q$", "q"),
        ("| a | b |\n|---|---|\n| 1 | $t$ |", "t"),
        ("```\n$x$\n```\n\n$w$", "w"),
    ],
)
def test_the_first_formula(text: str, formula: str | None) -> None:
    assert first_formula(text) == formula


def test_every_item_with_dollars_in_the_shipped_decks_is_read() -> None:
    from decks.library import load_library

    texts = [item_text(card) for card in load_library().cards.values() if "$" in card.question]
    assert len(texts) > 20
    assert all((formula := first_formula(text)) and f"${formula}$" in text.replace("\n", "") for text in texts)


def test_the_text_of_cards_and_drills(make: Any) -> None:
    library = make(cards=1, drills=1).library
    assert item_text(library.items["card-000"]) == "Question 0?\n\n---\n\nAnswer 0.\n"
    drill = library.items["drill-0"]
    assert item_text(drill) == "Halve one, variant 0.\n"
    made = exercise(drill, "7")
    assert item_text(drill, made) == "Halve one. (numbers of 7)\n\n---\n\nOne divided by two is 0.5.\n"


def test_what_was_copied_last_is_kept_in_the_learners_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDYAPP_HOME", str(tmp_path / "new"))
    assert keep("first, longer") == tmp_path / "new" / "copied.txt"
    assert keep("πθ").read_text(encoding="utf-8") == "πθ"
