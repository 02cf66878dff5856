"""An item to look at: how it stands, its text typeset, its evidence."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from decks.exercises import Exercise
from decks.items import Card, Derivation, Drill
from studyapp.browsing import history
from studyapp.searching import Row
from studyapp.texts import evidence, points, sides
from studyapp.widgets.item_line import SIGNS
from studyapp.widgets.prose import Prose


class Preview(VerticalScroll, can_focus=False):
    """Scrolls if the text is long."""

    def __init__(self, **names: str | None) -> None:
        super().__init__(**names)  # type: ignore[arg-type]
        self.about = Static(id="about")
        self.question, self.answer, self.evidence = Prose(id="question"), Prose(id="answer"), Prose(id="evidence")
        self.divider = Static(id="divider")

    def compose(self) -> ComposeResult:
        yield from (self.about, self.question, self.divider, self.answer, self.evidence)

    def show(self, row: Row, note: str | None, exercise: Exercise | None, example: str) -> None:
        """A card with its answer; of a drill the exercise with its solution, or what `example` says of one; of a
        derivation what is to be derived."""
        question, answer, proof = texts(row.item, exercise, example)
        self.about.update(about(row, note))
        self.question.show(question)
        self.answer.show(answer)
        self.evidence.show(proof)
        self.divider.display = bool(answer)

    def turn(self, direction: int) -> None:
        """A page on or back, two lines of it staying in view."""
        self.scroll_relative(y=direction * max(1, self.size.height - 2), animate=False)

    @property
    def has_more(self) -> bool:
        """Whether the text goes on below."""
        return bool(self.display) and self.scroll_offset.y < self.max_scroll_y


def texts(item: Card | Drill | Derivation, exercise: Exercise | None, example: str = "") -> tuple[str, str, str]:
    """Question, answer and evidence, in Markdown."""
    if isinstance(item, Derivation):
        return item.task, f"*To reach:* `{item.goal}`", f"*Source:* {item.source}" if item.source else ""
    if isinstance(item, Drill) and exercise is None:
        return f"{item.description}\n\n*{example}*", "", ""
    question, answer = sides(item, exercise)
    return question, f"{answer}\n\n{points(item)}".strip(), evidence(item, exercise)


def about(row: Row, note: str | None) -> Content:
    """What it is, how it stands, and the flag's note if there is a flag."""
    item, look = row.item, SIGNS[row.state]
    parts: list[str | tuple[str, str]] = [
        (item.id, "bold $text-primary"),
        (f"   {item.topic}, {item.importance}, {type(item).__name__.lower()}\n", "$dim"),
        (f"{look.sign} {row.state}", look.style),
        (f"   {history(row)}", "$dim"),
    ]
    if row.standing.flagged:
        parts.append((f"\n⚑ {note or 'flagged'}", "$text-warning"))
    return Content.assemble(*parts)
