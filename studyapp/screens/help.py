"""The keys that work here and now, in words."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Static

from studyapp.destinations import DESTINATIONS
from studyapp.widgets.key_line import KeyLine

WORDS = {  # a binding's id or action → what its key does, where the footer's one word is not enough
    "welcome.next": "next page",
    "welcome.start": "your first card",
    "welcome.skip": "past the welcome, to home",
    "browse.study": "study this item now, due or not",
    "browse.more": "a page further",
    "derive.nudge": "a nudge, which gives nothing away",
    "derive.hint": "a hint, for the next line",
    "derive.show": "the next line, shown and explained",
    "derive.rules": "the rules that a step may apply",
    "derive.undo": "take the last line back",
    "derive.give_up": "pressed twice: the whole solution; that counts as Again",
    "derive.solution": "the model solution",
    "derive.copy": "copy the lines",
    "derive.copy_formula": "copy the last line's LaTeX",
    "session.leave": "back; your place is kept",
    "summary.leave": "back",
    "exercise.back": "back to the list of drills",
    "settings.default": "the default again",
    "home.add": "write down a card of your own",
    "derive.before": "the line that was typed before",
    "derive.after": "the line that was typed after",
    "page(-1)": "a page back",
    "to_list(-1)": "to the list before, and its items",
    "submit": "check what is typed",
    "accept": "take the grade that the ticked points suggest",
    "tick": "said this point: tick it",
    "pass_point": "missed this point: on to the next",
    "evidence": "show what it rests on, and compute that again",
    "pass_on": "other numbers, without an answer",
    "show_answer": "show the answer",
    "give_up": "show the solution; that counts as Again",
    "next": "go on to the next item, leaving the grade as it is",
    "grade(1)": "Again: not known; it comes back today",
    "grade(2)": "Hard: known, with an effort",
    "grade(3)": "Good: known",
    "grade(4)": "Easy: known at once",
    "undo": "take back the last answer and ask it again",
    "skip": "not now: this item comes last",
    "suspend": "never ask this item again",
    "flag": "leave a note on this item",
    "open": "open this item's text in $EDITOR",
    "retry": "make the exercise once more",
    "search": "search: words, is:due, topic:ppo, must",
    "wake": "ask this item again",
    "reset": "make this item new again",
    "unflag": "take the flag away",
    "copy": "copy this item's text",
    "copy_formula": "copy its first formula's LaTeX",
    "example": "fresh numbers of this drill",
    "take_back": "take back the last change made here",
    "leave_line": "leave the line, so that letters are commands",
    "to_line": "back to the line",
    "leave": "back; your place is kept",
    "to_list": "to the next list, and its items",
    "page": "a page further",
    "study": "start, or go on where you were",
    "more": "learn ten more new items",
    "quit": "quit; nothing is lost",
    "help": "this help",
    "command_palette": "all commands, and themes",
}
WORDS |= {f"app.visit('{name}')": place.says[0].lower() + place.says[1:] for name, place in DESTINATIONS.items()}
SKIPPED = {"app.copy_text", "screen.copy_text", "copy_text", "focus_next", "focus_previous", "app.focus_next"}

KEY_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "escape": "esc",
    "down": "↓",
    "up": "↑",
    "left": "←",
    "right": "→",
}


class HelpScreen(ModalScreen[None]):
    """Opened over a screen with that screen's active bindings; any of its own keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,space,enter", "dismiss(None)", "Back", key_display="esc")
    ]

    def __init__(self, active: dict[str, ActiveBinding], note: str) -> None:
        super().__init__()
        self._note, self.lines = note, help_lines(active)

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog"):
            yield Static(f"[$dim]{self._note}[/]\n")
            yield KeyList(self.lines)
        yield KeyLine()


class KeyList(Widget):
    """One line a command, its keys first; where there is no room for its words, more lines below these."""

    DEFAULT_CSS = "KeyList { height: auto; width: 1fr; }"

    def __init__(self, lines: list[tuple[str, str]]) -> None:
        super().__init__()
        self.lines = lines

    def rows(self, width: int) -> list[Content]:
        wide = max((len(keys) for keys, _ in self.lines), default=0)
        found: list[Content] = []
        for keys, says in self.lines:
            wrapped = Content(says).wrap(max(width - wide - 2, 1))
            labels = [keys, *[""] * (len(wrapped) - 1)]
            found += [
                Content.assemble((f"{label:>{wide}}", "bold"), "  ", row)
                for label, row in zip(labels, wrapped, strict=True)
            ]
        return found

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self.rows(width))

    def render(self) -> Content:
        return Content("\n").join(self.rows(self.size.width))


def help_lines(active: dict[str, ActiveBinding]) -> list[tuple[str, str]]:
    """Each command's keys, and what it does."""
    keys: dict[str, list[str]] = {}
    says: dict[str, str] = {}
    for key, entry in active.items():
        binding = entry.binding
        name = binding.action.rpartition(".")[2].partition("(")[0]
        if (
            not entry.enabled
            or not binding.description
            or name in SKIPPED
            or (binding.system and name != "command_palette")
            or (isinstance(entry.node, Input) and not binding.id)  # Textual's own, of moving in a line
        ):
            continue
        keys.setdefault(binding.action, []).append(_key_name(key))
        here = binding.action.removeprefix("screen.")
        known = (WORDS.get(key) for key in (binding.id, here, name) if key)
        says[binding.action] = next(filter(None, known), binding.description.lower())
    return [(", ".join(names), says[action]) for action, names in keys.items()]


def _key_name(key: str) -> str:
    return KEY_NAMES.get(key, key)
