"""Are two expressions equal? Decided numerically at many points of the declared domains; unequal comes with a witness.

Ordinary points come first, then for each symbol its special and extreme values with all others ordinary, then both
sides of every boundary, then points at which few values occur, so that many are the same, then mixtures. Sums and
expectations are instantiated at several sizes on the way. Most points are compared at 40 digits, a few at 450, which
shows differences that 40 cannot (x and x + 1e-60).

Undecided is said where too few points have values on both sides, and where on a good part of the domain only one side
has one (log(xy) and log x + log y for any real x and y). A family of which nothing was declared (`indexed`) is given
the benefit of the doubt there: its members may be meant to be positive.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from solvers.symbolic.boundaries import boundary_points
from solvers.symbolic.compare import DIGITS, MANY_DIGITS, OneSided, Sides, compare, compare_between
from solvers.symbolic.constants import constant
from solvers.symbolic.evaluate import LARGEST_INDEX, MAX_TERMS, Budget, Key, NoValue, OutOfBudget
from solvers.symbolic.meaning import Question
from solvers.symbolic.points import CORE, POSITIVE, REAL, SPECIAL, WIDE, Number, Place, Plan
from solvers.symbolic.tree import Tree, Unreadable

EQUAL, DIFFERENT, UNDECIDED = "equal", "different", "undecided"
STEPS = 60_000
ENOUGH, SOUGHT = 8, 12  # points that must count; until how many do, more are looked for
ORDINARY, MIXED, MORE = 24, 40, 200
SMALL = 6  # points for each of the smallest groups
LARGE = (1e3, 1e6, 1e12)
WITH_BALLS, LONGER = 4, 2.5  # where time is set: points that balls confirm; how far beyond it in any case
LONGEST = 0.8  # seconds, where none are set
WITH_MANY_DIGITS = (4, 9, 15)  # of the ordinary points
CLEAR = 1e-9  # a relative difference that printed floats show


@dataclass(frozen=True, slots=True)
class Witness:
    """A point at which the two sides differ: what every symbol is there, and what both sides come to."""

    symbols: dict[str, float | int]
    a: float
    b: float
    difference: float

    @property
    def visible(self) -> float:
        """The difference relative to the sides."""
        return abs(self.difference) / max(abs(self.a), abs(self.b), 1e-300)


@dataclass(frozen=True, slots=True)
class Decision:
    """`equal`, `different` (with a witness) or `undecided`, and the number of points it rests on."""

    verdict: str
    points: int
    witness: Witness | None = None


@dataclass(slots=True)
class _Tally:
    counted: int = 0
    tried: set[Any] = field(default_factory=set)
    witness: Witness | None = None
    both_sided: set[tuple[int, ...]] = field(default_factory=set)  # the whole numbers at points that count
    one_sided: set[tuple[int, ...]] = field(default_factory=set)  # and at ordinary points with a value on one side

    def note(self, place: Place, sides: Sides) -> None:
        self.counted += 1
        self.both_sided.add(_whole_numbers(place))
        if not sides.differ:
            return
        difference = float(sides.a - sides.b)
        witness = Witness(_shown(place), float(sides.a), float(sides.b), difference)
        if self.witness is None or self.visible < witness.visible:
            self.witness = witness

    @property
    def visible(self) -> float:
        """The relative difference of the witness."""
        return 0.0 if self.witness is None else self.witness.visible

    def decision(self) -> Decision:
        if self.witness is not None:
            return Decision(DIFFERENT, self.counted, self.witness)
        enough = min(ENOUGH, max(1, len(self.tried) // 2))
        # (K-2)/(K-2) has no value at K = 2; that alone makes nothing undecided
        one_sided = self.one_sided & (self.both_sided | {()})
        return Decision(UNDECIDED if self.counted < enough or one_sided else EQUAL, self.counted)


@dataclass(frozen=True, slots=True)
class _Try:
    place: Place
    digits: int = DIGITS
    ordinary: bool = False
    across: Place | None = None  # on the other side of a boundary between the two


def decide(question: Question, seed: str, steps: int = STEPS, seconds: float = math.inf) -> Decision:
    """Compare the two trees of `question` at points drawn from `seed`, with at most so many steps of computation.

    After so many `seconds` the points that there are must do, if they are enough; after LONGER as many, in any case.
    Where no time is set, they must do after LONGEST.
    Whoever sets a time also has sides that are zero but for rounding computed with balls at the first points only.

    Raises Unreadable for plain numbers in them that have no value, such as 1/0 or 9^9^9^9.
    """
    for which, tree in enumerate(question.trees):
        try:
            check_numbers(tree)
        except Unreadable as problem:
            problem.which = which
            raise
    began = time.monotonic()
    until = began + (LONGER * seconds if seconds < math.inf else LONGEST)
    plan, budget, tally = Plan(question, seed), Budget(steps, until), _Tally()
    with contextlib.suppress(OutOfBudget):
        for attempt in _tries(plan, budget, tally):
            _compare(attempt, budget, tally, easily=seconds < math.inf and tally.counted >= WITH_BALLS)
            spent = time.monotonic() - began
            if tally.visible > CLEAR or (spent > seconds and tally.counted >= SOUGHT) or began + spent > until:
                break
    return tally.decision()


def check_numbers(tree: Tree) -> None:
    """Refuse plain numbers without a value, and sums that are too long, before anything is computed with them."""
    if tree.op == "big" and tree.args[2].op != "infinity":
        ends = [constant(end) for end in tree.args[1:3]]
        if ends[0] is not None and ends[1] is not None and ends[1] - ends[0] >= MAX_TERMS:
            raise Unreadable(f"At character {tree.start + 1}, this {tree.text} has over {MAX_TERMS} terms.", tree.start)
    if tree.op == "div" and constant(tree.args[1]) == 0:
        raise Unreadable(f"At character {tree.args[1].start + 1}, there is a division by zero.", tree.args[1].start)
    if tree.op in ("label", "relation") or constant(tree) is None:
        for arg in tree.args:
            check_numbers(arg)


def _compare(attempt: _Try, budget: Budget, tally: _Tally, easily: bool) -> None:
    place = attempt.place
    # where nothing but declared symbols varies, the same values twice are one point
    seed = place.seed if place.varies else ""
    key = (*place.values.items(), *place.labels.items(), seed, attempt.across is None)
    if key in tally.tried:
        return
    tally.tried.add(key)
    try:
        if attempt.across is not None:
            sides = compare_between(place, attempt.across, budget)
        else:
            sides = compare(place, attempt.digits, budget, easily)
    except OneSided:
        if attempt.ordinary:
            tally.one_sided.add(_whole_numbers(place))
    except NoValue:
        return
    else:
        tally.note(place, sides)


def _tries(plan: Plan, budget: Budget, tally: _Tally) -> Iterator[_Try]:
    """Where to compare, in turn. Places that cannot be drawn are left out."""
    numbers = itertools.count()

    def place(styles: dict[str, str], family_style: str, fixed: dict[str, Number]) -> Iterator[Place]:
        with contextlib.suppress(NoValue):
            yield plan.place(next(numbers), styles, family_style, fixed)

    def with_few_values(values: list[Number]) -> Iterator[Place]:
        with contextlib.suppress(NoValue):
            yield plan.place(next(numbers), dict.fromkeys(plan.order, SPECIAL), SPECIAL, pool=values)

    # the costly ones last, so that they are left out, if any are, when time is short
    for at in sorted(range(ORDINARY if plan.varies else 1), key=lambda at: at in WITH_MANY_DIGITS):
        digits = MANY_DIGITS if at in WITH_MANY_DIGITS or not plan.varies else DIGITS
        style = (CORE, REAL, POSITIVE, REAL)[at % 4]
        for found in place({}, style, {}):
            yield _Try(found, digits, ordinary=style != REAL or not plan.unknown)
    for name in plan.order:
        for value in _specials(plan, name):
            yield from map(_Try, place({}, CORE, {name: value}))
    if plan.unknown and plan.jumps:  # in small groups all members but one often lie on the same side of a jump
        for name in (name for name in plan.order if name in plan.summed and plan.question.domains[name].integer):
            for value in _specials(plan, name)[:2]:
                for _ in range(SMALL):
                    yield from map(_Try, place({}, REAL, {name: value}))
    for on in boundary_points(plan, budget):
        with contextlib.suppress(NoValue):
            across = plan.place(on.number, {}, CORE, on.across) if on.across is not None else None
            if across is None or not plan.question.kinks:
                yield _Try(plan.place(on.number, {}, CORE, on.fixed), across=across)
    rng = Random(plan.seed)
    if plan.jumps and (len(plan.order) > 1 or plan.families):  # where values tie, what jumps may do so apart
        for value in sorted({*plan.numbers, *LARGE, *(-v for v in LARGE)}):
            yield from map(_Try, with_few_values([value, rng.choice(plan.numbers)]))
    for at in range(MIXED if plan.varies else 0):
        styles = {name: rng.choices((CORE, WIDE, SPECIAL), (3, 3, 2))[0] for name in plan.order}
        yield from map(_Try, place(styles, (REAL, WIDE, SPECIAL, POSITIVE, CORE)[at % 5], {}))
    for at in range(MORE if plan.varies else 0):
        if tally.counted >= SOUGHT:
            return
        for found in place({}, (POSITIVE, CORE)[at % 2], {}):
            yield _Try(found, ordinary=True)


def _specials(plan: Plan, name: str) -> list[Number]:
    """Values of one symbol to try with all others ordinary."""
    domain = plan.question.domains[name]
    low, high = (constant(end) if end is not None else None for end in (domain.low, domain.high))
    if domain.integer:
        first = math.ceil(low) if low is not None else (-4 if high is None else math.floor(high) - 8)
        values: set[Number] = {float(first + step) for step in (*range(10), 15)}
        most = MAX_TERMS if name in plan.summed else LARGEST_INDEX
        values |= {v for v in plan.numbers if v == int(v) and abs(float(v)) < most}
        return sorted(values if name in plan.summed else values | {first + 1000.0, first + 99_991.0})
    values = set(plan.numbers) | {s * v for s in (1, -1) for v in (1e-30, 1e-9, 1e-3, 10.0, *LARGE)}
    for end, inward in ((low, 1), (high, -1)):
        if end is not None:
            values |= {end, end + inward * 1e-9, end + inward * 1e-3}
    return sorted(values)


def _whole_numbers(place: Place) -> tuple[int, ...]:
    return tuple(value for value in place.values.values() if isinstance(value, int))


def _shown(place: Place) -> dict[str, float | int]:
    """Every value that the two sides made use of, under the name that it is written with."""
    shown = {name: value if isinstance(value, int) else float(value) for name, value in place.values.items()}
    shown |= {name: value for name, value in place.labels.items() if isinstance(value, int)}
    if place.uses_outcomes:
        shown["outcomes"] = place.size
    for (family, bar, key), value in place.members.items():
        shown[family + _index(key, bar)] = value if isinstance(value, int) else float(value)
    return shown


def _index(key: tuple[Key, ...], bar: int) -> str:
    parts = [_word(part) for part in key]
    if bar >= 0:
        return f"({', '.join(parts[:bar])}|{', '.join(parts[bar:])})"
    return f"[{', '.join(parts)}]"


def _word(key: Key) -> str:
    return f"{key[0]}_{{{', '.join(map(_word, key[1:]))}}}" if isinstance(key, tuple) else str(key)
