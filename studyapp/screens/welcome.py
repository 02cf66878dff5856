"""The first run: three short pages before the first card. Shown once, and escape skips it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from db.schedule import GOOD, Option, Scheduler
from studyapp import places
from studyapp.widgets.key_line import KeyLine
from studyapp.words import count, interval

if TYPE_CHECKING:
    from studyapp.app import StudyApp

# Typeset by hand, for nothing that typesets is imported before the first screen. $names are filled in.
PAGES = (
    """\
[b $text-primary]Welcome to studyapp[/]

Reinforcement learning for language models, and the PyTorch behind it:
$amount, a few minutes a day.

[b]Every answer is verified.[/] The numbers of a drill come out of the algorithm itself, run on fresh inputs; \
a card that states something checkable carries a check that runs.

[$text-primary]        rᵢ − mean(r)
  Âᵢ = ──────────────
           std(r)[/]

  rewards 1 0 0 1 give advantages 1 −1 −1 1""",
    """\
[b $text-primary]How a session goes[/]

  [b $text-primary]enter[/]   starts with what is due, and $new new ones
  [b $text-primary]space[/]   shows the answer; think of yours first
  [b $text-primary]1[/]  Again   [b $text-primary]2[/]  Hard   [b $text-primary]3[/]  Good   \
[b $text-primary]4[/]  Easy   how you did

A drill wants numbers instead: [$text-accent]0.75[/], [$text-accent]3/4[/], [$text-accent]75%[/] or \
[$text-accent]log(2)[/]. If you are wrong it says which mistake you made.

Each item returns on the day you are about to forget it. Known every time:

[$text-success]  $intervals[/]""",
    """\
[b $text-primary]Yours[/]

Every answer is on your disk before its verdict shows. It all stays there, in one folder:
[$text-accent]$folder[/]
No account, no network.

  [b $text-primary]?[/]        the keys that work where you are
  [b $text-primary]esc[/]      back, or home; your place is kept
  [b $text-primary]u[/]        take back the last answer
  [b $text-primary]ctrl+p[/]   every command, and themes

Next comes your first card.""",
)
RETURNS = 5  # intervals shown


def intervals(scheduler: Scheduler, today: int) -> str:
    """After how long an item comes back that is known each time, as the scheduler has it: `2 d ━ 11 d ━━ 1.5 mo`."""
    words: list[str] = []
    memory: Option | None = None
    for returns in range(RETURNS):
        last, today = (None, today) if memory is None else (today, memory.due_day)
        memory = scheduler.options(memory, last, today)[GOOD]
        words += ["━" * returns, interval(memory.days)]
    return " ".join(words[1:])


class WelcomeScreen(Screen[None]):
    """Pages forwards and back; after the last one the first session begins."""

    app: StudyApp
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space,right,l", "turn(1)", "Next", key_display="enter", id="welcome.next"),
        Binding("enter,space,right,l", "start", "First card", key_display="enter", id="welcome.start"),
        Binding("left,h,backspace", "turn(-1)", "Back", id="welcome.back"),
        Binding("escape,q", "skip", "Skip", key_display="esc", id="welcome.skip"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.page = 0

    def compose(self) -> ComposeResult:
        yield Static(id="where")
        with VerticalScroll(id="page", can_focus=False):
            yield Static(id="welcome")
        yield KeyLine()

    def on_mount(self) -> None:
        self.show_page()
        self.call_after_refresh(self.app.change_setting, "welcomed", True)

    def show_page(self) -> None:
        dots = " ".join("●" if number == self.page else "○" for number in range(len(PAGES)))
        self.query_one("#where", Static).update(f"[$text-primary]{dots}[/]")
        library = self.app.library
        drills, derivations = count(len(library.drills), "drill"), len(library.derivations)
        others = f", {drills} and {count(derivations, 'derivation')}" if derivations else f" and {drills}"
        filled = Content.from_markup(
            PAGES[self.page],
            amount=count(len(library.cards), "card") + others,
            new=str(self.app.settings.new_per_day),
            intervals=intervals(self.app.log_file.scheduler(self.app.settings.retention), self.app.clock.today()),
            folder=str(places.home()),
        )
        self.query_one("#welcome", Static).update(filled)
        self.query_one("#page", VerticalScroll).scroll_home(animate=False)
        self.refresh_bindings()

    def action_turn(self, pages: int) -> None:
        self.page += pages
        self.show_page()

    def action_start(self) -> None:
        self.app.study()

    def action_skip(self) -> None:
        self.app.go_home()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        last = self.page == len(PAGES) - 1
        if action == "turn":
            return self.page > 0 if parameters == (-1,) else not last
        return last if action == "start" else True
