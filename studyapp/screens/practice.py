"""Drill practice, first half: which drill? A list by topic, with the selected one's description below it."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from studyapp.levels import too_early
from studyapp.practice import Choice, Practice, choices, tally_sentence
from studyapp.screens.choosing import NARROW, WIDE, ChoosingScreen, list_keys
from studyapp.screens.exercise import ExerciseScreen
from studyapp.typeset.cells import fit

SHORT_TOPIC = 16


class PracticeScreen(ChoosingScreen[Choice]):
    """Drills, and those of a topic mixed."""

    BINDINGS: ClassVar[list[BindingType]] = list_keys("practice", "Practise")
    NOTHING = "There are no drills in your decks; `studyapp decks list` says what is."

    def __init__(self) -> None:
        super().__init__("drills", "about-drill")
        self.last: Practice | None = None

    def find(self) -> list[Choice]:
        return choices(self.app.library, too_early(self.app.library, self.app.log_file))

    def describe(self, choice: Choice) -> str:
        return choice.says

    def on_screen_resume(self) -> None:
        went = f"  last time {tally_sentence(self.last.tally)}" if self.last is not None else ""
        says = ("  free practice, nothing is recorded", "$dim")
        where = Content.assemble(("Drills", "bold $text-primary"), (went, "$dim") if went else says)
        self.query_one("#where", Static).update(where)

    def columns(self, row: int, width: int, selected: bool) -> list[tuple[str, str]]:
        """The topic, the name, the words as far as they go."""
        choice = self.choices[row]
        names = max(len(other.name) for other in self.choices)
        return [
            self.topic(row, None if width >= WIDE else SHORT_TOPIC, selected),
            (fit(choice.name, names + 2), "bold" if len(choice.drills) > 1 else ""),
            (choice.says if width >= NARROW else "", "$dim"),
        ]

    def begin(self, choice: Choice) -> None:
        self.last = Practice(choice, self.app.sitting.solver)
        self.app.push_screen(ExerciseScreen(self.last))
