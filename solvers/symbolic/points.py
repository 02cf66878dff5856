"""Points at which two expressions are compared: within the declared domains, and where differences like to hide.

Of every symbol there are ordinary values, extreme ones (near the ends of its interval, very small, very large) and
special ones (0, 1, closed ends, the numbers that stand in the expressions). All values are doubles, so that a witness
can be checked with its printed numbers, or fractions that were written as decimals, such as 0.3. Everything is drawn
from a seed; a member of a family from the seed and its index, so that it does not matter in which order members are
asked for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random
from types import MappingProxyType

from solvers.symbolic.balls import ball_context, plain_context
from solvers.symbolic.constants import Nowhere
from solvers.symbolic.domains import Domain
from solvers.symbolic.evaluate import Beyond, Budget, Context, Evaluation, Key, NoValue, Real, Undefined
from solvers.symbolic.meaning import Question
from solvers.symbolic.tree import Tree

MOST_PARTS = 12  # of a plain number such as 10^7 that is tried as a value
MOST_NEAR = 50  # of the neighbours of plain numbers
NEARLY = (Fraction(10**9 + 1, 10**9), Fraction(10**9 - 1, 10**9))
LABEL_STEP = 1000  # indices of labels in arithmetic lie far from those of sums and far from one another
# how a value is drawn: the last two say of families of which nothing is known what their members may be
CORE, WIDE, SPECIAL, POSITIVE, REAL = "core", "wide", "special", "positive", "real"

Number = float | Fraction


@dataclass(slots=True)
class Place:
    """One point: what every name stands for. Implements evaluate.Point."""

    question: Question
    seed: str
    style: str = CORE
    values: dict[str, Number] = field(default_factory=dict)
    labels: dict[str, int | str] = field(default_factory=dict)
    size: int = 3
    pool: Sequence[Number] = ()
    varies: bool = False  # whether there is more to it than `values` and `labels`
    uses_outcomes: bool = False
    members: dict[tuple[str, int, tuple[Key, ...]], Number] = field(default_factory=dict)
    _ends: dict[str, tuple[int, int]] = field(default_factory=dict)

    def value(self, name: str, context: Context) -> Real:
        return _in(context, self.values[name])

    def counts(self, name: str) -> bool:
        return self.question.domains[name].integer

    def label(self, name: str) -> int | str:
        return self.labels[name]

    def outcomes(self) -> int:
        return self.size

    def member(self, family: str, key: tuple[Key, ...], bar: int, context: Context) -> Real:
        known = (family, bar, key)
        if known not in self.members:
            self.members[known] = self._draw(family, key, bar)
        return _in(context, self.members[known])

    def _draw(self, family: str, key: tuple[Key, ...], bar: int) -> Number:
        domain = self.question.domains[family]
        if family in self.question.distributions and key and isinstance(key[0], int):
            low, high = self._range(family)
            if low <= key[0] <= high:
                rng = Random(f"{self.seed}|{family}|{bar}|{key[1:]}")
                skew = 1e6 if self.style == WIDE else 20.0
                weights = [1 + int(skew ** rng.random() * 1000) for _ in range(low, high + 1)]
                if self.style == SPECIAL:
                    weights = [rng.randint(1, 2) for _ in weights]  # some outcomes as likely as others
                return Fraction(weights[key[0] - low], sum(weights))
        rng = Random(f"{self.seed}|{family}|{bar}|{key}")
        if family in self.question.distributions:
            return rng.uniform(0.05, 0.95)
        low_end, high_end = interval(domain, self)
        if domain.anything:
            return _undeclared(rng, self.style, self.pool)
        return draw(rng, domain, low_end, high_end, self.style, self.pool)

    def _range(self, family: str) -> tuple[int, int]:
        if family not in self._ends:
            low, high = (int(end_value(end, self)) for end in self.question.distributions[family])
            if high - low > 100:
                raise Beyond
            self._ends[family] = (low, high)
        return self._ends[family]


def _in(context: Context, value: Number) -> Real:
    if isinstance(value, Fraction):
        return context.mpf(value.numerator) / value.denominator
    return context.mpf(value)


def end_value(tree: Tree, place: Place) -> float:
    """One end of an interval or range, at this place."""
    return float(Evaluation(place, plain_context(40), Budget(10_000)).value(tree))


def interval(domain: Domain, place: Place) -> tuple[float, float]:
    """The ends of `domain` at this place, which holds the symbols they are made of."""
    low = -math.inf if domain.low is None else end_value(domain.low, place)
    high = math.inf if domain.high is None else end_value(domain.high, place)
    return low, high


def contains(domain: Domain, low: float, high: float, value: Number) -> bool:
    """Whether `value` lies in `domain` between these ends."""
    above = value > low if domain.low_open else value >= low
    below = value < high if domain.high_open else value <= high
    return above and below and not (domain.nonzero and value == 0) and (not domain.integer or value == int(value))


def draw(rng: Random, domain: Domain, low: float, high: float, style: str, pool: Sequence[Number]) -> Number:
    """A value of `domain` between its ends; raises Undefined where there is none."""
    if low > high:
        raise Undefined
    for _ in range(20):
        value = _candidate(rng, domain, low, high, style, pool)
        if contains(domain, low, high, value):
            return int(value) if domain.integer else value
        style = CORE
    raise Undefined


def _candidate(rng: Random, domain: Domain, low: float, high: float, style: str, pool: Sequence[Number]) -> Number:
    if domain.integer:
        return _whole(rng, low, high, style, pool)
    if style == SPECIAL and pool:
        return rng.choice(pool)
    if math.isfinite(low) and math.isfinite(high):
        width = high - low
        if style == CORE and width < 1e4:
            return _round(low + width * rng.uniform(0.02, 0.98))
        small = width * 10 ** -rng.uniform(0, 15)
        return low + small if rng.random() < 0.5 else high - small
    size = _round(math.exp(rng.uniform(-2, 2))) if style == CORE else 10 ** rng.uniform(-12, 12)
    if math.isfinite(low):
        return low + size
    if math.isfinite(high):
        return high - size
    return math.copysign(size, rng.random() - 0.5)


def _round(value: float) -> float:
    """`value` to 24 bits, so that sums such as 1 + eps are doubles too and a boundary can be met exactly."""
    fraction, exponent = math.frexp(value)
    return math.ldexp(round(fraction * 2**24), exponent - 24)


def _whole(rng: Random, low: float, high: float, style: str, pool: Sequence[Number]) -> float:
    if style == SPECIAL and pool:
        return float(math.floor(rng.choice(pool)))
    reach = 6 if style == CORE else 60
    if math.isfinite(low):
        return math.ceil(low) + rng.randint(0, int(min(reach, high - low if math.isfinite(high) else reach)) + 1)
    if math.isfinite(high):
        return math.floor(high) - rng.randint(0, reach)
    return rng.randint(-reach, reach)


def _undeclared(rng: Random, style: str, pool: Sequence[Number]) -> Number:
    """A member of a family of which nothing is known. The style is that of the whole point, `core` is positive."""
    if style == CORE:
        return rng.uniform(0.05, 0.95)
    if style == SPECIAL and pool:
        return rng.choice(pool)
    if style == WIDE:
        return math.copysign(10 ** rng.uniform(-8, 8), rng.random() - 0.5)
    return rng.uniform(0.2, 5.0) if style == POSITIVE else rng.uniform(-4, 4)


class Plan:
    """All points for one question, in the order in which they are tried."""

    def __init__(self, question: Question, seed: str) -> None:
        self.question = question
        self.seed = seed
        used = [part for tree in question.trees for part in tree.walk()]
        self.numbers = _numbers(used)
        names = {part.text for part in used if part.op == "symbol"}
        names |= {n.text for ranges in question.within.values() for r in ranges for end in r for n in end.walk()}
        names |= {n.text for r in question.distributions.values() for end in r for n in end.walk()}
        families = {part.text for part in used if part.op == "indexed"}
        self.families = families
        self.order = _order({n for n in names if n in question.domains}, families, question.domains)
        self.summed = _summed(used)
        self.jumps = any(_jumps(part) for part in used)
        ends = [end for ends in question.distributions.values() for end in ends]
        self.uses_outcomes = any(part.op == "outcomes" for part in (*used, *ends))
        self.unknown = any(question.domains[name].anything for name in families)
        self.varies = bool(self.order or families or self.uses_outcomes or question.counted)

    def place(
        self,
        number: int,
        styles: Mapping[str, str],
        family_style: str = CORE,
        fixed: Mapping[str, Number] = MappingProxyType({}),
        pool: Sequence[Number] = (),
    ) -> Place:
        """The `number`-th point; `styles` says how each symbol that is not `fixed` is drawn. Raises NoValue.

        The special values are those in `pool`, if there are any there.
        """
        rng = Random(f"{self.seed}|{number}")
        place = Place(self.question, f"{self.seed}|{number}", family_style, pool=pool or self.numbers)
        place.varies, place.uses_outcomes = bool(self.families) or self.uses_outcomes, self.uses_outcomes
        place.size = (3, 2, 4)[number % 3]
        for _ in range(30):
            place.values.clear()
            for name in self.order:
                domain = self.question.domains[name]
                low, high = interval(domain, place)
                if name in fixed:
                    value: Number = fixed[name]
                    if not contains(domain, low, high, value):
                        raise Undefined
                else:
                    style = styles.get(name, CORE)
                    if name in self.summed and style == WIDE:
                        style = CORE  # a sum's bound stays small
                    value = draw(rng, domain, low, high, style, place.pool)
                place.values[name] = int(value) if domain.integer else value
            self._label(place, Random(f"{self.seed}|{number}|labels"))
            if self._indices_fit(place):
                return place
        raise Beyond

    def _label(self, place: Place, rng: Random) -> None:
        """Give each label its value: its own name, or a whole number where it is counted with."""
        taken: set[int] = set()
        for at, name in enumerate(self.question.labels):
            place.labels[name] = name
            if name in self.question.counted:
                choices = [
                    index
                    for low, high in self.question.within.get(name, [])
                    for index in range(int(end_value(low, place)), min(int(end_value(high, place)), 200) + 1)
                ]
                choices = [index for index in choices if index not in taken] or choices
                index = rng.choice(choices) if choices else LABEL_STEP * (at + 1)
                place.labels[name] = index
                taken.add(index)

    def _indices_fit(self, place: Place) -> bool:
        for name, ranges in self.question.within.items():
            if name in place.values and ranges:
                ends = [(end_value(low, place), end_value(high, place)) for low, high in ranges]
                if not any(low <= place.values[name] <= high for low, high in ends):
                    return False
        return True


def _order(names: set[str], families: set[str], domains: Mapping[str, Domain]) -> list[str]:
    """The scalar symbols to draw, those that stand in others' bounds first."""
    order: list[str] = []
    waiting = sorted(names)
    needed = [end for name in families if name in domains for end in (domains[name].low, domains[name].high)]
    waiting += [part.text for end in needed if end is not None for part in end.walk() if part.text in domains]
    visiting: set[str] = set()

    def visit(name: str) -> None:
        if name in order:
            return
        if name in visiting:
            raise ValueError(f"The domain of {name} depends on itself; give it an end of its own.")
        visiting.add(name)
        for end in (domains[name].low, domains[name].high):
            for part in end.walk() if end is not None else ():
                if part.op in ("symbol", "indexed") and part.text in domains:
                    visit(part.text)
        if not domains[name].indexed:
            order.append(name)

    for name in waiting:
        visit(name)
    return order


