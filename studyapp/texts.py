"""What is said about an item beside its own text: the evidence of a card, the verdict on an answer."""

from __future__ import annotations

import json
from collections.abc import Sequence

from decks.exercises import Exercise
from decks.items import Card, Check, Derivation, Drill
from decks.verdict import Finding, Verdict
from studyapp.typeset import plain
from studyapp.words import numbers

HEADLINE = 70  # cells


def front(item: Card | Drill | Derivation, exercise: Exercise | None = None) -> str:
    """What is asked, as Markdown; nothing for a drill whose exercise is not made."""
    if isinstance(item, Drill):
        return exercise.prompt if exercise is not None else ""
    if isinstance(item, Derivation):
        return item.task
    if item.kind == "spot":
        claim = "\n".join(f"> {line}" for line in item.question.splitlines())
        return f"**Spot the error.** What is wrong here, and what is true?\n\n{claim}"
    return item.question


def sides(item: Card | Drill, exercise: Exercise | None = None) -> tuple[str, str]:
    """Question and answer once the answer is shown: a cloze is then one text, its gaps filled in."""
    question = front(item, exercise)
    if isinstance(item, Drill):
        return question, exercise.solution if exercise is not None else ""
    return (item.answer, "") if item.kind == "cloze" else (question, item.answer)


def points(item: Card | Drill) -> str:
    """What a good answer has, as a list; for where nothing is ticked."""
    rubric = item.rubric if isinstance(item, Card) else ()
    return "\n".join(["*A good answer says:*\n", *(f"- {point}" for point in rubric)]) if rubric else ""


def evidence(item: Card | Drill, exercise: Exercise | None, found: Sequence[Finding] | None = None) -> str:
    """Markdown: where the answer comes from and what computes it; `found` says of each check whether it holds."""
    if isinstance(item, Drill):
        if exercise is None:
            return ""
        by = f"`studyapp solve {exercise.solver}`" if exercise.solver else "this drill's own solver"
        return f"*Computed by* {by} *for* `{exercise.drill}@{exercise.seed}`{_found(found, 0)}"
    parts = [f"*Source:* {item.source}"] if item.source else []
    parts += [f"*Checked by* `{_call(check)}`{_found(found, n)}" for n, check in enumerate(item.checks)]
    if item.no_check:
        parts.append(f"*Not computed:* {item.no_check}")
    if item.see:
        parts.append(f"*See also:* {', '.join(item.see)}")
    return "\\\n".join(parts)  # a hard line break each


def _found(found: Sequence[Finding] | None, number: int) -> str:
    if found is None:
        return ""
    finding = found[number]
    return " **✓ just computed again**" if finding.holds else f" **✗ {finding.message}**"


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


def headline(item: Card | Drill | Derivation) -> str:
    """An item in one line of plain text: its question's first line, or what the drill or the derivation asks."""
    text = item.description if isinstance(item, Drill) else item.question if isinstance(item, Card) else item.task
    return plain(text, HEADLINE).partition("\n")[0].strip()


def verdict_sentence(verdict: Verdict, exercise: Exercise | None) -> str:
    """One line of plain text: right, wrong and why, or what could not be read."""
    if verdict.verdict == "unreadable":
        return verdict.says or "This could not be read."
    shown = numbers(exercise.answer, max(exercise.digits + 1, 4)) if exercise else ""
    if verdict.verdict == "right":
        return f"Right. The answer is {shown}."
    if verdict.read_as is None:
        return f"{verdict.says or 'Shown, and counted as Again.'} The answer is {shown}."
    why = "".join(f" {sentence}" for sentence in (verdict.says, verdict.remark) if sentence)
    read = f" You gave {verdict.read_as}." if verdict.read_as else ""
    named = f" ({verdict.mistake})" if verdict.mistake else ""
    return f"Not right{named}.{why}{read} The answer is {shown}."
