"""What depends on the variable of a derivative, where two expressions alone do not say it.

In `grad_theta log pi(a)` the policy is a function of theta, or there would be nothing to differentiate; were it taken
for a constant, every line about its gradient would be zero and equal to every other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from solvers.symbolic.characters import plain
from solvers.symbolic.definitions import split_dependence
from solvers.symbolic.domains import Domain
from solvers.symbolic.grammar import read
from solvers.symbolic.symbols import Symbols
from solvers.symbolic.tokens import check_length
from solvers.symbolic.tree import Tree, Unreadable

_FIXED = ("ref", "old", "b", "0", "beta", "star", "mu")  # policies that are not being learnt, as in pi_ref
_LEARNT = re.compile(r"(?<![A-Za-z])pi_\{?\\?(theta|phi)\}?\s*\(")


def declared(texts: Sequence[str], symbols: Mapping[str, str]) -> dict[str, str]:
    """`symbols` with what `texts` differentiate said to depend on what they differentiate it by. Raises Unreadable."""
    told = {
        name: split_dependence(domain)[0] if isinstance(domain, str) else domain for name, domain in symbols.items()
    }
    known = Symbols(told)
    found = dict(symbols)
    for place, text in enumerate(texts):
        try:
            check_length(text)
            learnt = _LEARNT.search(plain(text)[0])
        except Unreadable as problem:
            problem.which = place
            raise
        if learnt and known.find(learnt[1]) is not None and known.find(f"pi_{learnt[1]}") is None:
            found[f"pi_{learnt[1]}"] = f"distribution depending on {learnt[1]}"
    depending = {name for name, domain in found.items() if split_dependence(domain)[1]}
    known = Symbols({name: split_dependence(domain)[0] for name, domain in found.items()})
    for place, text in enumerate(texts):
        try:
            for part in read(text, known).walk():
                if part.op == "grad":
                    _note(part, known, depending, found)
        except Unreadable as problem:
            problem.which = place
            raise
    return found


def _note(grad: Tree, known: Symbols, depending: set[str], found: dict[str, str]) -> None:
    body, by = grad.args
    variable = known.find(by.text)
    if variable is None or known.is_integer(by.text):
        return  # by a member of a family that is written out, or to be refused with a sentence of its own
    names = {known.find(part.text) or part.text for part in body.walk() if part.op in ("symbol", "indexed", "expect")}
    names |= {part.args[1].text for part in body.walk() if part.op == "expect"}
    if variable in names or names & depending:
        return
    families = {part.text for part in body.walk() if part.op == "indexed"}
    families |= {part.args[1].text for part in body.walk() if part.op == "expect"}
    domains = {name: known.domains.get(known.find(name) or "", Domain(distribution=True)) for name in families}
    policies = {name for name in families if name == "pi" or name.startswith("pi_")}
    policies = {name for name in policies if name.removeprefix("pi_") not in _FIXED}
    likely = policies or {name for name in families if domains[name].distribution}
    if not families:
        return
    if len(likely) != 1:
        raise Unreadable(
            f"At character {grad.start + 1}, nothing here depends on {by.text}; declare what does,"
            f" as in `indexed depending on {by.text}`.",
            grad.start,
        )
    name = known.find(*likely) or next(iter(likely))
    found[name] = f"{found.get(name, 'distribution')} depending on {variable}"
    depending.add(name)