def _jumps(part: Tree) -> bool:
    return part.op in ("indicator", "choice") or part.text in ("min", "max", "clip", "abs", "relu", "sign")


def _summed(parts: Sequence[Tree]) -> set[str]:
    """The symbols in the bounds of sums and products."""
    ends = [end for part in parts if part.op == "big" for end in part.args[1:3]]
    return {inner.text for end in ends for inner in end.walk() if inner.op == "symbol"}


def _exact(part: Tree) -> Number | None:
    """The value of an expression of plain numbers: as a fraction where it is one that no double is."""
    try:
        value = Evaluation(Nowhere(), ball_context(60), Budget(10_000)).value(part)
    except NoValue:
        return None
    exact: Fraction | None = value.exact
    return exact if exact is not None and Fraction(float(exact)) != exact else float(value.mid)


def _numbers(parts: Sequence[Tree]) -> list[Number]:
    """Special values: simple ones, those in the expressions, and their neighbours."""
    simple: set[Number] = {0.0, 1.0, -1.0, 2.0, 0.5, -0.5, 3.0}
    near: set[Number] = set()
    for part in parts:
        c = _exact(part) if part.op in ("number", "pow", "div") and part.size <= MOST_PARTS else None
        if c is not None and 1e-300 < abs(float(c)) < 1e300:
            simple |= {c, -c}
            near |= {*(float(c * by) for by in NEARLY), 2 * c, -2 * c, c + 1, c - 1, 1 - c, 1 / c}
    few = sorted(near - simple)
    return sorted(simple | set(few[:: len(few) // MOST_NEAR + 1]))
