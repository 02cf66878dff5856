"""The application: what its screens share, the log, the decks and the clock. Home comes first, the rest after it."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import constants
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.theme import Theme

from db.log import Log
from db.store import LogError
from studyapp.clock import Clock
from studyapp.contrast import readable_variables
from studyapp.destinations import DESTINATIONS
from studyapp.learner import is_unused, open_library, read_library, tell
from studyapp.overview import Overview, look
from studyapp.plan import MORE_NEW, Scope
from studyapp.screens.home import HomeScreen
from studyapp.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from decks.library import Library
    from studyapp.key_map import OwnKeys
    from studyapp.session import Solver
    from studyapp.sitting import Sitting


class StudyApp(App[None]):
    """Home, session, summary. Everything is on disk before it is on the screen."""

    TITLE = "studyapp"
    NOTIFICATION_TIMEOUT = 3  # seconds; a word that something was done should not cover what is read next
    CSS_PATH = "studyapp.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", "Help", key_display="?", id="app.help"),
    ]

    def __init__(
        self,
        library: Library | None,
        log: Log,
        clock: Clock | None = None,
        solver: Solver | None = None,
        scope: Scope | None = None,
        welcome: bool = False,
        key_file: Path | None = None,
    ) -> None:
        """`library`: None to read the decks once home stands; the log knows from the last time what is due.
        `welcome`: greet whoever has never been here. `key_file`: where keys of the learner's own may be."""
        super().__init__()
        self._library, self.log_file = library, log
        self.clock = clock or Clock()
        self.own_keys: OwnKeys | None = None
        self.failure: LogError | None = None
        self.card_draft = "", ""  # a card of one's own that was left unsaved: its question and answer
        self._solver, self._scope = solver, scope
        self._welcome, self._key_file = welcome, key_file
        self.use_settings()

    @property
    def library(self) -> Library:
        """The decks, read now if they have not been."""
        if self._library is None:
            self._library = open_library(self.log_file)
        return self._library

    @library.setter
    def library(self, library: Library) -> None:
        self._library = library

    @cached_property
    def sitting(self) -> Sitting:
        """Sessions and their screens, imported when something is on the screen already."""
        from studyapp.sitting import Sitting

        return Sitting(self, self._solver)

    def on_mount(self) -> None:
        self.theme_changed_signal.subscribe(self, self._keep_theme)
        if self._key_file is not None and self._key_file.exists():
            from studyapp.key_map import OwnKeys

            self.own_keys = OwnKeys(self, self._key_file)
        self.push_screen(HomeScreen())
        if self._welcome and is_unused(self.log_file):
            from studyapp.screens.welcome import WelcomeScreen

            self.push_screen(WelcomeScreen())
        # only once something is on the screen: none of this may delay it
        self.call_after_refresh(self._after_first_paint)

    def _after_first_paint(self) -> None:
        gc.set_threshold(20_000)  # more objects than a key makes: a session collects while the learner reads
        self.run_worker(self._warm_up, thread=True)
        if self._scope is not None:
            self.sitting.begin(self._scope)
        if self.own_keys is not None:
            self.run_worker(self.own_keys.check, thread=True, exit_on_error=False)

    def _warm_up(self) -> None:
        """Read the decks, if home did not wait for them, and what the other screens need. Not on the drawing thread."""
        if self._library is None:
            self.call_from_thread(self._take, read_library())
        self.sitting.warm_up()
        gc.freeze()  # decks stay: a full collection over thousands of cards would hold up a key press

    def _take(self, library: Library) -> None:
        """The decks have been read meanwhile."""
        if self._library is None:
            tell(self.log_file, library)
            self._library = library
            if isinstance(self.screen, HomeScreen):
                self.screen.show_overview()

    def use_settings(self) -> None:
        """Let what the log says take effect; what plans and schedules asks the log itself."""
        self.settings = Settings.of(self.log_file)
        self.clock.rollover_hour = self.settings.rollover_hour
        self.theme = self._theme_of(self.settings)

    def get_css_variables(self) -> dict[str, str]:
        """Textual's, with the colours of text made readable on their backgrounds in whatever theme it is."""
        variables = super().get_css_variables()
        self.theme_variables = variables | readable_variables(variables)
        return self.theme_variables

    def _theme_of(self, settings: Settings) -> str:
        """The theme that was chosen, else Textual's default, which is TEXTUAL_THEME; else one that is always there."""
        named = (self.get_theme(name) for name in (settings.theme, constants.DEFAULT_THEME, "textual-dark") if name)
        return next(theme.name for theme in named if theme is not None)

    def change_setting(self, name: str, value: object) -> bool:
        """Write one setting (None: its default) and let it take effect; False, and told why, if it was not written."""
        try:
            self.log_file.settings({name: value}, self.clock.now(), self.clock.zone, self.clock.today())
        except LogError as error:
            self.notify(str(error), title="Not saved", severity="error", timeout=15)
            return False
        self.use_settings()
        return True

    def _keep_theme(self, _: Theme) -> None:
        """A theme that was chosen in the command palette stays."""
        if self.theme != self._theme_of(self.settings):
            self.change_setting("theme", self.theme)

    def on_unmount(self) -> None:
        if "sitting" in self.__dict__:
            self.sitting.stop()

    def look(self) -> Overview:
        """Today at a glance, read from the log now."""
        return look(self.log_file, self.clock.today())

    def study(self, more: bool = False) -> None:
        """Open a session: what is due, or ten more new items."""
        self.sitting.begin(Scope(more_new=MORE_NEW if more else 0))

    def go_home(self) -> None:
        """Out of what stands over home; out of a session that was begun in browse, back to that."""
        if len(self.screen_stack) > 2:
            self.pop_screen()

    def is_over_home(self, screen: Screen[Any]) -> bool:
        """Whether the way out of `screen` is home; else it is back to where it was begun."""
        stack = self.screen_stack
        return screen not in stack or isinstance(stack[stack.index(screen) - 1], HomeScreen)

    def _leave_all(self) -> None:
        """Home, whatever stands over it."""
        while len(self.screen_stack) > 2:
            self.pop_screen()

    def reload_library(self) -> str:
        """Read the decks again after an edit; what is wrong with them, or nothing."""
        self._library = open_library(self.log_file)
        return self.deck_notice()

    def deck_notice(self) -> str:
        """What could not be read in the decks, in a line or two."""
        problems = self._library.problems if self._library is not None else ()
        if not problems:
            return ""
        more = f"\nand {len(problems) - 1} more: studyapp decks lint lists them" if len(problems) > 1 else ""
        return f"{problems[0]}{more}"

    def action_visit(self, name: str) -> None:
        """Open one of the destinations over home; a session that is open keeps its place."""
        self.sitting.keep_place()
        self._leave_all()
        self.push_screen(DESTINATIONS[name].load()())

    def action_study(self) -> None:
        """Start, or go on where the learner was; ten more new items where nothing is left."""
        self.sitting.keep_place()
        self._leave_all()
        overview = self.look()
        self.study(more=not overview.total and not overview.resume)

    def action_add_card(self) -> None:
        """Write down a card of one's own."""
        from studyapp.screens.quick_add import QuickAddScreen

        def added(name: str | None) -> None:
            if name is not None:
                self.notify(f"{name} is in your quick cards; it comes in its turn, and o opens its text.")

        if not isinstance(self.screen, QuickAddScreen):
            self.push_screen(QuickAddScreen(), added)

    def copy(self, text: str, what: str) -> None:
        """To the terminal's clipboard, and into a file for terminals that do not let it through."""
        from studyapp.copying import keep

        self.copy_to_clipboard(text)
        try:
            path = keep(text)
        except OSError as error:
            self.notify(f"{what} is copied, if your terminal allows it; it could not be written: {error.strerror}.")
            return
        self.notify(f"{what} is copied. If your terminal did not take it: {path}", timeout=8, markup=False)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        yield SystemCommand("Study", "Start, or go on where you were", self.action_study)
        yield SystemCommand("Add a card", "Write down a card of your own", self.action_add_card)
        for name, destination in DESTINATIONS.items():
            yield SystemCommand(destination.word, destination.says, partial(self.action_visit, name))
        yield SystemCommand("Theme", "Other colours; the one that is chosen stays", self.action_change_theme)
        yield SystemCommand("Help", "The keys that work here and now", self.action_help)
        yield SystemCommand("Quit", "Nothing is lost", self.action_quit)

    def _handle_exception(self, error: Exception) -> None:
        """A log that can no longer be read ends the app with its sentence; anything else is a mistake in this code."""
        if isinstance(error, LogError):
            self.failure = error
            self.exit(return_code=2)
        else:
            super()._handle_exception(error)

    async def action_quit(self) -> None:
        """Quit from anywhere, the place kept."""
        self.sitting.keep_place()
        self.exit()

    def action_help(self) -> None:
        from studyapp.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen.active_bindings, "Keys that work here and now."))
