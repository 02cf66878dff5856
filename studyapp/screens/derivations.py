"""Which derivation? A list by topic with how each stands, the selected one's task below it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from decks.items import Derivation
from studyapp.begun import Begun, begun
from studyapp.browsing import UNSEEN, state_word
from studyapp.screens.choosing import NARROW, WIDE, ChoosingScreen, list_keys, short
from studyapp.screens.opening import open_derivation, sit_down
from studyapp.searching import Row
from studyapp.typeset.cells import fit
from studyapp.widgets.item_line import SIGNS
from studyapp.words import NAMES, count

if TYPE_CHECKING:
    from db.log import Log
    from db.queries import Standing

SHORT_TOPIC, SHORTEST_TOPIC = 16, 8
STATE = 15  # cells of a state in words
GRADE = 6  # cells of the last grade's column


class DerivationsScreen(ChoosingScreen[Derivation]):
    """Derivations in study order, with how each stands."""

    BINDINGS: ClassVar[list[BindingType]] = list_keys("derivations", "Derive")
    NOTHING = "There are no derivations in your decks; `studyapp decks list` says what is."

    def __init__(self) -> None:
        super().__init__("derivations", "about-derivation")
        self.standings: dict[str, Standing] = {}
        self.grades: dict[str, int] = {}
        self.begun: dict[str, Begun] = {}

    def find(self) -> list[Derivation]:
        found = by_topic(list(self.app.library.derivations.values()))
        if found:
            self.warm_up(found[0])
        return found

    def describe(self, choice: Derivation) -> str:
        return choice.task

    def on_screen_resume(self) -> None:
        self.standings = self.app.log_file.standings()
        self.begun = begun(self.app.log_file, [derivation.id for derivation in self.choices])
        self.find_grades()
        done, there_are = len(self.done), len(self.choices)
        says = f"  {done} of {there_are} done" if done else f"  {count(there_are, 'derivation')}"
        where = Content.assemble(("Derivations", "bold $text-primary"), (says, "$dim"))
        self.query_one("#where", Static).update(where)
        self.list.refresh()

    @property
    def done(self) -> list[str]:
        """The ids of those that have been done."""
        ids = [derivation.id for derivation in self.choices]
        return [name for name in ids if name in self.standings and self.standings[name].reviews]

    @work(exclusive=True, group="grades")
    async def find_grades(self) -> None:
        """The last grades, which take reading the whole log."""
        if self.done:
            self.grades = await asyncio.to_thread(last_grades, self.app.log_file, self.done)
            self.list.refresh()

    @work(thread=True, exit_on_error=False)
    def warm_up(self, first: Derivation) -> None:
        """Import what a derivation needs, so that the first one opens at once."""
        sit_down(self.app, first, None)

    # showing

    def columns(self, row: int, width: int, selected: bool) -> list[tuple[str, str]]:
        """The topic, the name, how it stands."""
        derivation = self.choices[row]
        most = None if width >= WIDE else SHORT_TOPIC if width >= NARROW else SHORTEST_TOPIC
        topic, style_of_topic = self.topic(row, most, selected)
        grade = GRADE if width >= NARROW else 0
        longest_name = max(len(name(other)) for other in self.choices)
        room = max(8, min(longest_name, width - len(topic) - STATE - grade - 6))
        sign, style, state = self.state(derivation)
        return [
            (topic, style_of_topic),
            (f"{sign} ", style),
            (fit(short(name(derivation), room), room + 2), ""),
            (fit(state, STATE), style if sign == SIGNS["due"].sign else "$dim"),
            (fit(NAMES.get(self.grades.get(derivation.id, 0), "")[:grade], grade), "$dim"),
            (derivation.importance if width >= WIDE else "", "$dim"),
        ]

    def state(self, derivation: Derivation) -> tuple[str, str, str]:
        """How it stands: a sign, its style, and in words."""
        mark = self.begun.get(derivation.id)
        if mark is not None:
            return "◐", "$text-warning", f"begun, {count(mark.lines, 'line')}"
        row = Row(derivation, "", self.standings.get(derivation.id, UNSEEN), self.app.clock.today())
        return *SIGNS[row.state], state_word(row)

    @work(exclusive=True, group="open")
    async def begin(self, choice: Derivation) -> None:
        await open_derivation(self, choice)


def last_grades(log: Log, items: list[str]) -> dict[str, int]:
    """For a thread: nothing of `log` is used but where it lies."""
    with log.for_thread() as other:
        return other.last_grades(items)


def name(derivation: Derivation) -> str:
    """A derivation's id in words."""
    return derivation.id.removeprefix("derive-").replace("-", " ")


def by_topic(derivations: list[Derivation]) -> list[Derivation]:
    """In study order, those of a topic together where the first of them stands."""
    topics = list(dict.fromkeys(derivation.topic for derivation in derivations))
    return sorted(derivations, key=lambda derivation: topics.index(derivation.topic))
