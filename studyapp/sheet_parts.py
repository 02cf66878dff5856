"""What stands on a worksheet's page and how far apart: known without Textual, so that lint counts as the page draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from decks.exercises import Exercise
from decks.items import Card, Drill
from studyapp.rubric import Rubric
from studyapp.texts import sides
from studyapp.typeset import typeset

LEFT, RIGHT = 2, 3  # cells beside the text, the scrollbar's among them
LONGEST_LINE = 100  # cells; longer ones are hard to read
COLUMNS, ROWS = 80 - LEFT - RIGHT, 21  # of a small screen, 80x24; the rest is for topic, grades and keys


class Part(NamedTuple):
    """A piece of the page: Markdown. An aside is shown more quietly than the rest."""

    name: str
    text: str
    is_aside: bool = False


class Stack(NamedTuple):
    """Where things stand, in rows from the page's top."""

    starts: list[int]  # of each part
    rule: int | None  # between the first part and the second
    height: int


def stack(parts: Sequence[Part], heights: Sequence[int], room: int) -> Stack:
    """Put parts of these heights below each other, an empty row around each; where that is more than there is room
    for, closer: none around the rule, none above an aside."""
    loose = _stack(parts, heights, is_close=False)
    return loose if loose.height <= room else _stack(parts, heights, is_close=True)


def _stack(parts: Sequence[Part], heights: Sequence[int], is_close: bool) -> Stack:
    starts: list[int] = []
    rule, row = None, 1
    for number, (part, height) in enumerate(zip(parts, heights, strict=True)):
        if number == 1:
            rule = row + (not is_close)
            row = rule + 1 + (not is_close)
        elif number and not (is_close and part.is_aside):
            row += 1
        starts.append(row)
        row += height
    return Stack(starts, rule, row)


def source_part(item: Card | Drill, exercise: Exercise | None) -> Part:
    """Where the answer comes from, in one line."""
    if isinstance(item, Card):
        return Part("source", f"Source: {item.source}" if item.source else "", is_aside=True)
    return Part("source", f"Source: computed, {exercise.drill}@{exercise.seed}" if exercise else "", is_aside=True)


def answered_parts(
    item: Card | Drill, exercise: Exercise | None, rubric: Rubric | None = None, aside: str = ""
) -> list[Part]:
    """The page of an item whose answer is shown. `aside` stands last, the source where there is none."""
    question, answer = sides(item, exercise)
    return [
        Part("question", question),
        Part("answer", answer),
        Part("rubric", rubric.text() if rubric is not None else ""),
        Part("evidence", aside, is_aside=True) if aside else source_part(item, exercise),
    ]


def rows(card: Card) -> int:
    """How many rows of a small screen a card takes with everything shown."""
    parts = answered_parts(card, None, Rubric(card.rubric) if card.rubric else None)
    shown = [part for part in parts if part.text]
    return stack(shown, [len(typeset(part.text, COLUMNS)) for part in shown], ROWS).height
