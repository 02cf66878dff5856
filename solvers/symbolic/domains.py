"""Where a symbol's values lie: `"(0, inf)"`, `"integer >= 2"`, `"integer in [1, K]"`, `"indexed (0, 1)"` and their kin.

A domain says, in words and in any order that reads naturally:

- `real` (the default), `integer`; `positive`, `negative`, `nonnegative`, `nonpositive`, `nonzero`, `probability`;
- an interval `(0, 1]`, a range `1..K` or `from 1 to K`, comparisons `>= 2`, `0 < x < 1`, joined by commas or `and`;
  ends are numbers or expressions in the other symbols;
- `indexed`: a family R_i or V(s), every member of which lies in the rest of the domain (any real number if there is
  none); `distribution`: a family of probabilities that add up to one over its first argument.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from solvers.symbolic.constants import constant
from solvers.symbolic.tree import Tree, Unreadable, number

Bounds = Callable[[str], Tree]  # reads one end of an interval


@dataclass(frozen=True, slots=True)
class Domain:
    """An interval of reals or integers; `low` and `high` are expressions, None where there is no bound."""

    integer: bool = False
    low: Tree | None = None
    high: Tree | None = None
    low_open: bool = False
    high_open: bool = False
    nonzero: bool = False
    indexed: bool = False
    distribution: bool = False

    @property
    def anything(self) -> bool:
        """Whether nothing was said about the values: any real number."""
        return self.low is None and self.high is None and not self.integer and not self.nonzero

    @property
    def never_negative(self) -> bool:
        """Whether the lower end is a number of 0 or more."""
        return self.distribution or (self.low is not None and self.low.op == "number")


POSITIVE = Domain(low=number(0), low_open=True)
REAL, INTEGER = Domain(), Domain(integer=True)

_FILLERS = frozenset({"strictly", "a", "an", "any", "finite", "in", "is", "of"})
_WORDS: dict[str, tuple[str, Tree] | None] = {
    "positive": (">", number(0)),
    "negative": ("<", number(0)),
    "nonnegative": (">=", number(0)),
    "nonpositive": ("<=", number(0)),
    "natural": (">=", number(0)),
    **dict.fromkeys(
        ("real", "reals", "float", "integer", "integers", "int", "whole", "number", "nonzero", "probability")
    ),
    **dict.fromkeys(("indexed", "family", "vector", "distribution", *_FILLERS)),
}


def parse_domain(text: str, read_bound: Bounds) -> Domain:
    """The domain that `text` describes; Unreadable if it makes no sense. `read_bound` reads the ends."""
    return _Reading(read_bound).domain(text)


class _Reading:
    """One domain's text, taken apart."""

    def __init__(self, read_bound: Bounds) -> None:
        self.read_bound = read_bound
        self.low: tuple[Tree, bool] | None = None
        self.high: tuple[Tree, bool] | None = None

    def domain(self, text: str) -> Domain:
        words: set[str] = set()
        rest = re.sub(r"\bnon-(?=[a-z])", "non", text.strip())
        while match := re.match(r"([A-Za-z]+)(?![A-Za-z_0-9])[\s,]*", rest):
            if match[1] in ("from", "between") or match[1].lower() not in _WORDS:
                break
            words.add(match[1].lower())
            rest = rest[match.end() :]
        rest = re.sub(r"^\w+ +in +(?=[\[(])", "", rest)  # x in (0, 1)
        for word in words:
            if bound := _WORDS[word]:
                self._bound(*bound)
        if not words - _FILLERS and not rest:
            raise Unreadable("it is empty")
        if "probability" in words:
            self._interval("[", "0", "1", "]")
        if rest:
            self._constraints(rest)
        low, high = self.low, self.high
        result = Domain(
            integer=bool(words & {"integer", "integers", "int", "whole", "natural"}) or ".." in rest,
            low=low and low[0],
            high=high and high[0],
            low_open=bool(low and low[1]),
            high_open=bool(high and high[1]),
            nonzero="nonzero" in words,
            indexed=bool(words & {"indexed", "family", "vector", "distribution"}),
            distribution="distribution" in words,
        )
        _not_empty(result)
        return result

    def _constraints(self, text: str) -> None:
        if match := re.fullmatch(r"([\[(])(.*),(.*)([\])])", text):
            self._interval(*(part.strip() for part in match.groups()))
            return
        if match := re.fullmatch(r"(?:from |between )(.+?)(?: to | and )(.+)|([^<>=]+?)\.\.\.?(.+)", text):
            low, high = (part for part in match.groups() if part)
            self._interval("[", low, high, "]")
            return
        for part in re.split(r",|\band\b|&", text):
            terms = re.split(r"(<=|>=|==|<|>)", part.strip())
            if len(terms) == 5 and terms[1][0] == terms[3][0] and re.fullmatch(r"\s*\w+\s*", terms[2]):
                self._compare(_MIRRORED.get(terms[1], "="), terms[0])  # 0 < x < 1
                self._compare(terms[3], terms[4])
            elif len(terms) == 3 and (not terms[0].strip() or re.fullmatch(r"\s*[A-Za-z]\w*\s*", terms[0])):
                self._compare(terms[1], terms[2])
            else:
                raise Unreadable(f"`{part.strip()[:30]}` is neither an interval nor a comparison")

    def _interval(self, opening: str, low: str, high: str, closing: str) -> None:
        self._compare(">" if opening == "(" else ">=", low)
        self._compare("<" if closing == ")" else "<=", high)

    def _compare(self, sign: str, text: str) -> None:
        text = text.strip()
        if re.fullmatch(r"[+-]?\s*(inf|infty|infinity|oo|Inf|\\infty)", text):
            if text.startswith("-") != sign.startswith(">"):
                raise Unreadable("an interval goes from the lower to the upper end")
            return
        self._bound(sign, self.read_bound(text))

    def _bound(self, sign: str, value: Tree) -> None:
        if any(part.op == "big" for part in value.walk()):
            raise Unreadable("its ends must not be sums")
        if sign in (">", ">="):
            self.low = (value, sign == ">")
        elif sign in ("<", "<="):
            self.high = (value, sign == "<")
        else:
            raise Unreadable("a symbol needs a range, not one value")


_MIRRORED: dict[str, str] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _not_empty(domain: Domain) -> None:
    ends = [constant(end) if end is not None else None for end in (domain.low, domain.high)]
    low, high = ends
    if low is None or high is None:
        return
    if domain.integer:
        low = math.floor(low) + 1 if domain.low_open else math.ceil(low)
        high = math.ceil(high) - 1 if domain.high_open else math.floor(high)
    if low > high or (low == high and (domain.low_open or domain.high_open) and not domain.integer):
        raise Unreadable("there is nothing between its ends")
