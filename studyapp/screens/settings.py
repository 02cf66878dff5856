"""Settings: each with a line of what it does, changed by keys, written at once and in force at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from studyapp.settings import RANGES, WORDS, Settings, explained, shown
from studyapp.widgets.key_line import KeyLine
from studyapp.words import count

if TYPE_CHECKING:
    from studyapp.app import StudyApp

NAMES, DEFAULTS = tuple(WORDS), Settings()
LABEL = 22  # cells of the column of names
SAMPLE = (
    "[$text-warning]█ due[/]  [$text-primary]━ learnt[/]  [$text-success]✓ right[/]  [$text-error]✗ wrong[/]  "
    "[$text-accent]`code`[/]  [$dim]muted[/]"
)


class SettingRow(Static):
    """A setting and its value; a click selects it."""

    class Selected(Message):
        """This setting was clicked."""

        def __init__(self, setting: str) -> None:
            super().__init__()
            self.setting = setting

    def __init__(self, name: str) -> None:
        super().__init__(id=f"set-{name}", classes="setting")
        self.setting = name

    def on_click(self) -> None:
        self.post_message(self.Selected(self.setting))


class SettingsScreen(Screen[None]):
    """One row is selected; left and right change it, digits and enter set it."""

    app: StudyApp
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "change(-1)", "Less", id="settings.less"),
        Binding("right,l", "change(1)", "More", id="settings.more"),
        Binding("enter", "set_typed", "Set", key_display="enter", id="settings.set"),
        Binding("backspace", "erase", "Erase", show=False, id="settings.erase"),
        Binding("r", "reset", "Default", id="settings.default"),
        Binding("j,down", "move(1)", "Next", show=False, id="settings.down"),
        Binding("k,up", "move(-1)", "Previous", show=False, id="settings.up"),
        Binding("escape", "forget_typed", "Leave it", key_display="esc", id="settings.forget"),
        Binding("escape,q", "leave", "Home", key_display="esc", id="settings.leave"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.row = 0
        self.typing = ""

    def compose(self) -> ComposeResult:
        yield Static(id="where")
        with VerticalScroll(id="page", can_focus=False):
            for name in NAMES:
                yield SettingRow(name)
                yield Static(id=f"says-{name}", classes="says")
            yield Static(SAMPLE, id="sample")
            yield Static(id="own-keys")
            yield Static("keys.json in your data folder changes them.", classes="says")
        yield KeyLine()

    def on_mount(self) -> None:
        where = Content.assemble(("Settings", "bold $text-primary"), ("  kept in your log at once", "$dim"))
        self.query_one("#where", Static).update(where)
        own = len(self.app.own_keys.keys) if self.app.own_keys is not None else 0
        says = f"{count(own, 'entry', 'entries')} of keys.json in force." if own else "As they come."
        self.query_one("#own-keys", Static).update(f"[bold]  {'Keys':<{LABEL}}[/]{says}")
        self.app.use_settings()  # another window may have changed them
        self.show_rows()

    @property
    def name_here(self) -> str:
        """The selected setting."""
        return NAMES[self.row]

    def show_rows(self) -> None:
        """Every row as its setting is now."""
        settings, today = self.app.settings, self.app.clock.today()
        for number, name in enumerate(NAMES):
            selected = number == self.row
            if selected and self.typing:
                value = Content(f"{self.typing}▏")
            else:
                value = Content(shown(name, getattr(settings, name)) if name in RANGES else self.app.theme)
            line = Content.from_markup(
                f"[bold]{'▸ ' if selected else '  '}$label[/] "
                f"[@click='screen.change_row({number}, -1)']‹[/] [{'reverse ' if selected else ''}bold] $value [/] "
                f"[@click='screen.change_row({number}, 1)']›[/]",
                label=f"{WORDS[name]:<{LABEL - 2}}",
                value=value,
            )
            self.query_one(f"#set-{name}", SettingRow).update(line)
            self.query_one(f"#says-{name}", Static).update(explained(name, settings, self.app.log_file, today))
        for part in ("set", "says"):
            self.query_one(f"#{part}-{self.name_here}").scroll_visible(animate=False)
        self.refresh_bindings()

    def select(self, row: int) -> None:
        """Go to another row; a number that was being typed is forgotten."""
        if row != self.row:
            self.row, self.typing = row, ""
            self.show_rows()

    @on(SettingRow.Selected)
    def clicked(self, message: SettingRow.Selected) -> None:
        self.select(NAMES.index(message.setting))

    def action_move(self, rows: int) -> None:
        self.select(max(0, min(self.row + rows, len(NAMES) - 1)))

    def action_change(self, steps: int) -> None:
        """The next value this way; themes go round, numbers end."""
        self.typing = ""
        name = self.name_here
        if name == "theme":
            themes = list(self.app.available_themes)
            self.put(themes[(themes.index(self.app.theme) + steps) % len(themes)])
        else:
            self.put(RANGES[name].moved(getattr(self.app.settings, name), steps))

    def action_change_row(self, row: int, steps: int) -> None:
        """By the mouse: change a row wherever the keys are."""
        self.select(row)
        self.action_change(steps)

    def on_key(self, event: events.Key) -> None:
        if self.name_here in RANGES and event.character is not None and event.character in "0123456789":
            event.stop()
            self.typing = (self.typing + event.character)[:4]
            self.show_rows()

    def action_erase(self) -> None:
        self.typing = self.typing[:-1]
        self.show_rows()

    def action_set_typed(self) -> None:
        value = RANGES[self.name_here].read(self.typing)
        if value is None:
            says = explained(self.name_here, self.app.settings, self.app.log_file, self.app.clock.today())
            self.notify(f"{self.typing} is not among {says.partition('.')[0]}.", severity="warning")
        self.typing = ""
        if value is not None:
            self.put(value)
        self.show_rows()

    def action_forget_typed(self) -> None:
        self.typing = ""
        self.show_rows()

    def action_reset(self) -> None:
        self.typing = ""
        self.put(None)

    def put(self, value: float | str | None) -> None:
        """Write it, if it is another value than before."""
        if value != getattr(self.app.settings, self.name_here):
            self.app.change_setting(self.name_here, value)
        self.show_rows()

    def action_leave(self) -> None:
        self.app.go_home()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("set_typed", "erase", "forget_typed"):
            return bool(self.typing)
        if action == "reset":
            return bool(getattr(self.app.settings, self.name_here) != getattr(DEFAULTS, self.name_here))
        return not self.typing if action == "leave" else True
