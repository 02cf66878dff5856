"""Read one deck file: Markdown that a person enjoys writing → items, and problems with file, line and what to do.

The format is shown in the README. An item that cannot be read becomes a problem; the others still load.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from decks.items import IMPORTANCES, Card, Check, Deck, Drill, Problem

MAX_BYTES = 4_000_000
ID = re.compile(r"[a-z0-9][a-z0-9-]{1,79}")
TOPIC = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
GENERATOR = re.compile(r"[a-z_0-9]+\.[a-z_0-9]+")
SETTING = re.compile(r"([A-Za-z-]+):(?:\s+(.*))?$")
CHECK = re.compile(r"([a-z0-9-]+)\s+(\{.*\})\s+([=~])\s+(\{.*\})")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
DECK_KEYS = ("topic", "week", "order", "source")
CARD_KEYS = ("kind", "importance", "covers", "source", "see", "check", "no-check")
DRILL_KEYS = ("kind", "importance", "covers", "source", "see", "generator", "version")


class _Wrong(Exception):
    """Something in an item is wrong, at a line."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line, self.message = line, message


@dataclass
class _Block:
    """An item's lines as they stand in the file: (line number, text)."""

    id: str
    line: int
    lines: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class _Settings:
    """`key: value` lines; a key may be repeated only where that is meant."""

    where: dict[str, int] = field(default_factory=dict)
    values: dict[str, list[tuple[int, str]]] = field(default_factory=dict)

    def add(self, line: int, text: str, keys: Iterable[str], hint: str) -> None:
        match = SETTING.fullmatch(text.strip())
        if not match:
            raise _Wrong(line, f"this is not a `key: value` line; {hint}")
        key, value = match[1].lower(), (match[2] or "").strip()
        if key not in keys:
            near = difflib.get_close_matches(key, list(keys), 1)
            raise _Wrong(line, f"unknown key `{key}`; " + (f"did you mean `{near[0]}`?" if near else hint))
        if key in self.values and key != "check":
            raise _Wrong(line, f"`{key}` stands twice (first at line {self.where[key]}); keep one")
        self.where.setdefault(key, line)
        self.values.setdefault(key, []).append((line, value))

    def text(self, key: str, default: str = "") -> str:
        return self.values[key][0][1] if key in self.values else default

    def names(self, key: str) -> tuple[str, ...]:
        return tuple(name for part in self.text(key).split(",") if (name := part.strip()))

    def number(self, key: str, default: int, low: int = 1, high: int = 9999) -> int:
        text = self.text(key, str(default))
        if not text.isascii() or not text.isdigit() or not low <= int(text[:9]) <= high:
            raise _Wrong(self.where[key], f"`{key}` must be a whole number from {low} to {high}, not `{text}`")
        return int(text)


def read_deck(path: Path, *, shipped: bool = False) -> Deck:
    """The deck in the file at `path`. Never raises: what is wrong stands in `problems`."""
    shown = path.name if shipped else str(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _Wrong(1, f"the file is larger than {MAX_BYTES // 1_000_000} MB; split the deck into several files")
        text = path.read_bytes().decode("utf-8-sig")
    except _Wrong as wrong:
        return Deck(path.stem, "", shown, (), (Problem(shown, wrong.line, wrong.message),))
    except UnicodeDecodeError as error:
        message = f"byte {error.start} is not UTF-8; save the file as UTF-8 text"
        return Deck(path.stem, "", shown, (), (Problem(shown, 1, message),))
    except OSError as error:
        message = f"the file cannot be read ({error.strerror}); check that it exists and that you may read it"
        return Deck(path.stem, "", shown, (), (Problem(shown, 1, message),))
    return parse_deck(text, shown, shipped=shipped)


def parse_deck(text: str, path: str, *, shipped: bool = False) -> Deck:
    """The deck written in `text`; `path` is what problems name. Only shipped decks may hold drills."""
    problems: list[Problem] = []
    header, blocks = _split(text)
    title, settings = path, _Settings()
    try:
        title = _read_header(header, settings)
    except _Wrong as wrong:
        return Deck(title, "", path, (), (Problem(path, wrong.line, wrong.message),))
    items: dict[str, Card | Drill] = {}
    for block in blocks:
        try:
            item = _read_item(block, title, settings, path, shipped)
            if item.id in items:
                raise _Wrong(block.line, f"the id `{item.id}` is taken (line {items[item.id].line}); choose another")
            items[item.id] = item
        except _Wrong as wrong:
            problems.append(Problem(path, wrong.line, wrong.message))
    if not blocks:
        problems.append(Problem(path, len(header) or 1, "the deck has no items; start one with a line `## an-id`"))
    return Deck(title, settings.text("topic"), path, tuple(items.values()), tuple(problems))


def _split(text: str) -> tuple[list[tuple[int, str]], list[_Block]]:
    """Header lines, and one block for each `## id` heading outside fenced code."""
    header: list[tuple[int, str]] = []
    blocks: list[_Block] = []
    fence = ""
    for number, line in enumerate(text.splitlines(), 1):
        mark = FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1][0] == fence[0] and len(mark[1]) >= len(fence):
            fence = ""
        elif not fence and line.startswith("## "):
            blocks.append(_Block(line[3:].strip(), number))
            continue
        (blocks[-1].lines if blocks else header).append((number, line))
    return header, blocks


