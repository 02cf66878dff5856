"""What a finished session was: what was done, what was hard, when to come back."""

from __future__ import annotations

from dataclasses import dataclass

from studyapp.overview import Overview
from studyapp.session import Session
from studyapp.texts import headline
from studyapp.words import count, day_name, minutes

HARD_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Summary:
    """Plain facts; `lines` says them."""

    answers: int
    new: int
    took_ms: int
    by_grade: dict[int, int]
    drills_right: int
    drills_wrong: int
    derivations_done: int
    derivations_given_up: int
    hard: tuple[str, ...]  # the questions answered Again or Hard, those answered Again first
    left: int
    out_of_time: bool
    next_day: int | None
    next_due: int
    today: int
    new_waiting: int

    @classmethod
    def of(cls, session: Session, overview: Overview) -> Summary:
        answers = [done for done in session.done if done.grade]
        grades = [done.grade for done in answers]
        again = [done.entry.item for done in answers if done.grade == 1]
        hard = [done.entry.item for done in answers if done.grade == 2]
        items = [session.library.find(item) for item in dict.fromkeys(again + hard)]
        drills = [done.verdict for done in answers if done.entry.seed]
        derivations = [done.verdict for done in answers if done.verdict is not None and not done.entry.seed]
        coming = next(((day, number) for day, number in overview.forecast if day > overview.today and number), None)
        return cls(
            answers=len(answers),
            new=sum(done.was_new for done in answers),
            took_ms=sum(done.took_ms for done in answers),
            by_grade={grade: grades.count(grade) for grade in (1, 2, 3, 4)},
            drills_right=drills.count("right"),
            drills_wrong=drills.count("wrong"),
            derivations_done=derivations.count("right"),
            derivations_given_up=derivations.count("wrong"),
            hard=tuple(headline(item) for item in items if item is not None),
            left=max(session.left, overview.total),
            out_of_time=session.out_of_time,
            next_day=coming[0] if coming else None,
            next_due=coming[1] if coming else 0,
            today=overview.today,
            new_waiting=overview.new_waiting,
        )

    def lines(self) -> list[str]:
        """The summary in sentences."""
        if not self.answers:
            done = ["Nothing was due." if not self.left else "Nothing was answered."]
        else:
            again, hard, good, easy = (self.by_grade[grade] for grade in (1, 2, 3, 4))
            done = [
                f"{count(self.answers, 'answer')} in {minutes(self.took_ms)}, {count(self.new, 'new item')}.",
                f"Again {again} · Hard {hard} · Good {good} · Easy {easy}",
            ]
            if self.drills_right or self.drills_wrong:
                done.append(f"Drills: {self.drills_right} right, {self.drills_wrong} wrong.")
            if self.derivations_done or self.derivations_given_up:
                done.append(f"Derivations: {self.derivations_done} done, {self.derivations_given_up} given up.")
        if self.hard:
            more = [f"and {len(self.hard) - HARD_SHOWN} more"] if len(self.hard) > HARD_SHOWN else []
            done.append("\n  ".join(["What was hard:", *self.hard[:HARD_SHOWN], *more]))
        if self.out_of_time:
            done.append(f"The time is up; {count(self.left, 'item')} left for later.")
        return [*done, self.come_back()]

    def come_back(self) -> str:
        """When to come back, and for how much."""
        if self.left:
            return "There is more to study today."
        if self.next_day is None:
            return "Nothing else is scheduled yet."
        return f"Come back {_on(day_name(self.next_day, self.today))}: {count(self.next_due, 'item')} will be due."

    def heading(self) -> str:
        return "Time is up" if self.out_of_time else "Session done" if self.answers else "All done for today"


def _on(day: str) -> str:
    return day if day in ("today", "tomorrow") else f"on {day}"
