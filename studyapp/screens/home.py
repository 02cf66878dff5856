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
from studyapp.widgets.forecast import forecast
from studyapp.widgets.key_line import KeyLine
from studyapp.words import count

if TYPE_CHECKING:
    from studyapp.app import StudyApp

BAR = 24  # cells of a topic's bar
PAGE = 100  # cells that the page is wide at most
CHART_ROWS, CHART_ROWS_LOW, TALL = 5, 3, 30  # rows of the forecast, and from which height of the screen
MARGINS = 6  # of the page, its scrollbar's included
OTHER_ROWS = 14  # rows that are neither for topics nor for the forecast's columns; the keys take two of them
FEWEST_TOPICS = 6


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
        Binding("a", "app.add_card", "Add card", id="home.add"),
        Binding("q", "app.quit", "Quit", id="home.quit"),
        Binding("j,down", "scroll(1)", "Scroll down", show=False, id="home.down"),
        Binding("k,up", "scroll(-1)", "Scroll up", show=False, id="home.up"),
    ]

    def compose(self) -> ComposeResult:
        yield Static(id="where")
        with VerticalScroll(id="page", can_focus=False):
            yield Static(id="today")
            yield Static(id="days")
            yield Static(id="topics")
            yield Static(id="notices")
        yield KeyLine()

    def on_mount(self) -> None:
        self.show_overview()

    def on_screen_resume(self) -> None:
        self.show_overview()

    def show_overview(self) -> None:
        overview = self.overview = self.app.look()
        when = date.fromordinal(overview.today)
        self.query_one("#where", Static).update(
            f"[b $text-primary]studyapp[/]  [$dim]{when:%A} {when.day} {when:%B}[/]"
        )
        self.query_one("#today", Static).update(today_text(overview))
        wide, high = self.size
        room, chart = min(wide, PAGE) - MARGINS, CHART_ROWS if high >= TALL else CHART_ROWS_LOW
        days = self.query_one("#days", Static)
        days.update(forecast(overview.forecast, room, chart))
        days.display = any(number for _, number in overview.forecast)
        self.query_one("#topics", Static).update(topics_text(overview, room, most=high - OTHER_ROWS - chart))
        notices = self.query_one("#notices", Static)
        notices.update(Content(self.app.deck_notice()))
        notices.display = bool(self.app.deck_notice())
        self.refresh_bindings()

    def action_scroll(self, direction: int) -> None:
        self.query_one("#page", VerticalScroll).scroll_relative(y=2 * direction, animate=False)

    def on_resize(self) -> None:
        self.show_overview()

    def action_study(self) -> None:
        self.app.action_study()

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
    amount = f"[b $text-warning]{overview.due:,}[/] due   [b $text-success]{overview.new:,}[/] new"
    streak = f"   [b]{count(overview.streak, 'day')}[/] in a row" if overview.streak else ""
    later = f"   [b]v[/] {count(overview.put_off, 'more derivation')} due" if overview.put_off else ""
    return f"{amount}{streak}{later}\n\n[reverse b] enter [/]  {key}"


def topics_text(overview: Overview, width: int, most: int) -> str:
    """A bar a topic: what is due, what has been learnt, what is still new. Those not begun yet stand last, the first of
    them only where there are more than `most` rows for."""
    rows = sorted(overview.topics, key=lambda row: (not row.due, row.new == row.total))
    if not rows:
        return ""
    begun = sum(row.due > 0 or row.new < row.total for row in rows)
    kept = rows[: max(begun, FEWEST_TOPICS, most)]
    wide = max(len(row.topic) for row in kept)
    largest = max(row.total for row in kept)
    bar_width = max(4, min(BAR, width - wide - 24))
    lines = [f"[$dim]{'Topic':<{wide}}  {'':<{bar_width}}   Due   New  Items[/]"]
    for row in kept:
        due, new, rest = _shares((row.due, row.new, row.total - row.due - row.new), largest, bar_width)
        bar = f"[$text-warning]{'█' * due}[/][$text-primary]{'━' * rest}[/][$dim]{'┈' * new}[/]"
        pad = " " * (bar_width - due - new - rest)
        due_shown, new_shown = (f"{number:,}" if number else "·" for number in (row.due, row.new))
        shown = f"{due_shown:>5} {new_shown:>5}  {row.total:>5,}"
        lines.append(f"{row.topic:<{wide}}  {bar}{pad} {shown}")
    later = len(rows) - len(kept)
    more = f"   and {count(later, 'topic')} more, begun later" if later else ""
    return "\n".join(lines) + f"\n[$dim]█ due  ━ learnt  ┈ new{more}[/]"


def _shares(parts: tuple[int, int, int], most: int, width: int) -> list[int]:
    """Cells for each part; what is there at all gets at least one."""
    return [max(1, round(part / most * (width - 2))) if part else 0 for part in parts]
