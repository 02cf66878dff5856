"""What each name in an expression is: a declared symbol, a family, a bound variable, a constant or only a label.

Softmax, log-softmax and log-sum-exp are written out here, and it is settled what varies in an expectation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from solvers.symbolic.domains import INTEGER, POSITIVE
from solvers.symbolic.grammar import nearest
from solvers.symbolic.tokens import CONSTANTS
from solvers.symbolic.tree import Tree, Unreadable, node, number, symbol

if TYPE_CHECKING:
    from solvers.symbolic.symbols import Symbols

OUTCOMES = node("outcomes")
COMPONENT = "component"  # which member of a family a derivative by all of them is looked at
_INFINITIES = ("inf", "infinity", "oo")
_NO_ARITIES: Mapping[str, int] = {}
_PREFERRED = ("a", "y", "o", "x", "tau")
_HINTS = {
    **dict.fromkeys(("sum", "prod"), "write sum_{i=1..K} R_i or sum(R_i, i, 1, K)"),
    **dict.fromkeys(("inf", "infinity", "oo"), "infinity has its place in the upper bound of a sum only"),
    "E": "write an expectation as E_pi[f(a)] or E_{a~pi}[f(a)]",
    "sigma": "write sigmoid(x), or declare sigma",
    **dict.fromkeys(("grad", "nabla"), "say by what, as in grad_theta f or grad_k f"),
    "partial": "write a derivative as ∂/∂x f or grad_x f",
    "O": "terms up to an order are not offered here; write them out",
}


class Names:
    """Looks up every name of a tree."""

    def __init__(self, symbols: Symbols, gradient: str = "theta", arities: Mapping[str, int] = _NO_ARITIES) -> None:
        """`gradient` is the family that grad_k is about; `arities` says how many indices families are written with."""
        self.symbols = symbols
        self.gradient = gradient
        self.arities = arities
        self.domains = dict(symbols.domains)
        self.fresh = 0

    def declare_distribution(self, dist: Tree) -> None:
        """An expectation declares its distribution, unless the name looks like a slip."""
        base = dist.text.partition("_")[0] if dist.op == "symbol" else dist.text
        slip = len(base) > 2 and nearest(base, list(self.domains))
        if self._find(dist.text) is None and self._find(base) is None and not slip:
            self.domains[base] = POSITIVE

    def _find(self, word: str) -> str | None:
        return self.symbols.find(word) or (word if word in self.domains else None)

    def resolve(self, tree: Tree, bound: frozenset[str], inside: bool = False, vector: Tree | None = None) -> Tree:
        """`tree`, its names settled. `inside` an index, unknown names are labels; `vector` indexes bare families."""
        if tree.op == "symbol":
            return self._symbol(tree, bound, inside, vector)
        if tree.op == "indexed":
            return self._indexed(tree, bound, inside, vector)
        if tree.op == "vector":
            return self._vector(tree, bound)
        if tree.op == "call" and tree.text in ("binom", "factorial"):
            return self._counted(tree, bound, inside, vector)
        if tree.op == "expect":
            return self._expect(tree, bound, vector)
        if tree.op == "big":
            return self._big(tree, bound, vector)
        if tree.op == "grad":
            by = self._differentiated_by(tree.args[1], bound)
            return tree.with_args((self.resolve(tree.args[0], bound, vector=vector), by))
        if tree.op == "relation":
            inside = tree.text in ("=", "!=")
        return tree.map(lambda arg: self.resolve(arg, bound, inside, vector))

    def _symbol(self, tree: Tree, bound: frozenset[str], inside: bool, vector: Tree | None) -> Tree:
        if tree.text in bound:
            return tree
        name = self._find(tree.text)
        if name is not None and self.domains[name].indexed:
            if vector is not None:
                return node("indexed", vector, text=name, subs=1).at(tree.start, tree.end)
            raise misread(tree, f"`{tree.text}` is indexed and needs an index, as in {tree.text}_i")
        if name is not None:
            return symbol(name).at(tree.start, tree.end)
        if inside:
            return node("label", text=tree.text).at(tree.start, tree.end)
        if tree.text in CONSTANTS:
            return node("constant", text=tree.text).at(tree.start, tree.end)
        raise self._unknown(tree, tree.text, bound)

    def _differentiated_by(self, tree: Tree, bound: frozenset[str]) -> Tree:
        """The symbol, or the member of a family, that a derivative is by."""
        if tree.op == "indexed":
            return self._indexed(tree, bound, False, None)
        name = None if tree.text in bound else self._find(tree.text)
        if tree.op != "symbol":
            raise misread(tree, "a derivative is by a symbol; write grad_x or grad_{theta_k}")
        if tree.text in bound or (name is not None and self.symbols.is_integer(name)):
            family = self.symbols.find(self.gradient)
            if family is None or not self.symbols.is_family(family):
                raise misread(tree, f"`{tree.text}` is an index; say what it is an index of, as in grad_{{theta_k}}")
            index = tree if name is None else symbol(name)
            return node("indexed", index, text=family, subs=1).at(tree.start, tree.end)
        if name is None:
            raise self._unknown(tree, tree.text, bound)
        if not self.domains[name].indexed:
            return symbol(name).at(tree.start, tree.end)
        indices = []  # all members: the same free indices in every line
        for place in range(self.arities.get(name, 1)):
            self.domains.setdefault(COMPONENT + "_2" * place, INTEGER)
            indices.append(symbol(COMPONENT + "_2" * place))
        return node("indexed", *indices, text=name, subs=len(indices)).at(tree.start, tree.end)

    def _indexed(self, tree: Tree, bound: frozenset[str], inside: bool, vector: Tree | None) -> Tree:
        subs = [part for sub in tree.args[: tree.subs] for part in self._split(sub, bound)]
        called = tree.args[tree.subs :]
        name = self._find(tree.text) or ("pi" if tree.text == "pi" else None)
        if name is None and tree.text == "delta" and len(subs) + len(called) == 2:
            sides = [self.resolve(arg, bound, True) for arg in (*subs, *called)]
            return node("indicator", node("relation", *sides, text="="))
        if name is None:
            if inside and not called:
                args = [self.resolve(sub, bound, True) for sub in subs]
                return node("label", *args, text=tree.text).at(tree.start, tree.end)
            whole = "_".join([tree.text, *(sub.text for sub in subs if sub.op == "symbol")])
            raise self._unknown(tree, whole, bound)
        domain = self.domains.get(name, POSITIVE)
        whole = "_".join([tree.text, *(sub.text for sub in subs)])
        if (
            not called
            and not domain.indexed
            and name in self.symbols.domains
            and any(self._is_label(s, bound) for s in subs)
        ):
            if not inside:
                raise self._unknown(tree, whole, bound)
            return node("label", text=whole).at(tree.start, tree.end)
        if called and subs and subs[0].op == "indexed" and self._find(subs[0].text) is None:
            inner = subs[0]  # pi_{theta_{old}}(a|s) is pi_theta_old(a|s)
            if all(self._is_label(arg, bound) for arg in inner.args):
                subs = [symbol(inner.text), *inner.args, *subs[1:]]
        while called and subs and self._is_label(subs[0], bound):
            name = f"{name}_{subs.pop(0).text}"  # pi_theta(a|s) is a family of its own
        if not called:
            self._near_miss(tree, name, subs, bound)
        self.domains.setdefault(name, domain)
        args = [self.resolve(arg, bound, True, vector) for arg in (*subs, *called)]
        return node("indexed", *args, text=name, subs=len(subs), bar=tree.bar).at(tree.start, tree.end)

    def _is_label(self, tree: Tree, bound: frozenset[str]) -> bool:
        return tree.op == "symbol" and tree.text not in bound and self._find(tree.text) is None

    def _split(self, sub: Tree, bound: frozenset[str]) -> list[Tree]:
        """p_ij has two indices if i and j are known and ij is not."""
        if len(sub.text) == 2 and self._is_label(sub, bound):
            letters = [symbol(letter).at(sub.start, sub.end) for letter in sub.text]
            if not any(self._is_label(letter, bound) for letter in letters):
                return letters
        return [sub]

    def _near_miss(self, tree: Tree, name: str, subs: list[Tree], bound: frozenset[str]) -> None:
        """Refuse r_v where r_w was declared as a whole."""
        for sub in subs:
            near = nearest(f"{name}_{sub.text}", [n for n in self.domains if n.startswith(f"{name}_")])
            if near and self._is_label(sub, bound) and f"{name}_" in near:
                raise misread(tree, f"`{name}_{sub.text}` is not a symbol of this question; {near.rstrip('?')}", "?")

    def _big(self, tree: Tree, bound: frozenset[str], vector: Tree | None) -> Tree:
        body, low, high, *conditions = tree.args
        inner = bound | {tree.var}
        if high.op == "symbol" and high.text in _INFINITIES and self._find(high.text) is None:
            high = node("infinity")
        elif high.op != "outcomes":
            high = self.resolve(high, bound)
        low = self.resolve(low, bound)
        for end in (low, high):
            if end.op not in ("outcomes", "infinity") and not self._whole(end, bound):
                raise misread(end, "a range needs whole numbers; declare what stands in its bounds as integer")
        parts = [self.resolve(part, inner, part.op == "relation", vector) for part in (body, *conditions)]
        return tree.with_args((parts[0], low, high, *parts[1:]))

    def _whole(self, tree: Tree, bound: frozenset[str]) -> bool:
        """Whether `tree` is a whole number by its form."""
        if tree.op == "symbol":
            return tree.text in bound or self.symbols.is_integer(tree.text)
        if tree.op == "number":
            return tree.text.isdigit()
        if tree.op == "big" and tree.var.startswith("_"):  # a factorial or a binomial coefficient
            return all(self._whole(end, bound) for end in tree.args[1:3])
        allowed = tree.op in ("add", "mul", "neg", "pow") or (tree.op == "call" and tree.text in ("min", "max"))
        return allowed and all(self._whole(arg, bound) for arg in tree.args)

    def _vector(self, tree: Tree, bound: frozenset[str]) -> Tree:
        self.fresh += 1
        var = f"_{self.fresh}"
        scores = self.resolve(tree.args[0], bound | {var}, vector=symbol(var))
        if all(part.text != var for part in scores.walk()):
            raise misread(tree, f"{tree.text} needs an indexed name in it, as in {tree.text}(z)_i with z indexed")
        total = node("big", node("call", scores, text="exp"), number(1), OUTCOMES, text="sum", var=var)
        if tree.text == "logsumexp":
            return node("call", total, text="log")
        index = self.resolve(tree.args[1], bound, True)
        score = self.resolve(tree.args[0], bound, vector=index)
        if tree.text == "softmax":
            return node("div", node("call", score, text="exp"), total)
        return node("add", score, node("neg", node("call", total, text="log")))

    def _counted(self, tree: Tree, bound: frozenset[str], inside: bool, vector: Tree | None) -> Tree:
        """A binomial coefficient or a factorial as the product that it is."""
        self.fresh += 1
        factor = symbol(f"_{self.fresh}")
        args = [self.resolve(arg, bound, inside, vector) for arg in tree.args]
        most = args[-1]
        if not self._whole(most, bound):
            raise misread(tree.args[-1], f"{tree.text} needs a whole number there; declare it as integer")
        body = factor
        if tree.text == "binom":
            body = node("div", node("add", args[0], node("neg", most), factor), factor)
        return node("big", body, number(1), most, text="prod", var=factor.text).at(tree.start, tree.end)

    def _expect(self, tree: Tree, bound: frozenset[str], vector: Tree | None) -> Tree:
        body, dist = tree.args
        if dist.op == "symbol":
            words = dist.text.split("_")
            known = self._find(dist.text) is not None
            subs = [] if known else [symbol(word) for word in words[1:]]
            dist = node("indexed", *subs, symbol("."), text=dist.text if known else words[0], subs=len(subs), bar=-1)
            dist = dist.at(tree.start, tree.end)
        elif dist.subs == len(dist.args):
            dist = node("indexed", *dist.args, symbol("."), text=dist.text, subs=dist.subs).at(dist.start, dist.end)
        family = self._indexed(dist, bound | {"."}, True, None)
        conditions = family.args[family.subs + 1 :] if family.bar >= 0 else ()
        var = tree.var or self._variable(body, family.text, bound, tree)
        inner = self.resolve(body, bound | {var}, vector=vector)
        return node("expect", inner, *conditions, text=family.text, var=var, bar=family.bar).at(tree.start, tree.end)

    def _variable(self, body: Tree, dist: str, bound: frozenset[str], tree: Tree) -> str:
        """What varies in an expectation that does not say so."""
        bare: dict[str, bool] = {}
        for part in body.walk():
            for arg in part.args if part.op == "indexed" else ():
                if arg.op == "symbol":
                    bare[arg.text] = self._is_label(arg, bound)
        if not bare:  # 1[a = k]
            sides = [arg for part in body.walk() if part.op == "relation" for arg in part.args]
            bare = {arg.text: self._is_label(arg, bound) for arg in sides if arg.op == "symbol"}
        for part in body.walk():  # the first argument of the distribution itself
            whole = "_".join([part.text, *(sub.text for sub in part.args[: part.subs])])
            if part.op == "indexed" and dist in (part.text, whole) and len(part.args) > part.subs:
                first = part.args[part.subs]
                if first.op == "symbol" and first.text in bare:
                    return first.text
        unbound = [name for name in bare if name not in bound]
        names = [name for name in unbound if bare[name]] or unbound or list(bare)
        names = [name for name in _PREFERRED if name in names] or names
        if len(names) > 1 and names[0] not in _PREFERRED:
            raise misread(tree, f"say what varies, as in E_{{{names[0]}~{dist}}}[…]")
        return names[0] if names else "."

    def _unknown(self, tree: Tree, word: str, bound: frozenset[str]) -> Unreadable:
        if tree.text in _HINTS:
            return misread(tree, f"`{tree.text}` does not fit there; {_HINTS[tree.text]}")
        names = [*self.domains, *(name for name in bound if name.isalnum())]
        hint = self._product(word) or nearest(word, names)
        if not hint:
            listed = ", ".join(self.domains)
            hint = f"the symbols here are {listed}." if 0 < len(listed) < 120 else "declare it or check its spelling."
        mark = hint[-1]
        return misread(tree, f"`{word[:40]}` is not a symbol or function of this question; {hint[:-1]}", mark)

    def _product(self, word: str) -> str:
        """`did you mean x*y?` for xy where x and y are known."""
        parts: list[str] = []
        rest = word
        while rest and len(parts) < 4:
            known = [name for name in self.domains if rest.startswith(name)]
            if not known:
                return ""
            parts.append(max(known, key=len))
            rest = rest[len(parts[-1]) :]
        return "" if rest else f"did you mean {'*'.join(parts)}?"


def misread(tree: Tree, sentence: str, mark: str = ".") -> Unreadable:
    """What is to be said of the place where `tree` was typed."""
    where = f"At character {tree.start + 1}, " if tree.start >= 0 else ""
    return Unreadable(f"{where}{sentence}{mark}", tree.start if tree.start >= 0 else None)
