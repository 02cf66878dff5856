"""The search line's small language: words in any order, `is:due`, `topic:ppo`, `must`. Pure; knows no screen, no log.

Case, accents and backslashes do not count, and a Greek letter is its name: `pi` finds π and `\\pi`, and π finds both.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from decks.items import IMPORTANCES, Card, Derivation, Drill

if TYPE_CHECKING:
    from db.queries import Standing

STATES = ("new", "due", "scheduled", "suspended")


class Row(NamedTuple):
    """An item with how it stands today. `text` is what words are looked for in, folded."""

    item: Card | Drill | Derivation
    text: str
    standing: Standing
    today: int

    @property
    def state(self) -> str:
        """One of STATES."""
        due_day = self.standing.due_day
        if self.standing.suspended:
            return "suspended"
        if due_day is None:
            return "new"
        return "due" if due_day <= self.today else "scheduled"


Test = Callable[[Row], bool]


@dataclass(frozen=True, slots=True)
class Query:
    """What was typed: a row is found if it passes every test and has every word; `hints` are about the rest of it."""

    words: tuple[str, ...]
    tests: tuple[Test, ...]
    hints: tuple[str, ...]

    def among(self, rows: Sequence[Row]) -> list[Row]:
        """The rows found, in their order."""
        found = list(rows)
        for test in self.tests:
            found = [row for row in found if test(row)]
        for word in self.words:
            found = [row for row in found if word in row.text]
        return found


def _in_state(state: str) -> Test:
    return lambda row: row.state == state


def _of_importance(importance: str) -> Test:
    return lambda row: row.item.importance == importance


IS: dict[str, Test] = {
    **{state: _in_state(state) for state in STATES},
    "flagged": lambda row: row.standing.flagged,
    "card": lambda row: isinstance(row.item, Card),
    "drill": lambda row: isinstance(row.item, Drill),
    "derivation": lambda row: isinstance(row.item, Derivation),
}
IMPORTANT: dict[str, Test] = {importance: _of_importance(importance) for importance in IMPORTANCES}

_FILTER = re.compile(r"([^\W\d_]+):(.*)")
_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi "
    "psi omega"
)
_GREEK = dict(zip("αβγδεζηθικλμνξοπρστυφχψω", _NAMES.split(), strict=True))
# Greek letters, backslashes, and the marks that NFKD has parted from their letters
_FOLDED = re.compile("[α-ω\\\\\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")


def fold(text: str) -> str:
    """Text as it is compared: small letters, no accents, no backslashes, Greek letters by name, 𝔼 as e."""
    if text.isascii():
        return text.lower().replace("\\", "")
    parted = unicodedata.normalize("NFKD", text).casefold()
    return _FOLDED.sub(lambda found: _GREEK.get(found[0], ""), parted)


def read_query(typed: str, topics: Sequence[str]) -> Query:
    """Read the search line; nothing in it is an error. What is not understood is left out, with a hint."""
    words: list[str] = []
    tests: list[Test] = []
    hints: list[str] = []
    for part in typed.split():
        word = fold(part)
        named = _FILTER.fullmatch(word)
        if word in IMPORTANT:
            tests.append(IMPORTANT[word])
        elif named is None:
            words += [word] if word else []
        elif named[1] == "is" and named[2] in IS:
            tests.append(IS[named[2]])
        elif named[1] == "is":
            hints.append(f"{part} … {_offer(named[2], IS)}")
        elif named[1] == "topic":
            wanted = named[2]
            tests.append(lambda row, wanted=wanted: wanted in row.item.topic)  # type: ignore[misc]
            if not wanted or not any(wanted in topic for topic in topics):
                hints.append(f"{part} … {_offer(wanted, topics)}")
        else:
            hints.append(f"{part} … is:, topic:, {', '.join(IMPORTANT)}")
    return Query(tuple(words), tuple(tests), tuple(hints))


def _offer(begun: str, names: Iterable[str]) -> str:
    """The names that begin like that; all of them if none does."""
    offered = list(names)
    return ", ".join([name for name in offered if name.startswith(begun)] or offered)
