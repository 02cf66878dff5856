"""Home: what is due, what is new, and the one key that does something about it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from studyapp.destinations import DESTINATIONS
from studyapp.overview import Overview
from studyapp.widgets.key_line import KeyLine
from studyapp.words import count, day_name

if TYPE_CHECKING:
    from studyapp.app import StudyApp

BAR = 24  # cells of a topic's bar
DAYS_SHOWN = 7


class HomeScreen(Screen[None]):
    """Drawn from an overview; drawn again whenever the learner comes back to it."""

    app: StudyApp
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "study", "Study", key_display="enter", id="home.study"),
        Binding("m", "more", "Ten more new", id="home.more"),
        *(
            Binding(place.key, f"app.visit('{name}')", place.word, id=f"home.{name}")
            for name, place in DESTINATIONS.items()
        ),
        Binding("q", "app.quit", "Quit", id="home.quit"),
        Binding("j,down", "scroll(1)", "Scroll down", show=False, id="home.down"),
        Binding("k,up", "scroll(-1)", "Scroll up", show=False, id="home.up"),
    ]

    def compose(self) -> ComposeResult:
        yield Static(id="where")
        with VerticalScroll(id="page", can_focus=False):
            yield Static(id="today")
            yield Static(id="topics")
            yield Static(id="days")
            yield Static(id="notices")
        yield KeyLine()

    def on_mount(self) -> None:
        self.show_overview()

    def on_screen_resume(self) -> None:
        self.show_overview()

    def show_overview(self) -> None:
        overview = self.overview = self.app.look()
        when = date.fromordinal(overview.today)
        self.query_one("#where", Static).update(f"[b $text-primary]studyapp[/]  [dim]{when:%A} {when.day} {when:%B}[/]")
        self.query_one("#today", Static).update(today_text(overview))
        self.query_one("#topics", Static).update(topics_text(overview, self.size.width))
        self.query_one("#days", Static).update(days_text(overview))
        notices = self.query_one("#notices", Static)
        notices.update(Content(self.app.deck_notice()))
        notices.display = bool(self.app.deck_notice())
        self.refresh_bindings()

    def action_scroll(self, direction: int) -> None:
        self.query_one("#page", VerticalScroll).scroll_relative(y=2 * direction, animate=False)

    def on_resize(self) -> None:
        self.show_overview()

    def action_study(self) -> None:
        self.app.study(more=not self.overview.total and not self.overview.resume)

    def action_more(self) -> None:
        self.app.study(more=True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        overview = self.overview
        if action == "study":
            return bool(overview.total or overview.resume or overview.new_waiting)
        if action == "more":
            return not overview.total and overview.new_waiting > 0
        return True


def today_text(overview: Overview) -> str:
    """The one look: how much, how long, which key."""
    if overview.resume:
        key = f"go on where you were: {count(overview.resume, 'item')} left"
    elif overview.total:
        key = f"study {count(overview.total, 'item')}, about {count(overview.minutes, 'minute')}"
    elif overview.new_waiting:
        key = "nothing is due; learn ten more new items"
    else:
        return "[b]Nothing is due and nothing is new.[/b] Come back tomorrow, or write a deck of your own."
    amount = f"[b $text-warning]{overview.due}[/] due   [b $text-success]{overview.new}[/] new"
    return f"{amount}\n\n[reverse b] enter [/]  {key}"


def topics_text(overview: Overview, width: int) -> str:
    """A bar a topic: what is due, what has been learnt, what is still new."""
    if not overview.topics:
        return ""
    wide = max(len(row.topic) for row in overview.topics)
    most = max(row.total for row in overview.topics)
    bar_width = max(4, min(BAR, width - wide - 28))
    lines = [f"[dim]{'topic':<{wide}}  {'':<{bar_width}}   due   new  items[/]"]
    for row in overview.topics:
        due, new, rest = _shares((row.due, row.new, row.total - row.due - row.new), most, bar_width)
        bar = f"[$text-warning]{'█' * due}[/][$text-primary]{'━' * rest}[/][dim]{'┈' * new}[/]"
        pad = " " * (bar_width - due - new - rest)
        shown = f"{row.due or '·':>5} {row.new or '·':>5}  {row.total:>5}"
        lines.append(f"{row.topic:<{wide}}  {bar}{pad} {shown}")
    return "\n".join(lines) + "\n[dim]█ due  ━ learnt  ┈ new[/]"


def _shares(parts: tuple[int, int, int], most: int, width: int) -> list[int]:
    """Cells for each part; what is there at all gets at least one."""
    return [max(1, round(part / most * (width - 2))) if part else 0 for part in parts]


def days_text(overview: Overview) -> str:
    """How much comes on the next days."""
    days = [(day, number) for day, number in overview.forecast if overview.today < day <= overview.today + DAYS_SHOWN]
    if not any(number for _, number in days):
        return ""
    return "[dim]next[/]  " + "   ".join(f"{day_name(day, overview.today)[:3]} {number}" for day, number in days)
