"""Read a derivation out of its block: its symbols, start and goal, the task, and the model solution step by step.

Nothing here knows whether a step is right: `derivation_checks` asks the engine.
"""

from __future__ import annotations

import re
from typing import Any

from decks.blocks import Block, Settings, Wrong
from decks.items import Derivation, DerivationStep

REPEATABLE = frozenset({"symbols", "define", "given"})
KEYS = ("importance", "covers", "source", "see", "summary", "symbols", "define", "given", "gradient", "start", "goal")
STEP = re.compile(r"- (`+)\s*(.+?)\s*\1\s*(?:#\s*rule:\s*(.*\S)\s*)?")
HOW = "write a step as - `expression`, then perhaps # rule: …, and below it lines `nudge: …`, `hint: …` and the reason"


def is_derivation(block: Block) -> bool:
    """Whether the item in `block` has a start among its keys."""
    for _, line in block.lines:
        if not line.strip():
            return False
        if line.startswith("start:"):
            return True
    return False


def read_derivation(
    block: Block, settings: Settings, rest: list[tuple[int, str]], shared: dict[str, Any]
) -> Derivation:
    """The derivation whose keys are in `settings`; `rest` are the lines below them."""
    for key in ("start", "goal"):
        if not settings.text(key):
            raise Wrong(block.line, f"`{block.id}` has no {key}: add a line `{key}: expression`")
    cut = next((i for i, (_, line) in enumerate(rest) if line.strip() == "---"), None)
    if cut is None:
        raise Wrong(block.line, f"`{block.id}` has no solution: put a line `---` and the steps below the task")
    task = "\n".join(line for _, line in rest[:cut]).strip()
    if not task:
        raise Wrong(block.line, f"`{block.id}` has no task: say above the line `---` what is to be derived")
    steps = _read_steps(rest[cut + 1 :])
    if not steps:
        raise Wrong(rest[cut][0], f"`{block.id}` has no steps; {HOW}")
    return Derivation(
        **shared,
        task=task,
        symbols=_read_symbols(settings),
        definitions=tuple(text for _, text in settings.values.get("define", [])),
        givens=tuple(text for _, text in settings.values.get("given", [])),
        gradient=settings.text("gradient", "theta"),
        start=settings.text("start"),
        goal=settings.text("goal"),
        steps=steps,
        summary=settings.text("summary"),
    )


def _read_symbols(settings: Settings) -> dict[str, str]:
    """`name: domain; name: domain`, from every `symbols` line."""
    symbols: dict[str, str] = {}
    for number, text in settings.values.get("symbols", []):
        for part in text.split(";"):
            name, colon, domain = (piece.strip() for piece in part.partition(":"))
            if not part.strip():
                continue
            if not colon or not name or not domain:
                raise Wrong(number, f"`{part.strip()[:40]}` declares no symbol; write `name: domain; name: domain`")
            if name in symbols:
                raise Wrong(number, f"the symbol `{name}` is declared twice; keep one")
            symbols[name] = domain
    return symbols


def _read_steps(lines: list[tuple[int, str]]) -> tuple[DerivationStep, ...]:
    steps: list[DerivationStep] = []
    at = 0
    while at < len(lines):
        number, line = lines[at]
        at += 1
        if not line.strip():
            continue
        match = STEP.fullmatch(line.rstrip())
        if match is None:
            raise Wrong(number, f"this begins no step; {HOW}")
        below = at
        while at < len(lines) and (not lines[at][1].strip() or lines[at][1].startswith("  ")):
            at += 1
        steps.append(_read_step(number, match[2], match[3] or "", lines[below:at]))
    return tuple(steps)


def _read_step(number: int, line: str, rule: str, below: list[tuple[int, str]]) -> DerivationStep:
    """One step; `below` are the indented lines: nudge, hint, then the reason."""
    nudge: list[str] = []
    hint: list[str] = []
    reason: list[str] = []
    into: list[str] | None = None
    for _, text in below:
        text = text[2:].rstrip() if text.startswith("  ") else text.strip()
        if text.startswith("nudge:") and not nudge:
            into = nudge
            text = text[6:]
        elif text.startswith("hint:") and not hint:
            hint.append(text[5:].strip())
            into = None
            continue
        if into is None:
            reason.append(text)
        else:
            into.append(text.strip())
    parts = {"nudge": " ".join(nudge), "hint": " ".join(hint), "reason": "\n".join(reason).strip()}
    for name, text in parts.items():
        if not text.strip():
            raise Wrong(number, f"the step `{line[:40]}` has no {name}; {HOW}")
    return DerivationStep(line=line, rule=rule, number=number, **parts)
