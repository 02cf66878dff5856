"""Progress: what was done, what is known, what is hard, and whether the schedule foresaw it. A page to scroll."""

from __future__ import annotations

import asyncio
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import OptionList, Static

from db.log import Log
from db.store import LogError
from decks.library import Library
from studyapp.progress import Foresight, Progress, look_back
from studyapp.screens.breakpoints import set_breakpoints
from studyapp.screens.glance import GlanceScreen
from studyapp.widgets.charts import MUTED, heading
from studyapp.widgets.drawn import Draw, Drawn
from studyapp.widgets.item_list import ItemList, flag_row, hard_row
from studyapp.widgets.key_line import KeyLine
from studyapp.widgets.progress_charts import days, mistakes, plan, retention, spent, topics

if TYPE_CHECKING:
    from studyapp.app import StudyApp

WIDE = 120  # cells, enough for two columns
PAGE = 0.8  # of the height that a page key moves

NOTHING_YET = """\
Nothing has been answered yet. After the first session this page shows

  ▪ a map of the days on which you studied, and your streak
  ▪ how much you remembered, and how much the schedule predicted you would
  ▪ how well each topic is known
  ▪ the items that were hard, and the mistakes you made most often
  ▪ the time spent, week by week
  ▪ what you flagged, with your notes

Press esc and then enter to begin.
"""


class ProgressScreen(Screen[None]):
    """Drawn from facts read when it opens; what takes longer to find is drawn when it is there."""

    app: StudyApp
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "to_list(1)", "Lists", id="progress.lists"),
        Binding("shift+tab", "to_list(-1)", "Previous list", show=False),
        Binding("j,down", "scroll(2)", "Scroll down", show=False),
        Binding("k,up", "scroll(-2)", "Scroll up", show=False),
        Binding("space,pagedown,ctrl+d", "page(1)", "Page down", key_display="space", id="progress.page_down"),
        Binding("pageup,ctrl+u,b", "page(-1)", "Page up", show=False, id="progress.page_up"),
        Binding("home,g", "top", "Top", show=False, id="progress.top"),
        Binding("end,G", "bottom", "Bottom", show=False, id="progress.bottom"),
        Binding("escape,q", "leave", "Home", key_display="esc", id="progress.leave"),
    ]

    facts: Progress | None = None

    def compose(self) -> ComposeResult:
        set_breakpoints(self)
        yield Static(Content.styled("Progress", "bold $text-primary"), id="where")
        yield VerticalScroll(id="progress", can_focus=False)
        yield KeyLine()

    def on_mount(self) -> None:
        self.fill()

    @work(exclusive=True, group="fill")
    async def fill(self) -> None:
        """The page. A thread reads the log, for a long one takes longer than the screen's frame."""
        page = self.query_one("#progress")
        try:
            facts = await asyncio.to_thread(look_at_log, self.app.library, self.app.log_file, self.app.clock.today())
        except LogError as error:
            await page.mount(Static(str(error), markup=False))
            return
        self.facts = facts
        with self.app.batch_update():  # one frame for all of it
            self.query_one("#where", Static).update(where(facts), layout=False)
            if facts.is_empty:
                await page.mount(
                    Static(NOTHING_YET, id="nothing", markup=False), Drawn(partial(plan, facts), id="plan")
                )
            else:
                await page.mount(Drawn(partial(days, facts), id="days"), Container(id="columns"))
                self.call_after_refresh(self.fill_columns, facts)
        self.refresh_bindings()

    async def fill_columns(self, facts: Progress) -> None:
        """What stands below the map, once that is on the screen."""
        await self.query_one("#columns").mount(
            Vertical(
                Drawn(waiting("computing …"), id="retention"),
                Drawn(partial(topics, facts), id="mastery"),
                Drawn(partial(plan, facts), id="plan"),
            ),
            Vertical(
                Static(heading("Hardest items", "forgotten, by how often")),
                ItemList(map(hard_row, facts.hardest), "None has been forgotten.", id="hardest"),
                Drawn(partial(mistakes, facts), id="mistakes"),
                Drawn(partial(spent, facts), id="spent"),
                Static(heading("Flagged", "with your notes")),
                ItemList(map(flag_row, facts.flagged), "Nothing is flagged.", id="flagged"),
            ),
        )
        self.compare()

    @work(exclusive=True)
    async def compare(self) -> None:
        """Replay every review in a thread, on a connection of its own, and draw what comes of it."""
        picture = self.query_one("#retention", Drawn)
        try:
            foresight = await asyncio.to_thread(look_at_recalls, self.app.log_file)
        except LogError as error:
            picture.show(waiting(str(error)))
        else:
            picture.show(partial(retention, foresight))
            self.call_after_refresh(self.keep_in_view)

    def keep_in_view(self) -> None:
        """What has the focus, wherever what was drawn above it has moved it."""
        if self.focused is not None:
            self.focused.scroll_visible(animate=False)

    # moving

    def action_scroll(self, rows: int) -> None:
        self.query_one("#progress").scroll_relative(y=rows, animate=False)

    def action_page(self, direction: int) -> None:
        page = self.query_one("#progress")
        page.scroll_relative(y=round(direction * PAGE * page.size.height), animate=False)

    def action_top(self) -> None:
        self.query_one("#progress").scroll_home(animate=False)

    def action_bottom(self) -> None:
        self.query_one("#progress").scroll_end(animate=False)

    def action_to_list(self, direction: int) -> None:
        """To the next list that has rows; after the last one back to the page."""
        stops = [None, *(shown for shown in self.query(ItemList) if shown.can_focus)]
        here = next((place for place, stop in enumerate(stops) if stop is self.focused), 0)
        self.set_focus(stops[(here + direction) % len(stops)])

    @on(OptionList.OptionSelected)
    def open_item(self, message: OptionList.OptionSelected) -> None:
        """An item of either list, to read again."""
        name = message.option_id or ""
        library = self.app.library
        item = library.items.get(name) or library.derivations.get(name)
        if item is None:
            self.notify(f"{name} is no longer in the decks.", markup=False)
            return
        assert self.facts is not None  # or there would be no list
        notes = {row.item: row.note for row in self.facts.flagged}
        self.app.push_screen(GlanceScreen(item, notes.get(name, "")))

    def action_leave(self) -> None:
        self.app.go_home()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        facts = self.facts
        if action == "to_list":
            return facts is not None and bool(facts.hardest or facts.flagged)
        return not (action in ("page", "top", "bottom") and (facts is None or facts.is_empty))


def look_at_log(library: Library, log: Log, today: int) -> Progress:
    """For a thread: nothing of `log` is used but where it lies."""
    with log.for_thread() as other:
        return look_back(library, other, today)


def look_at_recalls(log: Log) -> Foresight:
    """For a thread, like the other."""
    with log.for_thread() as other:
        return Foresight.of(other.recalls())


def waiting(words: str) -> Draw:
    """Words where the retention will be drawn."""
    text = Content.assemble(heading("Retention"), (f"\n{words}\n", MUTED))
    return lambda width: text


def where(facts: Progress) -> Content:
    when = date.fromordinal(facts.today)
    return Content.assemble(("Progress", "bold $text-primary"), (f"  {when:%A} {when.day} {when:%B}", MUTED))
