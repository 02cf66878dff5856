"""The sections of the progress screen that are pictures: facts and a width in, text out."""

from __future__ import annotations

from datetime import date

from textual.content import Content

from studyapp.progress import Foresight, Progress
from studyapp.widgets.charts import GOOD, MIDDLING, MUTED, STRONG, Bar, bars, dumbbells, heading, heat_map, stacked
from studyapp.words import count, minutes

WEEKS_SHOWN = 8
END = Content("")  # an empty line between sections


def days(facts: Progress, width: int) -> Content:
    """The streak and the heat map."""
    streak = Content.assemble(
        ("Streak ", STRONG), (count(facts.streak, "day"), "bold"), (f"   longest {facts.longest_streak}", MUTED)
    )
    said = f"{count(facts.reviews, 'answer')} on {count(len(facts.days), 'day')} in {minutes(facts.took_ms)}"
    return stacked(streak, Content.styled(said, MUTED), END, heat_map(facts.days, facts.today, width), END)


def retention(foresight: Foresight, width: int) -> Content:
    """What was remembered against what FSRS had predicted, by month and by predicted chance."""
    whole = foresight.whole
    if whole is None:
        return stacked(heading("Retention"), Content.styled(NO_RETENTION, MUTED), END)
    asked = f"{count(whole.reviews, 'review')} after a day or more"
    legend = Content.assemble(
        ("●", GOOD),
        f" {whole.remembered:.1%} remembered   ",
        ("○", MIDDLING),
        f" {whole.predicted:.1%} predicted   ◉ both",
    )
    return stacked(
        heading("Retention", asked),
        legend,
        END,
        dumbbells("Month", foresight.months, width),
        END,
        dumbbells("Predicted", foresight.chances, width),
        END,
    )


NO_RETENTION = "Will be compared with FSRS's prediction when items come back after a day."


def topics(facts: Progress, width: int) -> Content:
    """How well each topic is known today."""
    rows = [
        Bar(row.name, (row.remembered, row.fading), row.total, f"{row.remembered} of {row.total}")
        for row in facts.topics
    ]
    legend = Content.assemble(("━", GOOD), (" with 90% or more  ", MUTED), ("╍", MIDDLING), (" fading  ┈ new", MUTED))
    return stacked(heading("Topics", "what you would remember today"), *bars(rows, width), legend, END)


def plan(facts: Progress, width: int) -> Content:
    """The weeks of the decks, and how much of each has been seen."""
    lines = [heading("Study plan", "items seen, by the decks' weeks")]
    rows = [Bar(f"week {row.week}", (row.seen,), row.total, f"{row.seen:,} of {row.total:,}") for row in facts.plan]
    for row, bar in zip(facts.plan, bars(rows, width), strict=True):
        lines += [bar, Content.styled(f"        {', '.join(row.topics)}", MUTED)]
    return stacked(*lines, END)


def mistakes(facts: Progress, width: int) -> Content:
    """The most frequent named mistakes, with their drills."""
    title = heading("Mistakes", "named ones in drills")
    if not facts.mistakes:
        return stacked(title, Content.styled("None has been named yet.", MUTED), END)
    most = facts.mistakes[0].times
    rows = [Bar(row.name, (row.times,), most, f"{row.times}×", row.drill) for row in facts.mistakes]
    return stacked(title, *bars(rows, width, rest=" "), END)


def spent(facts: Progress, width: int) -> Content:
    """The time of the last weeks."""
    weeks = facts.spent[-WEEKS_SHOWN:]
    most = max((took_ms for _, took_ms in weeks), default=0) or 1
    rows = [Bar(_week_name(day, facts.today), (took,), most, minutes(took) if took else "–") for day, took in weeks]
    title = heading("Time", "week by week")
    if not rows:
        return stacked(title, Content.styled("None yet.", MUTED), END)
    return stacked(title, *bars(rows, width, rest=" "), END)


def _week_name(monday: int, today: int) -> str:
    when = date.fromordinal(monday)
    return "this week" if monday + 7 > today else f"{when.day:>2} {when:%b}"