def _read_header(lines: list[tuple[int, str]], settings: _Settings) -> str:
    filled = [(number, line) for number, line in lines if line.strip()]
    if not filled or not filled[0][1].startswith("# ") or not filled[0][1][2:].strip():
        raise _Wrong(filled[0][0] if filled else 1, "a deck begins with its title, a line such as `# My deck`")
    for number, line in filled[1:]:
        settings.add(number, line, DECK_KEYS, f"below the title stand only {_listed(DECK_KEYS)}")
    if not TOPIC.fullmatch(settings.text("topic")):
        raise _Wrong(
            settings.where.get("topic", filled[0][0]),
            "the deck needs a topic in small letters, digits and dashes: add a line such as `topic: grpo`",
        )
    settings.number("week", 4, high=99)
    settings.number("order", 50)
    return filled[0][1][2:].strip()


def _read_item(block: _Block, deck: str, header: _Settings, path: str, shipped: bool) -> Card | Drill:
    if not ID.fullmatch(block.id):
        raise _Wrong(
            block.line, f"`{block.id}` cannot be an id; use 2 to 80 small letters, digits and dashes, such as `my-card`"
        )
    settings = _Settings()
    is_drill = any(line.split() == ["kind:", "drill"] for _, line in block.lines[:12])
    keys = DRILL_KEYS if is_drill else CARD_KEYS
    body = iter(block.lines)
    for number, line in body:
        if not line.strip():
            break
        settings.add(
            number, line, keys, f"an item's keys are {_listed(keys)}, and a blank line stands before the question"
        )
    importance = settings.text("importance", "should")
    if importance not in IMPORTANCES:
        raise _Wrong(settings.where["importance"], f"`importance` must be must, should or nice, not `{importance}`")
    shared: dict[str, Any] = {
        "id": block.id,
        "topic": header.text("topic"),
        "week": header.number("week", 4),
        "order": header.number("order", 50),
        "importance": importance,
        "covers": settings.names("covers"),
        "source": settings.text("source", header.text("source")),
        "see": settings.names("see"),
        "deck": deck,
        "path": path,
        "line": block.line,
    }
    rest = list(body)
    if is_drill:
        return _read_drill(block, settings, rest, shared, shipped)
    return _read_card(block, settings, rest, shared)


def _read_drill(
    block: _Block, settings: _Settings, rest: list[tuple[int, str]], shared: dict[str, Any], shipped: bool
) -> Drill:
    if not shipped:
        raise _Wrong(settings.where["kind"], "drills come with studyapp; a deck of your own holds cards only")
    generator = settings.text("generator")
    if not GENERATOR.fullmatch(generator):
        raise _Wrong(block.line, "a drill names its generator: `generator: module.function` (under decks/drills)")
    description = " ".join(line.strip() for _, line in rest if line.strip())
    if not description:
        raise _Wrong(block.line, "a drill needs one line that says what it asks")
    return Drill(**shared, description=description, generator=generator, version=settings.number("version", 1))


def _read_card(block: _Block, settings: _Settings, rest: list[tuple[int, str]], shared: dict[str, Any]) -> Card:
    kind = settings.text("kind", "card")
    if kind != "card":
        raise _Wrong(settings.where["kind"], f"`kind` must be card or drill, not `{kind}`")
    cut = next((i for i, (_, line) in enumerate(rest) if line.strip() == "---"), None)
    if cut is None:
        raise _Wrong(block.line, f"`{block.id}` has no answer: put a line `---` between question and answer")
    question, answer = (
        "\n".join(line for _, line in part).strip("\n").rstrip() for part in (rest[:cut], rest[cut + 1 :])
    )
    if not question.strip():
        raise _Wrong(block.line, f"`{block.id}` has no question: write it above the line `---`")
    if not answer.strip():
        raise _Wrong(rest[cut][0], f"`{block.id}` has no answer: write it below the line `---`")
    checks = tuple(_read_check(line, text) for line, text in settings.values.get("check", []))
    return Card(**shared, question=question, answer=answer, checks=checks, no_check=settings.text("no-check"))


def _read_check(line: int, text: str) -> Check:
    match = CHECK.fullmatch(text)
    if not match:
        raise _Wrong(line, "write a check as `check: solver {inputs} = {expected}`, both in JSON on one line")
    inputs, expected = (_json(line, part) for part in (match[2], match[4]))
    if not expected:
        raise _Wrong(line, "a check must expect something: name at least one output of the solver")
    return Check(match[1], inputs, expected, match[3] == "~", line)


def _json(line: int, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        detail = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply or a number too long"
        raise _Wrong(line, f'`{text[:40]}` is not JSON ({detail}); write it like {{"rewards": [1, 0]}}') from None
    assert isinstance(value, dict)  # the pattern asks for braces
    return value


def _listed(keys: Iterable[str]) -> str:
    return ", ".join(f"`{key}`" for key in keys)
