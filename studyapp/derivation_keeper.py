"""What a derivation leaves in the log: how far it has come, and its review once it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.events import Event, Verdict
from db.log import Log
from db.schedule import Option
from studyapp.begun import keep
from studyapp.deriving import DerivationSitting, typed_line
from studyapp.session import LONGEST_MS, Session
from studyapp.settings import Settings

if TYPE_CHECKING:
    from studyapp.session import When


class Keeper:
    """Of a derivation that the learner chose. Its methods raise LogError; nothing has changed then."""

    def __init__(self, sitting: DerivationSitting, log: Log) -> None:
        self.sitting, self.log = sitting, log
        self.options: dict[int, Option] = {}  # once it is over: what each grade would lead to
        self.grade = 0  # once it is in the log
        self._event: Event | None = None

    def keep_place(self) -> None:
        """Remember how far it is, until it is over and in the log."""
        is_done_with = self.grade or self.sitting.is_untouched
        keep(self.log, self.sitting.derivation.id, None if is_done_with else self.sitting.written(), self.sitting.clock)

    def keep(self, grade: int | None = None) -> None:
        """Write the review of what is over, with the grade it came to or another; once it is there, amend it."""
        chosen = grade or self.grade or self.sitting.grade
        if not self.grade:
            self._review(chosen)
        elif chosen != self.grade:
            self._amend(chosen)
        self.grade = chosen
        self.keep_place()

    @property
    def _took_ms(self) -> int:
        return min(int(self.sitting.took_seconds * 1000), LONGEST_MS)

    @property
    def _typed(self) -> str:
        return "\n".join(typed_line(line) for line in self.sitting.lines)

    @property
    def _verdict(self) -> Verdict:
        return "right" if self.sitting.chain.is_done else "wrong"

    def _review(self, grade: int) -> None:
        self.options = options(self.sitting, self.log)
        self._event = self.log.review(
            self.sitting.derivation.id,
            grade=grade,
            due_day=self.options[grade].due_day,
            took_ms=self._took_ms,
            **self._when(),
            typed=self._typed,
            verdict=self._verdict,
        )

    def _amend(self, grade: int) -> None:
        assert self._event is not None
        self.log.amend(self._event.uid, grade, self.options[grade].due_day, **self._when())

    def _when(self) -> When:
        clock = self.sitting.clock
        return {"at": clock.now(), "zone": clock.zone, "day": clock.today()}


class SessionKeeper(Keeper):
    """Of the present item of a session, which writes its own place with the answer."""

    def __init__(self, sitting: DerivationSitting, session: Session) -> None:
        super().__init__(sitting, session.log)
        self.session = session

    def _review(self, grade: int) -> None:
        self.session.derived(grade, self._took_ms, self._typed, self._verdict)
        assert self.session.current is not None
        self.options = self.session.current.options

    def _amend(self, grade: int) -> None:
        self.session.grade(grade)


def options(sitting: DerivationSitting, log: Log) -> dict[int, Option]:
    """What each grade would lead to. Ask before the review is written."""
    state = log.state(sitting.derivation.id)
    scheduler = log.scheduler(Settings.of(log).retention)
    return scheduler.options(state, state.last_day if state is not None else None, sitting.clock.today())
