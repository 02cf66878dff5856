"""From home into a session, to its summary and back: all that the first screen does not need, imported after it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from db.store import LogError
from studyapp.browsing import shelve
from studyapp.destinations import DESTINATIONS
from studyapp.plan import MORE_NEW, Scope
from studyapp.screens.browse import BrowseScreen
from studyapp.screens.home import HomeScreen
from studyapp.screens.session import SessionScreen
from studyapp.screens.summary import SummaryScreen
from studyapp.session import Session
from studyapp.solver_worker import SolverWorker
from studyapp.summary import Summary
from studyapp.typeset import typeset

if TYPE_CHECKING:
    from studyapp.app import StudyApp
    from studyapp.session import Solver


@runtime_checkable
class KeepsPlace(Protocol):
    """A screen that knows where the learner was."""

    def keep_place(self) -> None: ...


class Sitting:
    """The sessions of one run of the app, and the solver that serves them."""

    def __init__(self, app: StudyApp, solver: Solver | None) -> None:
        self.app = app
        self._worker = SolverWorker() if solver is None else None
        self.solver: Solver = solver or self._worker  # type: ignore[assignment]
        self.session: Session | None = None

    def warm_up(self) -> None:
        """Start the solver worker, and import what the other screens need. Not on the drawing thread."""
        if self._worker is not None:
            self._worker.start()
        typeset("$x$", 80)
        for destination in DESTINATIONS.values():
            destination.load()
        with suppress(LogError), self.app.log_file.for_thread() as log:  # a log that cannot be read is found out later
            shelve(self.app.library).rows(log, self.app.clock.today())

    def stop(self) -> None:
        if self._worker is not None:
            self._worker.stop()

    def begin(self, scope: Scope) -> None:
        """Open a session over home, or its summary if there is nothing to ask."""
        app = self.app
        self.session = Session(app.library, app.log_file, self.solver, app.clock, scope)
        if self.session.current is None:
            self.end()
        else:
            self._show(SessionScreen(self.session))

    def end(self) -> None:
        """The queue is empty or the time is up: keep the place and sum up."""
        assert self.session is not None
        self.session.leave()
        self._show(SummaryScreen(Summary.of(self.session, self.app.look())))

    def more(self) -> None:
        """Ten more new items of what was just studied."""
        topic = self.session.scope.topic if self.session is not None else None
        self.begin(Scope(topic=topic, more_new=MORE_NEW))

    def undo_last(self) -> None:
        """From the summary back into the session, at the item answered last."""
        if self.session is not None and self.session.undo():
            self._show(SessionScreen(self.session))

    def keep_place(self) -> None:
        """The app is quitting: whatever session or derivation is open remembers where it was."""
        for screen in self.app.screen_stack:
            if isinstance(screen, KeepsPlace):
                screen.keep_place()

    def _show(self, screen: SessionScreen | SummaryScreen) -> None:
        if isinstance(self.app.screen, (HomeScreen, BrowseScreen)):
            self.app.push_screen(screen)
        else:
            self.app.switch_screen(screen)
