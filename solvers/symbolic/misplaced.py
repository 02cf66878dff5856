"""What is said of a token that does not fit where it stands: the place, what was typed there, and what may be meant."""

from __future__ import annotations

import re
from collections.abc import Collection

from lark import Token

from solvers.symbolic.tokens import FUNCTIONS, GRADIENTS
from solvers.symbolic.tree import Unreadable

_HINTS = {
    "EQ": "type one expression, not an equation",
    "BAR": "write abs(x) for an absolute value, and pi(a|s) without a space before the bracket",
    "REL": "only equalities are offered, and a relation has its place in 1[x > 0]",
    "NUMBER": "put a sign such as * between it and what stands before it",
    "DOTS": "write a range as in sum_{i=1..K}",
    "IN": "`in` has its place in sum_{i in 1..K}",
    "COMMA": "a comma separates arguments only",
    "BANG": "a factorial is written K! or factorial(K)",
}
_AFTER_EXPECTATION = {"LPAR", "LSQB", "LBRACE", "EXPECT"}
_REACHING = ("STAR", "SLASH", "NAME", "FAMILY", "LPAR", "FUNCTION", "GRAD")


def misplaced(text: str, token: Token, expected: Collection[str] = ()) -> Unreadable:
    """One sentence about `token` of `text`, in whose place one of `expected` would fit."""
    if token.type == "$END":
        return Unreadable("The expression stops where something is still expected; complete it.", len(text))
    place = token.start_pos or 0
    command = re.compile(r"\\[A-Za-z]+").match(text, place)
    shown = text[place : min(command.end() if command else token.end_pos or place + 1, place + 20)]
    hint = _HINTS.get(token.type, "check what stands there")
    if set(expected) == _AFTER_EXPECTATION:
        hint = "put what the expectation is of in brackets, as in E_pi[f(a)]"
    elif token.type == "CARET" and (function := _function_before(text, place)):
        hint = f"write the power behind the brackets, as in ({function}(x))^2"
    elif token.type in _REACHING and (name := _bare_before(text, place)):
        hint = f"it is not clear how far {name} reaches; put its argument in parentheses"
    return Unreadable(f"At character {place + 1}, `{shown}` does not fit there; {hint}.", place)


def _function_before(text: str, place: int) -> str:
    match = re.search(r"([A-Za-z_0-9]+)\s*$", text[:place])
    return match[1] if match and match[1] in FUNCTIONS else ""


def _bare_before(text: str, place: int) -> str | None:
    """The function without parentheses nearest before `place`."""
    before = text[:place].replace("(", " ( ").split()
    for at in range(len(before) - 1, -1, -1):
        if (before[at] in FUNCTIONS or before[at].startswith(GRADIENTS)) and before[at + 1 : at + 2] not in ([], ["("]):
            return before[at]
    return None
