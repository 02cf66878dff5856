"""What can be copied of an item, and a file that holds it too: terminals and tmux often drop what a program copies."""

from __future__ import annotations

from pathlib import Path

from decks.exercises import Exercise
from decks.items import Card, Derivation, Drill
from studyapp import places
from studyapp.typeset import formulas


def item_text(item: Card | Drill | Derivation, exercise: Exercise | None = None) -> str:
    """The item as it is written, Markdown with $LaTeX$; of a drill its description, or the exercise if there is one; of
    a derivation what is to be derived from what."""
    if isinstance(item, Card):
        parts = [item.question, item.answer]
    elif isinstance(item, Derivation):
        parts = [item.task, f"{item.start}\n{item.goal}"]
    elif exercise is None:
        parts = [item.description]
    else:
        parts = [exercise.prompt, exercise.solution]
    return "\n\n---\n\n".join(part.strip() for part in parts) + "\n"


def first_formula(text: str) -> str | None:
    """The LaTeX of the first formula in a Markdown text, without its dollars."""
    return next(iter(formulas(text)), None)


def keep(text: str) -> Path:
    """Write `text` into the learner's folder and return where. Raises OSError."""
    path = places.home() / "copied.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
