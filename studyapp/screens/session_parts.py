"""What a session's screen shows of the item that is asked: its page, and the line above it."""

from __future__ import annotations

from concurrent.futures import Future

from textual.content import Content

from decks.exercises import Exercise
from decks.items import Card, Derivation, Drill
from studyapp.begun import Begun
from studyapp.screens.worksheet import making
from studyapp.session import Asked, Session
from studyapp.sheet_parts import Part, answered_parts
from studyapp.texts import front
from studyapp.words import count


def parts(asked: Asked, exercise: Exercise | None, shown: bool, failure: str = "", aside: str = "") -> list[Part]:
    """The page: the question, and once the answer is shown what belongs to that. `aside` stands last, the source where
    there is none."""
    item = asked.item
    if isinstance(item, Drill) and exercise is None:
        return [Part("question", making(item, failure))]
    if isinstance(item, Derivation):
        return [Part("question", item.task), *([Part("begun", aside, is_aside=True)] if aside else [])]
    if not shown:
        return [Part("question", front(item, exercise))]
    return answered_parts(item, exercise, asked.rubric, aside)


def suggests(asked: Asked) -> int | None:
    """The grade that the ticked points suggest, if some have been gone over."""
    return asked.rubric.suggested if asked.rubric is not None else None


def begun_sentence(mark: Begun | None) -> str:
    """How far a derivation has come."""
    return f"*Begun: {count(mark.lines, 'line')}, {count(mark.helps, 'help')}.*" if mark is not None else ""


def where_content(session: Session, asked: Asked) -> Content:
    """The line at the top: what this is, and how far the learner has come."""
    return _where(asked.item, bool(asked.entry.seen), _answers(session), session.left)


def coming_content(session: Session, asked: Asked, item: Card | Drill | Derivation) -> Content:
    """The same for `item`, if it comes next and what is asked now has been answered."""
    answered = int(asked.answer is None)
    return _where(item, True, _answers(session) + answered, session.left - answered)


def _answers(session: Session) -> int:
    return sum(1 for done in session.done if done.grade)


def _where(item: Card | Drill | Derivation, was_seen: bool, answers: int, left: int) -> Content:
    kind = " drill" if isinstance(item, Drill) else ""
    if isinstance(item, Derivation):
        kind = " derivation, due" if was_seen else " derivation"
    return Content.assemble(
        (item.topic, "bold $text-primary"),
        (f"  {item.importance}{kind}", "$dim"),
        (f"   {count(answers, 'answer')}, {left} left", "$dim"),
    )


def made(future: Future[Exercise] | None) -> Exercise | None:
    """The exercise, if it is there."""
    failed = future is None or not future.done() or future.cancelled() or future.exception() is not None
    return None if future is None or failed else future.result()
