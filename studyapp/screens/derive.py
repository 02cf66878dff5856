"""A derivation on a screen: lines grow downward, the next one is typed below them and laid out as it is understood.

Importing this imports the grammar of derivations: the list of them does so in a thread, and `prepare` there reads what
the screen shows first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

from db.store import LogError
from solvers.symbolic.steps import ACCEPTED, StepVerdict
from studyapp.derivation_keeper import Keeper
from studyapp.deriving import DerivationSitting, Strength, typed_line
from studyapp.rule_offers import offers
from studyapp.screens.breakpoints import set_breakpoints
from studyapp.screens.derivation_parts import MARKS, draft, sheet, solution, summary, task
from studyapp.screens.rules import RulesScreen
from studyapp.screens.worksheet import PATIENCE
from studyapp.solver_worker import WorkerFailed
from studyapp.understanding import NOTHING, Understanding, understand, written_line
from studyapp.widgets.grades import GradeBar
from studyapp.widgets.key_line import KeyLine
from studyapp.widgets.sheet import Sheet
from studyapp.widgets.step_line import StepLine
from studyapp.words import NAMES, count

if TYPE_CHECKING:
    from studyapp.app import StudyApp

SURE = "Press g again to give up: the whole solution is shown, and the grade is Again."


def prepare(sitting: DerivationSitting) -> None:
    """Read all that a sitting may show, for a thread: what has been read is kept."""
    task(sitting)
    solution(sitting)
    sheet(sitting, with_solution=False)


class DeriveScreen(Screen[None]):
    """One sitting of a derivation, until the goal, giving up or leaving."""

    app: StudyApp
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS: ClassVar = [(0, "-narrow"), (80, "-normal")]  # type: ignore[misc]
    VERTICAL_BREAKPOINTS: ClassVar = [(0, "-low"), (24, "-high")]  # type: ignore[misc]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h,space", "help('nudge')", "Nudge", id="derive.nudge"),
        Binding("h,space", "help('hint')", "Hint", id="derive.hint"),
        Binding("s,h", "show_step", "Show step", id="derive.show"),
        Binding("r", "rules", "Rules", id="derive.rules"),
        Binding("ctrl+r", "rules", "Rules", key_display="ctrl+r", id="derive.rules"),
        Binding("u", "undo", "Undo line", id="derive.undo"),
        Binding("g", "give_up", "Give up", id="derive.give_up"),
        Binding("enter", "to_line", "Type", key_display="enter", id="derive.type"),
        *(
            Binding(str(grade), f"grade({grade})", name, show=False, id=f"derive.{name}")
            for grade, name in NAMES.items()
        ),
        Binding("s", "solution", "Solution", id="derive.solution"),
        Binding("enter,space", "done", "Back", show=False, id="derive.done"),
        Binding("c", "copy", "Copy", show=False, id="derive.copy"),
        Binding("l", "copy_formula", "LaTeX", show=False, id="derive.copy_formula"),
        Binding("j,down", "scroll(2)", "Scroll down", show=False, id="derive.down"),
        Binding("k,up", "scroll(-2)", "Scroll up", show=False, id="derive.up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="derive.page_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="derive.page_up"),
        Binding("escape,q", "leave", "Back", key_display="esc", id="derive.leave"),
    ]

    def __init__(self, keeper: Keeper) -> None:
        super().__init__()
        self.keeper, self.sitting = keeper, keeper.sitting
        self.checking = False
        self.sure = False  # whether g was pressed once
        self.found: Understanding = NOTHING  # of what stands in the line
        self.judged = ""  # the text that the sitting's last verdict is on
        self.recalled = 0  # how many lines back the line was fetched from
        self.put_aside = ""  # what stood in the line before that
        self.solved = False  # whether the model solution is shown
        self.where = Static(id="where")
        self.room = VerticalScroll(id="derivation", can_focus=False)
        self.sheet = Sheet(id="lines")
        self.draft = Sheet(id="draft")
        self.said = Static(id="verdict")
        self.line = StepLine(id="typed", placeholder="the next line, then enter; space: a nudge", select_on_focus=False)
        self.bar = GradeBar(id="grades")

    def compose(self) -> ComposeResult:
        set_breakpoints(self)
        yield self.where
        with self.room:
            yield self.sheet
        with Vertical(id="tray"):
            with VerticalScroll(id="draft-room", can_focus=False) as draft_room:
                yield self.draft
            draft_room.anchor()
            yield self.said
            yield self.line
            yield self.bar
        yield KeyLine()

    def on_mount(self) -> None:
        self.line.value = self.sitting.typed
        self.show_sitting(to_end=bool(self.sitting.lines))
        self.set_focus(None if self.sitting.is_over else self.line)

    # showing

    def show_sitting(self, to_end: bool = True) -> None:
        """Draw what the sitting's state calls for."""
        sitting = self.sitting
        self.where.update(self.where_content(), layout=False)
        self.sheet.show(*sheet(sitting, self.solved))
        self.show_draft()
        self.said.display = False
        if sitting.is_over:
            mark, style = MARKS[ACCEPTED] if sitting.chain.is_done else ("·", "$dim")
            unsaved = "" if self.keeper.grade else " It is not saved yet: press a grade."
            self.say(Content.assemble((f"{mark} ", style), summary(sitting) + unsaved))
        elif self.sure:
            self.say(Content.styled(SURE, "$text-warning"))
        self.line.display = not sitting.is_over
        self.bar.display = sitting.is_over
        self.bar.show(self.keeper.options, self.keeper.grade or None)
        if to_end:
            self.room.anchor()  # also when what stands below it grows
        self.refresh_bindings()

    def show_draft(self) -> None:
        """The line as it is understood; while it is unfinished and says nothing yet, as it was."""
        typed = self.line.value
        verdict = self.sitting.last if typed.strip() and typed == self.judged else None
        if not typed.strip() or self.sitting.is_over:
            self.draft.floor = 0
            self.draft.show()
        elif verdict is not None or self.found.latex or not self.found.is_open:
            self.draft.show(*draft(typed, self.found, verdict))
            self.draft.floor = max(self.draft.floor, len(self.draft.rows(self.draft.size.width or self.size.width)))

    def say(self, text: Content) -> None:
        self.said.update(text)
        self.said.display = True

    def where_content(self) -> Content:
        derivation, sitting = self.sitting.derivation, self.sitting
        name = derivation.id.removeprefix("derive-").replace("-", " ")
        taken = f", {count(len(sitting.helps), 'help')}" if sitting.helps else ""
        return Content.assemble(
            (derivation.topic, "bold $text-primary"),
            (f"  {name}", "bold"),
            (f"   {count(len(sitting.lines), 'line')}{taken}", "$dim"),
        )

    # typing

    @on(Input.Changed, "#typed")
    def line_changed(self) -> None:
        self.sure = False
        if self.line.value and not self.draft.pieces:
            self.room.anchor()  # the last line is what one works on
        self.read_line(self.line.value)
        self.refresh_bindings()

    @work(exclusive=True, group="read")
    async def read_line(self, typed: str) -> None:
        """Read what stands in the line, in a thread; a later key makes this of no interest."""
        self.found = await asyncio.to_thread(understand, self.sitting.chain, typed)
        self.show_draft()

    def action_recall(self, step: int) -> None:
        """Fetch an earlier line to work on; back at the last, what had been typed."""
        earlier = [self.sitting.derivation.start, *(typed_line(line) for line in self.sitting.lines)]
        if not self.recalled:
            self.put_aside = self.line.value
        self.recalled = max(0, min(self.recalled - step, len(earlier)))
        self.line.value = earlier[-self.recalled].partition("#")[0].rstrip() if self.recalled else self.put_aside
        self.line.cursor_position = len(self.line.value)

    @on(Input.Submitted, "#typed")
    def entered(self, message: Input.Submitted) -> None:
        if message.value.strip() and not self.checking and not self.sitting.is_over:
            self.judge(message.value, self.sitting.check(message.value))

    @work(exclusive=True, group="check")
    async def judge(self, typed: str, future: Future[StepVerdict], is_shown: bool = False) -> None:
        """Take in the verdict on a line when it comes; the text stays until then, and longer if it is not accepted."""
        sitting, verdict = self.sitting, None
        self.checking = True
        self.refresh_bindings()
        patience = self.set_timer(PATIENCE, self.say_checking)
        try:
            verdict = await asyncio.wrap_future(future)
            if verdict.verdict == ACCEPTED:
                await asyncio.to_thread(written_line, sitting.chain.and_then(verdict), verdict)
        except WorkerFailed as failure:
            self.notify(str(failure), severity="warning", timeout=8)
        finally:
            patience.stop()
            self.checking = False
        if verdict is not None and (not is_shown or verdict.verdict == ACCEPTED):
            self.take_in(verdict, typed)
        self.show_sitting()

    def take_in(self, verdict: StepVerdict, typed: str) -> None:
        self.judged = typed
        if self.sitting.settle(verdict):
            self.recalled = self.draft.floor = 0
            if self.line.value == typed:
                self.line.value = ""
        if self.sitting.is_over:
            self.finish()
        else:
            self.keep_place()

    def say_checking(self) -> None:
        if self.checking:
            self.say(Content("checking…"))

    def action_leave_line(self) -> None:
        """Out of the line, so that letters are commands; what was typed stays."""
        self.set_focus(None)

    def action_to_line(self) -> None:
        self.set_focus(self.line)

    # helps

    def action_help(self, strength: Strength) -> None:
        self.sure = False
        self.sitting.help(strength)
        self.keep_place()
        self.show_sitting()

    def action_show_step(self) -> None:
        self.sure = False
        step, future = self.sitting.show_next()
        self.keep_place()
        self.judge(step.typed, future, is_shown=True)

    def action_rules(self) -> None:
        """Choose a rule; it is written behind the line, in place of one that stands there."""
        advised = self.sitting.last.advice if self.sitting.last is not None else ""

        def chosen(rule: str | None) -> None:
            if rule is not None:
                self.line.value = f"{self.line.value.partition('#')[0].rstrip()}  # rule: {rule}"
                self.set_focus(self.line)
                self.line.cursor_position = len(self.line.value) if rule.endswith("=") else self.end_of_expression

        self.app.push_screen(RulesScreen(offers(self.sitting.derivation, advised)), chosen)

    @property
    def end_of_expression(self) -> int:
        return len(self.line.value.partition("#")[0].rstrip())

    def action_undo(self) -> None:
        if self.sitting.undo():
            self.sure = False
            self.judged = ""
            self.keep_place()
            self.read_line(self.line.value)
            self.show_sitting()

    # the end

    def action_give_up(self) -> None:
        """At the second press: the solution is shown, and it counts as Again."""
        if not self.sure:
            self.sure = True
            self.show_sitting(to_end=False)
            return
        self.sitting.give_up()
        self.finish()
        self.show_sitting(to_end=False)
        self.action_solution()

    def finish(self) -> None:
        """It is over: the review is in the log before anybody is told."""
        self.set_focus(None)
        self.kept(self.keeper.keep)

    def kept(self, change: Callable[[], None]) -> None:
        """Make a change that writes to the log; if that fails say so. A grade's key tries a review once more."""
        try:
            change()
        except LogError as error:
            self.notify(str(error), title="Not saved", severity="error", timeout=15)

    def keep_place(self) -> None:
        """Remember how far it is, with what stands in the line."""
        self.sitting.typed = self.line.value
        self.kept(self.keeper.keep_place)

    def action_grade(self, grade: int) -> None:
        self.kept(partial(self.keeper.keep, grade))
        self.show_sitting(to_end=False)

    @on(GradeBar.Chosen)
    def grade_clicked(self, message: GradeBar.Chosen) -> None:
        self.action_grade(message.grade)

    def action_solution(self) -> None:
        """The model solution, from its top."""
        top = len(self.sheet.rows(self.sheet.size.width))
        self.solved = True
        self.show_sitting(to_end=False)
        self.room.anchor(False)
        self.room.scroll_to(y=top, animate=False)

    # the other keys

    def action_scroll(self, rows: int) -> None:
        self.room.scroll_relative(y=rows, animate=False)

    def action_page(self, pages: int) -> None:
        self.action_scroll(pages * max(self.room.size.height - 2, 1))

    def action_copy(self) -> None:
        lines = [self.sitting.derivation.start, *(typed_line(line) for line in self.sitting.lines)]
        self.app.copy("\n".join(lines) + "\n", "The derivation")

    def action_copy_formula(self) -> None:
        """The last line's LaTeX."""
        line = self.sitting.lines[-1]
        self.app.copy(written_line(self.sitting.chain, line).removeprefix("= "), "The last line's LaTeX")

    def action_done(self) -> None:
        self.action_leave()

    def action_leave(self) -> None:
        """Back to where it was begun; one that is not over keeps its lines."""
        self.keep_place()
        self.app.pop_screen()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which keys work here and now; the footer and the help show no others."""
        allowed = ALLOWED.get(action)
        return allowed is None or (not self.checking and allowed(self, parameters))


def _strength(screen: DeriveScreen, parameters: tuple[object, ...]) -> bool:
    return not screen.sitting.is_over and screen.sitting.stronger == parameters[0]


def _is_open(screen: DeriveScreen, _: tuple[object, ...]) -> bool:
    return not screen.sitting.is_over


# action → whether it works here and now; the others always do
ALLOWED: dict[str, Callable[[DeriveScreen, tuple[object, ...]], bool]] = {
    "help": _strength,
    "show_step": _is_open,
    "rules": _is_open,
    "undo": lambda screen, _: bool(screen.sitting.lines) and not screen.sitting.is_over,
    "give_up": _is_open,
    "to_line": lambda screen, _: not screen.sitting.is_over and screen.focused is not screen.line,
    "grade": lambda screen, _: screen.sitting.is_over,
    "done": lambda screen, _: screen.sitting.is_over,
    "solution": lambda screen, _: screen.sitting.is_over and not screen.solved,
    "copy": lambda screen, _: bool(screen.sitting.lines),
    "copy_formula": lambda screen, _: bool(screen.sitting.lines),
}
