"""The verdict on one typed answer: right, wrong (and by which mistake), or not understood; never a guess."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Final

from decks.exercises import Exercise
from decks.verdict import Verdict
from solvers.tolerance import Answer, decimals, is_right, members
from solvers.typed import Reading, Unreadable, read_numbers, show

_TOO_FEW: Final = "{} is the answer itself, rounded to fewer than the {} digits asked for."


def grade(exercise: Exercise, typed: str) -> Verdict:
    """Compare what was typed with the exercise's answer, then with each of its mistakes."""
    try:
        reading = read_numbers(typed)
    except Unreadable as error:
        return Verdict("unreadable", None, str(error), None, None)
    wanted = len(members(exercise.answer))
    if len(reading.values) != wanted:
        return Verdict("unreadable", None, _miscounted(typed, reading, wanted, exercise.exact), None, reading.shown)
    if exercise.unit == "percent":
        reading = _in_percent(reading)

    def matches(answer: Answer) -> bool:
        return is_right(reading, answer, exercise.digits, exercise.exact)

    if matches(exercise.answer):
        return Verdict("right", None, None, exercise.answer, reading.shown)
    mistake = next((each for each in exercise.mistakes if matches(each.answer)), None)
    name, says = (mistake.name, mistake.says) if mistake is not None else (None, None)
    remark = None
    if _is_cut_short(reading, exercise):
        remark = _TOO_FEW.format("Unless it" if mistake is not None else "It", exercise.digits)
    return Verdict("wrong", name, says, exercise.answer, reading.shown, remark)


def _is_cut_short(reading: Reading, exercise: Exercise) -> bool:
    """Whether the answer, rounded to as many decimals as were typed and fewer than were asked for, reads the same.

    Then it may have been right, and the mistake that looks alike need not have been made.
    """
    truth = members(exercise.answer)
    typed = list(zip(reading.values, truth, reading.decimals, strict=True))
    return (
        not exercise.exact
        and any(places < decimals(a, exercise.digits) for _, a, places in typed)
        and all(x != 0 and math.isclose(x, round(a, places), rel_tol=1e-9) for x, a, places in typed)
    )


def _miscounted(typed: str, reading: Reading, wanted: int, exact: bool) -> str:
    count = len(reading.values)
    asked = "One number is asked for" if wanted == 1 else f"{wanted} numbers are asked for"
    was = f"{count} {'was' if count == 1 else 'were'} typed"
    if wanted == 1 and exact and re.fullmatch(r"\s*[-+−]?\d{1,3}(,\d{3})+\s*", typed):
        return f"{asked}, but a comma separates numbers here; write {typed.strip().replace(',', '')}."
    if wanted == 1 and re.fullmatch(r"\s*[-+−]?\d+,\d+\s*", typed):
        decimal = typed.strip().replace(",", ".")
        return f"{asked}, but a comma separates numbers here; if you mean a decimal, write {decimal}."
    if count > wanted:
        hint = "write decimals with a point, and a minus between two numbers with a space on both sides or on neither"
    else:
        hint = "separate them with commas or with spaces"
    return f"{asked}, {was} ({reading.shown}); {hint}."


def _in_percent(reading: Reading) -> Reading:
    """The reading where percents are the unit: `75%` and `75` are both 75."""
    pairs = list(zip(reading.values, reading.decimals, reading.percent, strict=True))
    values = [value * 100 if percent else value for value, _, percent in pairs]
    decimals = [max(0, d - 2) if percent else d for _, d, percent in pairs]
    return replace(reading, values=values, decimals=decimals, shown=f"{show(values)} %")
