"""What the names in an expression stand for: from the tree as typed to one that can be evaluated.

Settled for all expressions of a question together, because one explains the other:

- A name that was not declared is refused, except where it only tells arguments apart: y_w and x in pi(y_w|x) are
  labels.
- `E_pi[f(a)]` is the sum over a of pi(a) f(a), where pi is a distribution over a few outcomes. Which variable and which
  condition: those of `E_{a~pi(.|s)}[…]` if so written, else the argument that pi has elsewhere in the question, else
  the only label in the body (a, if there are several).
- A sum without bounds runs over the range that the same family has elsewhere in the question (so `sum_j R_j` beside
  `sum_{i=1..K} R_i` runs to K), else over all outcomes. Policies `pi…` in such sums are distributions too.
- A free index of a family that is summed from 1 to K lies between 1 and K itself.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from solvers.symbolic.definitions import NOTHING, Definition, InFull, Known
from solvers.symbolic.domains import INTEGER, REAL, Domain
from solvers.symbolic.names import OUTCOMES, Names, misread
from solvers.symbolic.tree import Tree, Unreadable, node, number, symbol

if TYPE_CHECKING:
    from solvers.symbolic.symbols import Symbols

_PROBABILITIES = ("p", "q", "mu", "P")
_COUNTING = frozenset("ijklmn")  # letters that count the members of a group

Range = tuple[Tree, Tree]


@dataclass(slots=True)
class Question:
    """Expressions with their names settled, and what is to be known of those names.

    `distributions`: families that add up to one over their first argument, with its range. `within`: the ranges, any of
    which a free index must lie in. `counted`: labels that take part in arithmetic or lie in a range. `forms`: the trees
    as they were typed, before definitions and gradients were written out. `kinks`: derivatives that the trees come
    from; where one has no value, at a kink, the trees need not be equal.
    """

    trees: list[Tree]
    domains: dict[str, Domain]
    distributions: dict[str, Range] = field(default_factory=dict)
    within: dict[str, list[Range]] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    counted: set[str] = field(default_factory=set)
    forms: list[Tree] = field(default_factory=list)
    kinks: list[Tree] = field(default_factory=list)


def settle(trees: Sequence[Tree], symbols: Symbols, known: Known = NOTHING) -> Question:
    """Settle the names in `trees` and write them out in full by what is `known`. Raises Unreadable."""
    bodies = [definition.body for definition in known.definitions]
    parts = [part for tree in (*trees, *bodies) for part in tree.walk()]
    names = Names(symbols, known.gradient, {part.text: len(part.args) for part in parts if part.op == "indexed"})
    for part in (part for part in parts if part.op == "expect"):
        names.declare_distribution(part.args[1])
    resolved: list[Tree] = []
    for tree in trees:
        try:
            resolved.append(names.resolve(tree, frozenset()))
        except Unreadable as problem:
            problem.which = len(resolved)
            raise
    definitions = [
        dataclasses.replace(d, body=names.resolve(d.body, frozenset(d.parameters))) for d in known.definitions
    ]
    return _Settling(resolved, names.domains, definitions, known).question()


def alone(tree: Tree, symbols: Symbols) -> Tree:
    """One expression by itself, settled."""
    return settle([tree], symbols).trees[0]


class _Settling:
    """Ranges, conditions and distributions, over all trees of a question."""

    def __init__(
        self, trees: list[Tree], domains: dict[str, Domain], definitions: list[Definition], known: Known
    ) -> None:
        self.trees = trees
        self.domains = domains
        self.definitions = definitions
        self.known = known
        self.ranges: dict[tuple[str, int], list[Range]] = {}
        self.declared: dict[tuple[str, int], Range] = {}
        self.over_outcomes: set[tuple[str, int]] = set()
        self.group: Range | None = None  # the only range that a sum over members without one can be meant to have
        self.of_outcomes: set[str] = set()  # free indices that may only be outcomes
        self.conditions: dict[str, set[tuple[Tree, ...]]] = {}
        self.distributions: dict[str, Range] = {}
        bodies = [definition.body for definition in definitions]
        logs = [part for tree in (*trees, *bodies) for part in tree.walk() if part.op == "call" and part.text == "log"]
        self.logged = {part.text for log in logs for part in log.walk() if part.op == "indexed"}

    def question(self) -> Question:
        for tree in (*self.trees, *(definition.body for definition in self.definitions)):
            self._look(tree)
        for definition in self.definitions:
            self._range_of_arguments(definition)
        self._range_of_groups()
        self.distributions = {
            name: self._known_range([(name, 0)]) for name, d in self.domains.items() if d.distribution
        }
        trees = [self._apart(which, tree) for which, tree in enumerate(self.trees)]
        definitions = [
            dataclasses.replace(d, body=self._settle(d.body, frozenset(d.parameters))) for d in self.definitions
        ]
        question = Question(trees, self.domains, self.distributions, forms=trees)
        for tree in (*trees, *(definition.body for definition in definitions)):
            self._look(tree, settled=True)
        for tree in trees:
            self._indices(tree, frozenset(), question)
        in_full = InFull(definitions, self.known, self.domains, self.distributions, self.ranges)
        question.trees = [self._whole(in_full, which, tree) for which, tree in enumerate(trees)]
        for tree in question.trees:
            self._indices(tree, frozenset(), question)
        for name in self.of_outcomes:
            if not question.within.get(name):
                question.within[name] = [(number(1), OUTCOMES)]
        return question

    def _apart(self, which: int, tree: Tree) -> Tree:
        try:
            return self._settle(tree, frozenset())
        except Unreadable as problem:
            problem.which = which
            raise

    def _whole(self, in_full: InFull, which: int, tree: Tree) -> Tree:
        if not in_full.needed and all(part.op != "grad" for part in tree.walk()):
            return tree
        try:
            return in_full.tree(tree)
        except Unreadable as problem:
            problem.which = which
            raise

    def _range_of_arguments(self, definition: Definition) -> None:
        """What is defined has the range of what its argument indexes: pi(a) that of theta_a."""
        for place, parameter in enumerate(definition.parameters):
            for key in _indexed_by(definition.body, parameter):
                known = self.ranges.setdefault((definition.name, place), [])
                known.extend(ends for ends in self.ranges.get(key, []) if ends not in known)

    def _range_of_groups(self) -> None:
        """`1/K sum_j R_j` alone, with no other range of R and no other number that could be its size, goes to K."""
        bodies = (definition.body for definition in self.definitions)
        parts = [part for tree in (*self.trees, *bodies) for part in tree.walk()]
        indices = {arg.text for part in parts if part.op == "indexed" for arg in part.args}
        sizes = {part.text for part in parts if part.op == "symbol" and part.text in self.domains}
        sizes = {name for name in sizes - indices if _is_size(self.domains[name])}
        if len(sizes) != 1:
            return
        whole = self.group = number(1), symbol(*sizes)
        for part in parts:
            if part.op == "big" and part.args[2].op == "outcomes" and part.var in _COUNTING:
                keys = _indexed_by(part.args[0], part.var)
                if not any(self.ranges.get(key) or key in self.declared for key in keys):
                    self.ranges.update((key, [whole]) for key in keys)

    def _look(self, tree: Tree, settled: bool = False) -> None:
        """Note over which ranges families are summed, and under which conditions distributions stand."""
        for part in tree.walk():
            if part.op == "big" and part.args[2].op not in ("outcomes", "infinity"):
                self._note_range(part)
            if part.op == "big" and part.args[2].op == "outcomes" and settled:
                self.over_outcomes.update(_indexed_by(part.args[0], part.var))
            if part.op == "indexed":
                self._note_declared(part)
            if part.op == "indexed" and part.bar >= 0:
                given = part.args[part.subs + part.bar :]
                self.conditions.setdefault(part.text, set()).add(given)

    def _note_range(self, big: Tree) -> None:
        ends = big.args[1:3]
        if any(n.op == "symbol" and n.text not in self.domains for end in ends for n in end.walk()):
            return  # the ends depend on another sum's variable
        for key in _indexed_by(big.args[0], big.var):
            known = self.ranges.setdefault(key, [])
            if ends not in known:
                known.append((ends[0], ends[1]))

    def _note_declared(self, family: Tree) -> None:
        """A free index that was declared as 1 to K tells the range of the family, should no sum tell it."""
        for place, arg in enumerate(family.args):
            domain = self.domains.get(arg.text) if arg.op == "symbol" else None
            if domain is not None and domain.integer and domain.low is not None and domain.high is not None:
                self.declared.setdefault((family.text, place), (domain.low, domain.high))

    def _known_range(self, keys: list[tuple[str, int]]) -> Range:
        """The whole range that one of the families has elsewhere, else all outcomes."""
        known = (ends for key in keys for ends in self.ranges.get(key, []) if _is_whole_range(*ends))
        declared = (self.declared[key] for key in keys if key in self.declared and _is_whole_range(*self.declared[key]))
        return next(known, None) or next(declared, (number(1), OUTCOMES))

    def _settle(self, tree: Tree, bound: frozenset[str]) -> Tree:
        inner = bound | {tree.var} if tree.var else bound
        tree = tree.map(lambda arg: self._settle(arg, inner))
        if tree.op == "expect":
            return self._expectation(tree, bound)
        if tree.op == "big" and tree.args[2].op == "outcomes":
            body, low, high, *conditions = tree.args
            keys = _indexed_by(body, tree.var)
            low, high = self._known_range(keys)
            if not keys and tree.var in _COUNTING and self.group is not None:
                low, high = self.group
            if high.op == "outcomes" and conditions and not any(name in self.distributions for name, _ in keys):
                low, high, conditions = _one_sided(tree, keys)
            for name, place in keys:
                if place == 0 and high.op == "outcomes" and self._by_convention(name):
                    self.distributions.setdefault(name, (low, high))
            return tree.with_args((body, low, high, *conditions))
        return tree

    def _by_convention(self, family: str) -> bool:
        """Whether a family in a sum over all outcomes is taken for a distribution without having been called one."""
        base, domain = family.partition("_")[0], self.domains[family]
        positive = domain.never_negative or (domain.anything and family in self.logged)
        return base == "pi" or (base in _PROBABILITIES and positive)

    def _expectation(self, tree: Tree, bound: frozenset[str]) -> Tree:
        body, *conditions = tree.args
        bar = tree.bar
        if bar < 0:
            usable = [
                given
                for given in self.conditions.get(tree.text, ())
                if all(n.op != "symbol" or n.text in bound or n.text in self.domains for c in given for n in c.walk())
            ]
            if len(usable) > 1:
                raise misread(tree, f"say under which condition, as in E_{{{tree.var}~{tree.text}(.|s)}}[…]")
            if usable:
                conditions, bar = list(usable[0]), 1
        weight = node("indexed", symbol(tree.var), *conditions, text=tree.text, bar=bar)
        keys = [(tree.text, 0), *_indexed_by(body, tree.var)]
        low, high = self._known_range(keys)
        for name, place in keys:
            if place == 0 and (name == tree.text or self._by_convention(name)):
                self.distributions[name] = (low, high)
        return node("big", node("mul", body, weight), low, high, text="sum", var=tree.var).at(tree.start, tree.end)

    def _indices(self, tree: Tree, bound: frozenset[str], question: Question, direct: bool = False) -> None:
        """Note the labels, and the ranges in which free indices must lie."""
        if tree.op == "label":
            if not tree.args and tree.text not in question.labels:
                question.labels.append(tree.text)
            if not tree.args and not direct:
                question.counted.add(tree.text)
        for place, arg in enumerate(tree.args):
            free = arg.op == "label" or (arg.op == "symbol" and arg.text not in bound)
            if tree.op == "indexed" and free and not arg.args:
                self._within(arg, (tree.text, place), question)
            inner = bound | {tree.var} if tree.var else bound
            self._indices(arg, inner, question, tree.op in ("indexed", "label"))

    def _within(self, index: Tree, key: tuple[str, int], question: Question) -> None:
        domain = self.domains.get(index.text, INTEGER if index.op == "label" else REAL)
        if not domain.integer or domain.high is not None:
            return
        ranges = list(self.ranges.get(key, []))
        if key[1] == 0 and key[0] in question.distributions:
            ranges.append(question.distributions[key[0]])
        if key in self.over_outcomes:
            self.of_outcomes.add(index.text)
        ranges = [r for r in ranges if all(n.text != index.text for end in r for n in end.walk())]
        known = question.within.setdefault(index.text, [])
        known.extend(r for r in ranges if r not in known)
        if index.op == "label" and known:
            question.counted.add(index.text)


def _one_sided(big: Tree, keys: list[tuple[str, int]]) -> tuple[Tree, Tree, list[Tree]]:
    """The range of `sum_{t >= 0}`, which goes on for ever, and the conditions that are left."""
    _, low, high, first, *rest = big.args
    if first.args[0].text != big.var or first.text in ("=", "!="):
        return low, high, [first, *rest]
    end = first.args[1]
    if first.text in (">", ">=") and end.op == "number":
        return end if first.text == ">=" else node("add", end, number(1)), node("infinity"), rest
    if not keys:
        raise misread(first, f"say where this {big.text} starts, as in sum_{{t=0..T}}")
    return low, high, [first, *rest]


def _is_size(domain: Domain) -> bool:
    """Whether a symbol may say how many members a group has: a whole number from 1 or 2 on."""
    least = domain.low.text if domain.low is not None and not domain.low_open else ""
    return domain.integer and not domain.indexed and domain.high is None and least in ("1", "2")


def _is_whole_range(low: Tree, high: Tree) -> bool:
    """Whether a range is likely to be all of a family: 1 to K, 0 to K - 1, or numbers."""
    if low.op != "number":
        return False
    if low.text == "0" and high.op == "add":
        return len(high.args) == 2 and high.args[0].op == "symbol" and high.args[1] == node("neg", number(1))
    return high.op == "number" or (low.text == "1" and high.op == "symbol")


def _indexed_by(body: Tree, var: str) -> list[tuple[str, int]]:
    """The families, with the place of the argument, that are indexed by `var` itself."""
    return [
        (part.text, place)
        for part in body.walk()
        if part.op == "indexed"
        for place, arg in enumerate(part.args)
        if arg.op == "symbol" and arg.text == var
    ]
