"""What is said about an item beside its own text: the evidence of a card, the verdict on an answer."""

from __future__ import annotations

import json

from decks.exercises import Exercise
from decks.items import Card, Check, Drill
from decks.verdict import Verdict
from studyapp.typeset import plain
from studyapp.words import numbers

HEADLINE = 70  # cells


def evidence(item: Card | Drill, exercise: Exercise | None) -> str:
    """Markdown: where the answer comes from and what computes it."""
    if isinstance(item, Drill):
        if exercise is None:
            return ""
        by = f"`studyapp solve {exercise.solver}`" if exercise.solver else "this drill's own solver"
        return f"*Computed by* {by} *for* `{exercise.drill}@{exercise.seed}`"
    parts = [f"*Source:* {item.source}"] if item.source else []
    parts += [f"*Checked by* `{_call(check)}`" for check in item.checks]
    if item.no_check:
        parts.append(f"*Not computed:* {item.no_check}")
    return "\\\n".join(parts)  # a hard line break each


def _call(check: Check) -> str:
    inputs = ", ".join(f"{key}={_short(value)}" for key, value in check.inputs.items())
    gives = ", ".join(f"{key} = {_short(value)}" for key, value in check.expected.items())
    return f"{check.solver}({inputs}) → {gives}"


def _short(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        return "[" + ", ".join(_short(entry) for entry in value) + "]"
    return json.dumps(value)


def headline(item: Card | Drill) -> str:
    """An item in one line of plain text: its question's first line, or what the drill asks."""
    text = item.question if isinstance(item, Card) else item.description
    return plain(text, HEADLINE).partition("\n")[0].strip()


def verdict_sentence(verdict: Verdict, exercise: Exercise | None) -> str:
    """One line of plain text: right, wrong and why, or what could not be read."""
    if verdict.verdict == "unreadable":
        return verdict.says or "This could not be read."
    shown = numbers(exercise.answer, max(exercise.digits + 1, 4)) if exercise else ""
    if verdict.verdict == "right":
        return f"Right. The answer is {shown}."
    if verdict.read_as is None:
        return f"Shown, and counted as Again. The answer is {shown}."
    why = f" {verdict.says}" if verdict.says else ""
    read = f" You gave {verdict.read_as}." if verdict.read_as else ""
    named = f" ({verdict.mistake})" if verdict.mistake else ""
    return f"Not right{named}.{why}{read} The answer is {shown}."
