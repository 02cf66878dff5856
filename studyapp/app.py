"""The application: its screens and what they share, the log, the decks and the solver worker."""

from __future__ import annotations

from typing import ClassVar

from textual.app import App
from textual.binding import Binding, BindingType

from db.log import Log
from decks.library import Library
from studyapp.clock import Clock
from studyapp.learner import open_library
from studyapp.overview import Overview, look
from studyapp.plan import Scope
from studyapp.screens.help import HelpScreen
from studyapp.screens.home import HomeScreen
from studyapp.screens.session import SessionScreen
from studyapp.screens.summary import SummaryScreen
from studyapp.session import Session, Solver
from studyapp.solver_worker import SolverWorker
from studyapp.summary import Summary
from studyapp.typeset import typeset

MORE_NEW = 10


class StudyApp(App[None]):
    """Home, session, summary. Everything is on disk before it is on the screen."""

    TITLE = "studyapp"
    CSS_PATH = "studyapp.tcss"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", "Help", key_display="?", id="app.help"),
    ]

    def __init__(
        self,
        library: Library,
        log: Log,
        clock: Clock | None = None,
        solver: Solver | None = None,
        scope: Scope | None = None,
    ) -> None:
        super().__init__()
        self.library, self.log_file = library, log
        self.clock = clock or Clock()
        self._worker = SolverWorker() if solver is None else None
        self.solver: Solver = solver or self._worker  # type: ignore[assignment]
        self._scope = scope

    def on_mount(self) -> None:
        self.push_screen(HomeScreen())
        # only once something is on the screen: none of this may delay it
        self.call_after_refresh(self.run_worker, self._warm_up, thread=True)
        if self._scope is not None:
            self.call_after_refresh(self.study, scope=self._scope)

    def _warm_up(self) -> None:
        """Start the solver worker, and import what the first card needs to be typeset."""
        if self._worker is not None:
            self._worker.start()
        typeset("$x$", 80)

    def on_unmount(self) -> None:
        if self._worker is not None:
            self._worker.stop()

    def look(self) -> Overview:
        """Today at a glance, read from the log now."""
        return look(self.log_file, self.clock.today())

    def study(self, more: bool = False, scope: Scope | None = None) -> None:
        """Open a session over home: what is due, or ten more new items."""
        chosen = scope or Scope(more_new=MORE_NEW if more else 0)
        session = Session(self.library, self.log_file, self.solver, self.clock, chosen)
        self._over_home(SessionScreen(session) if session.current else self._summary(session))

    def end_session(self, session: Session) -> None:
        """The queue is empty or the time is up: forget the place if nothing is left, and sum up."""
        session.leave()
        self._ended = session
        self._over_home(self._summary(session))

    def undo_last(self) -> None:
        """From the summary back into the session, at the item answered last."""
        if self._ended.undo():
            self._over_home(SessionScreen(self._ended))

    def go_home(self) -> None:
        while len(self.screen_stack) > 2:
            self.pop_screen()

    def _over_home(self, screen: SessionScreen | SummaryScreen) -> None:
        if isinstance(self.screen, HomeScreen):
            self.push_screen(screen)
        else:
            self.switch_screen(screen)

    def _summary(self, session: Session) -> SummaryScreen:
        self._ended = session
        return SummaryScreen(Summary.of(session, self.look()))

    def reload_library(self) -> str:
        """Read the decks again after an edit; what is wrong with them, or nothing."""
        self.library = open_library(self.log_file)
        return self.deck_notice()

    def deck_notice(self) -> str:
        """What could not be read in the decks, in a line or two."""
        problems = self.library.problems
        if not problems:
            return ""
        more = f"\nand {len(problems) - 1} more: studyapp decks lint lists them" if len(problems) > 1 else ""
        return f"{problems[0]}{more}"

    async def action_quit(self) -> None:
        """Quit from anywhere, the place kept."""
        for screen in self.screen_stack:
            if isinstance(screen, SessionScreen):
                screen.keep_place()
        self.exit()

    def action_help(self) -> None:
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen.active_bindings, "Keys that work here and now."))
