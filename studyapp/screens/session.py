"""The session on a screen: question, think, answer, grade. Asks and shows; the session decides."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType

from db.store import LogError
from decks.exercises import Exercise
from decks.items import Card, Derivation, Drill
from studyapp.begun import begun
from studyapp.copying import first_formula
from studyapp.editor import open_in_editor
from studyapp.screens.flag import FlagScreen
from studyapp.screens.opening import open_derivation, sit_down
from studyapp.screens.session_parts import begun_sentence, coming_content, made, parts, suggests, where_content
from studyapp.screens.worksheet import Worksheet
from studyapp.session import Asked, Session
from studyapp.sheet_parts import Part
from studyapp.solver_worker import WorkerFailed
from studyapp.texts import evidence, front
from studyapp.widgets.grades import GradeBar
from studyapp.words import NAMES

COMPUTING = "*Being computed again…*"
READING = 0.05  # seconds after a change: by then it is on the terminal


class SessionScreen(Worksheet):
    """One sitting. Its parts are hidden or shown by what the session says of the present item."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "show_answer", "Answer", id="session.answer"),
        Binding("enter,space", "begin", "Begin", key_display="enter", id="session.begin"),
        Binding("space", "give_up", "Give up", id="session.give-up"),
        Binding("space,enter", "next", "Next", key_display="space", id="session.next"),
        Binding("enter", "to_line", "Type", key_display="enter", id="session.type"),
        Binding("space", "accept", "Take the grade", key_display="space", id="session.accept"),
        Binding("space", "more", "More", id="session.more"),
        Binding("t", "tick", "Had it", id="session.tick"),
        Binding("tab", "pass_point", "Missed it", key_display="tab", id="session.pass", priority=True),
        Binding("e", "evidence", "Evidence", id="session.evidence"),
        *(
            Binding(str(grade), f"grade({grade})", name, show=False, id=f"session.{name}")
            for grade, name in NAMES.items()
        ),
        Binding("u", "undo", "Undo", id="session.undo"),
        Binding("n", "skip", "Not now", id="session.skip"),
        Binding("x", "suspend", "Suspend", id="session.suspend"),
        Binding("f", "flag", "Flag", id="session.flag"),
        Binding("o", "open", "Open", id="session.open"),
        Binding("c", "copy", "Copy", show=False, id="session.copy"),
        Binding("l", "copy_formula", "LaTeX", show=False, id="session.copy_formula"),
        Binding("r", "retry", "Try again", id="session.retry"),
        Binding("escape", "leave", "Home", key_display="esc", id="session.leave"),
        Binding("q", "leave", "Home", show=False),
        Binding("escape", "back", "Back", key_display="esc", id="session.leave"),
        Binding("q", "back", "Back", show=False),
    ]

    def __init__(self, session: Session) -> None:
        bar = GradeBar(id="grades")
        super().__init__(bar)
        self.session, self.bar = session, bar
        self.making_failed = ""
        self.evidence = ""  # Markdown, while it is shown

    def on_mount(self) -> None:
        self.show_item()

    # showing

    def show_item(self) -> None:
        """Draw the present item from scratch, or end the session."""
        asked = self.session.current
        if asked is None:
            self.app.sitting.end()
            return
        self.making_failed = self.evidence = ""
        self.begin_sheet(asked.typed, isinstance(asked.item, Drill))
        if asked.exercise is not None and not asked.exercise.done():
            self.await_exercise(asked)
        if isinstance(asked.item, Derivation):
            self.warm_up(asked.item)
        self.refresh_item()

    def refresh_item(self) -> None:
        """Show what the present item's state calls for."""
        asked = self.session.current
        if asked is None:
            return
        item, exercise = asked.item, self.exercise
        answered = asked.answer is not None
        shown = asked.revealed
        self.where.show(where_content(self.session, asked))
        self.page.show(*parts(asked, exercise, shown, self.making_failed, self.aside(item)))
        self.show_verdict(asked.verdict, exercise)
        graded = answered or (shown and isinstance(item, Card))
        chosen = asked.answer.grade if asked.answer is not None else suggests(asked)
        self.bar.show(asked.options if graded else {}, chosen)
        typing = isinstance(item, Drill) and exercise is not None and not answered
        self.bar.display = not typing
        self.show_line(typing)
        self.refresh_bindings()
        self.set_timer(READING, self.prepare)

    def aside(self, item: Card | Drill | Derivation) -> str:
        """What stands last on the page: the evidence while it is shown, or how far a derivation has come."""
        if isinstance(item, Derivation):
            return begun_sentence(begun(self.session.log, [item.id]).get(item.id))
        return self.evidence

    def prepare(self) -> None:
        """What the next key may show, laid out while the learner reads."""
        asked, coming = self.session.current, self.session.coming
        if asked is None or not self.is_current:
            return
        self.page.prepare(*parts(asked, self.exercise, shown=True))
        if coming is not None:
            item, exercise = coming
            self.page.prepare(Part("question", front(item, made(exercise))))
            self.where.prepare(coming_content(self.session, asked, item))
        self.session.prepare()
        gc.collect(1)  # so that it is not due while a key waits

    @property
    def exercise(self) -> Exercise | None:
        """The present drill's exercise, if it has been made."""
        asked = self.session.current
        return made(asked.exercise) if asked is not None else None

    @work(exclusive=True, group="exercise")
    async def await_exercise(self, asked: Asked) -> None:
        assert asked.exercise is not None
        try:
            await asyncio.wrap_future(asked.exercise)
        except WorkerFailed as failure:
            if self.session.current is asked:
                self.making_failed = str(failure)
        if self.session.current is asked and self.is_mounted:
            asked.shown_at = self.session.clock.seconds()
            self.refresh_item()

    # derivations

    @work(thread=True, exclusive=True, group="derivation", exit_on_error=False)
    def warm_up(self, derivation: Derivation) -> None:
        """Import what a derivation needs while its task is read, so that it opens at once."""
        sit_down(self.app, derivation, None)

    @work(exclusive=True, group="open")
    async def action_begin(self) -> None:
        """On a screen of its own; `on_screen_resume` is where the learner comes back."""
        asked = self.session.current
        if asked is not None and isinstance(asked.item, Derivation):
            await open_derivation(self, asked.item, self.session)

    def on_screen_resume(self) -> None:
        """Back from a derivation: on to the next item if it is done, else it is asked still."""
        asked = self.session.current
        if asked is None or not isinstance(asked.item, Derivation):
            return
        if asked.answer is not None:
            self.session.advance()
            self.show_item()
        else:
            self.refresh_item()

    # answering

    def action_show_answer(self) -> None:
        self.session.reveal()
        self.refresh_item()

    def action_give_up(self) -> None:
        """Show a drill's solution; that counts as Again. Not while something is typed: it could be a slip."""
        if self.kept(self.session.give_up):
            self.refresh_item()

    def action_next(self) -> None:
        self.session.advance()
        self.show_item()

    def action_grade(self, grade: int) -> None:
        asked = self.session.current
        if asked is None or not (asked.revealed or asked.answer):
            return
        if self.kept(partial(self.session.grade, grade)):
            self.session.advance()
            self.show_item()

    def action_accept(self) -> None:
        """The grade that the rubric suggests."""
        asked = self.session.current
        grade = suggests(asked) if asked is not None else None
        if grade is not None:
            self.action_grade(grade)

    def action_tick(self) -> None:
        self.session.tick()
        self.refresh_item()
        self.page.see("rubric")

    def action_pass_point(self) -> None:
        self.session.pass_point()
        self.refresh_item()
        self.page.see("rubric")

    def action_more(self) -> None:
        """On to what does not fit below the answer's beginning."""
        self.page.turn()
        self.refresh_bindings()

    def action_evidence(self) -> None:
        """Show what the answer rests on and have it computed again; a second time: away with it."""
        asked = self.session.current
        if asked is None or isinstance(asked.item, Derivation):
            return
        self.evidence = "" if self.evidence else f"{evidence(asked.item, self.exercise)}\n\n{COMPUTING}"
        self.refresh_item()
        if self.evidence:
            self.page.to_part("evidence")
            self.compute_evidence(asked, asked.item)

    @work(exclusive=True, group="evidence")
    async def compute_evidence(self, asked: Asked, item: Card | Drill) -> None:
        try:
            found = await asyncio.wrap_future(self.session.verify())
            said = evidence(item, self.exercise, found)
        except WorkerFailed as failure:
            said = f"{evidence(item, self.exercise)}\n\n{failure}"
        if self.session.current is asked and self.evidence and self.is_mounted:
            self.evidence = said
            self.refresh_item()

    @on(GradeBar.Chosen)
    def grade_clicked(self, message: GradeBar.Chosen) -> None:
        self.action_grade(message.grade)

    @work(exclusive=True, group="check")
    async def check(self, typed: str) -> None:
        """Have the answer graded in the worker; the text stays in its line until there is a verdict."""
        asked = self.session.current
        if asked is None or asked.answer is not None:
            return
        verdict = await self.graded(self.session.check(typed))
        if self.session.current is asked and self.is_mounted:
            kept = verdict is not None and self.kept(partial(self.session.settle, verdict))
            self.refresh_item()
            if kept and asked.revealed:
                self.show_solution()

    def kept(self, change: Any) -> bool:
        """Make a change that writes to the log; if it cannot be written say so, and nothing has changed."""
        try:
            change()
        except LogError as error:
            self.notify(str(error), title="Not saved", severity="error", timeout=15)
            return False
        return True

    # the other keys

    def action_undo(self) -> None:
        if self.kept(self.session.undo):
            self.app.clear_notifications()  # what was said of it is true no more
            self.show_item()

    def action_skip(self) -> None:
        if self.kept(self.session.skip):
            self.show_item()

    def action_suspend(self) -> None:
        item = self.session.current.item.id if self.session.current else ""
        if self.kept(self.session.suspend):
            self.notify(f"{item} will not be asked again; u takes that back.")
            self.show_item()

    def action_flag(self) -> None:
        def flagged(note: str | None) -> None:
            if note is not None and self.kept(partial(self.session.flag, note)):
                self.notify("Flagged.")

        self.app.push_screen(FlagScreen(), flagged)

    def action_open(self) -> None:
        asked = self.session.current
        if asked is None:
            return
        with self.app.suspend():  # never to be left by an exception: Textual would not take the screen back
            failure = open_in_editor(asked.item)
        if failure:
            self.notify(failure, severity="warning", timeout=8, markup=False)
            return
        problems = self.app.reload_library()
        self.session.reload(self.app.library)
        if problems:
            self.notify(problems, title="The deck has a problem", severity="warning", timeout=15)
        self.refresh_item()

    def action_copy(self) -> None:
        """What is on the page, as it is written."""
        self.app.copy(self.page.source, "The text")

    def action_copy_formula(self) -> None:
        formula = first_formula(self.page.source)
        if formula is None:
            self.notify("There is no formula on the page.")
        else:
            self.app.copy(formula, "The first formula's LaTeX")

    def action_retry(self) -> None:
        self.session.retry_exercise()
        self.show_item()

    def action_leave(self) -> None:
        self.keep_place()
        self.app.go_home()

    action_back = action_leave

    def keep_place(self) -> None:
        """Remember where the learner is, with what stands in the answer line."""
        self.kept(partial(self.session.leave, self.line.value))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which keys work here and now; the footer and the help show no others."""
        asked = self.session.current
        if asked is None:
            return action == "leave"
        allowed = ALLOWED.get(action)
        return allowed is None or allowed(self, asked)


# action → whether it works here and now; the others always do
ALLOWED: dict[str, Callable[[SessionScreen, Asked], bool]] = {
    "show_answer": lambda screen, asked: isinstance(asked.item, Card) and not asked.revealed,
    "begin": lambda screen, asked: isinstance(asked.item, Derivation) and asked.answer is None,
    "give_up": lambda screen, asked: (
        screen.exercise is not None and not (asked.answer or screen.checking or screen.line.value)
    ),
    "next": lambda screen, asked: asked.answer is not None,
    "to_line": lambda screen, asked: screen.can_type,
    "grade": lambda screen, asked: asked.revealed or asked.answer is not None,
    "more": lambda screen, asked: (
        asked.revealed and asked.answer is None and suggests(asked) is None and screen.page.has_more
    ),
    "accept": lambda screen, asked: suggests(asked) is not None and asked.answer is None,
    "tick": lambda screen, asked: asked.rubric is not None and asked.revealed and asked.answer is None,
    "pass_point": lambda screen, asked: asked.rubric is not None and asked.revealed and asked.answer is None,
    "evidence": lambda screen, asked: asked.revealed or asked.answer is not None,
    "open": lambda screen, asked: not screen.app.is_web,  # an editor needs the terminal
    "undo": lambda screen, asked: bool(screen.session.done) and not screen.checking,
    "skip": lambda screen, asked: asked.answer is None and not screen.checking,
    "suspend": lambda screen, asked: not screen.checking,
    "retry": lambda screen, asked: bool(screen.making_failed),
    "leave": lambda screen, asked: screen.app.is_over_home(screen),
    "back": lambda screen, asked: not screen.app.is_over_home(screen),
}
