"""A tree as it was read, written as LaTeX: what a typed line is understood to say.

What it writes is meant to be laid out and looked at, so every bracket that tells two readings apart is there; most of
it can be read again by the grammar and gives the same tree.
"""

from __future__ import annotations

from collections.abc import Callable

from solvers.symbolic.tree import Tree

HOLE = "hole"  # the name of what has not been typed yet

# how tightly a piece holds together; `_REACHING`: it takes in whatever is written behind it, as a sum does
_SUM, _SIGNED, _PRODUCT, _REACHING, _TIGHT, _ATOM = range(6)

_LETTERS = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi rho varrho sigma"
    " tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
_GREEK = frozenset(_LETTERS.split())
_NAMES = {"lam": r"\lambda", "lmbda": r"\lambda", "eps": r"\epsilon", "inf": r"\infty", ".": r"\cdot", HOLE: r"\square"}
_FUNCTIONS = {
    **{name: rf"\{name}" for name in ("exp", "min", "max", "tanh")},
    **{name: rf"\operatorname{{{name}}}" for name in ("clip", "softplus", "relu", "sign")},
    "sigmoid": r"\sigma",
}
_LOGARITHMS = {"log": r"\log", "log2": r"\log_{2}", "log10": r"\log_{10}"}
_RELATIONS = {"!=": r"\neq", "<=": r"\leq", ">=": r"\geq"}
_BIG = {"sum": r"\sum", "prod": r"\prod", "max": r"\max", "min": r"\min"}

Piece = tuple[str, int]  # LaTeX, and how tightly it holds together


def latex(tree: Tree) -> str:
    """LaTeX for a tree whose names have not been settled."""
    return _Writer(tree).piece(tree)[0]


class _Writer:
    """Writes one expression."""

    def __init__(self, whole: Tree) -> None:
        self.has_sigma = "sigma" in whole.names or any(part.text == "sigma" for part in whole.walk())

    def piece(self, tree: Tree) -> Piece:
        return _WAYS[tree.op](self, tree)

    def text(self, tree: Tree, least: int = _SUM) -> str:
        """The LaTeX of `tree`, in brackets unless it holds together at least so tightly."""
        written, level = self.piece(tree)
        return written if level >= least else _bracketed(written)

    # numbers and names

    def number(self, tree: Tree) -> Piece:
        mantissa, _, exponent = tree.text.lower().partition("e")
        if not exponent:
            return mantissa, _ATOM
        power = f"10^{{{int(exponent)}}}"
        return (power, _TIGHT) if mantissa == "1" else (rf"{mantissa} \cdot {power}", _PRODUCT)

    def symbol(self, tree: Tree) -> Piece:
        return _name(tree.text), _ATOM

    def indexed(self, tree: Tree) -> Piece:
        subs = [self.text(arg) for arg in tree.args[: tree.subs]]
        called = [self.text(arg) for arg in tree.args[tree.subs :]]
        written = _name(tree.text, ", ".join(subs))
        if called:
            bar = tree.bar if tree.bar >= 0 else len(called)
            sides = [", ".join(side) for side in (called[:bar], called[bar:]) if side]
            written += _bracketed(r" \mid ".join(sides))
        return written, _ATOM

    # algebra

    def add(self, tree: Tree) -> Piece:
        terms = list(tree.args)
        written = ""
        while terms:
            term = terms.pop(0)
            if terms and (variance := self._variance(term, terms[0])):
                terms.pop(0)
                written += f" + {variance}" if written else variance
            elif term.op == "neg" and written:
                written += f" - {self.text(term.args[0], _PRODUCT)}"
            else:
                text = self.text(term, _SIGNED)
                written += f" + {text}" if written else text
        return written, _SUM

    def neg(self, tree: Tree) -> Piece:
        return f"-{self.text(tree.args[0], _PRODUCT)}", _SIGNED

    def mul(self, tree: Tree) -> Piece:
        written = ""
        before: Tree | None = None
        for number, factor in enumerate(tree.args, 1):
            least = _SIGNED if number == 1 else _REACHING if number == len(tree.args) else _TIGHT
            least = _TIGHT if number == 1 and factor.op != "neg" else least
            text = self.text(factor, least)
            written += _between(before, text) + text if before is not None else text
            before = factor
        return written, _PRODUCT

    def div(self, tree: Tree) -> Piece:
        above, below = (self.text(arg) for arg in tree.args)
        return rf"\frac{{{above}}}{{{below}}}", _TIGHT

    def pow(self, tree: Tree) -> Piece:
        base, exponent = tree.args
        is_logarithm = base.op == "call" and base.text in _LOGARITHMS  # log(x)² could be read as log(x²)
        text = _bracketed(self.text(base)) if is_logarithm else self.text(base, _ATOM)
        return f"{text}^{{{self.text(exponent)}}}", _TIGHT

    # functions and what reaches over what follows

    def call(self, tree: Tree) -> Piece:
        args = ", ".join(self.text(arg) for arg in tree.args)
        if tree.text == "sqrt":
            return rf"\sqrt{{{args}}}", _TIGHT
        if tree.text == "abs":
            return rf"\left|{args}\right|", _ATOM
        if tree.text == "binom":
            return rf"\binom{{{self.text(tree.args[0])}}}{{{self.text(tree.args[1])}}}", _ATOM
        if tree.text == "factorial":
            return f"{self.text(tree.args[0], _ATOM)}!", _TIGHT
        if tree.text == "logsigmoid":
            return rf"\log {self._sigmoid}{_bracketed(args)}", _REACHING
        if tree.text in _LOGARITHMS:
            return self._reaching(_LOGARITHMS[tree.text], tree.args[0])
        name = self._sigmoid if tree.text == "sigmoid" else _FUNCTIONS[tree.text]
        return name + _bracketed(args), _ATOM

    @property
    def _sigmoid(self) -> str:
        return r"\operatorname{sigmoid}" if self.has_sigma else _FUNCTIONS["sigmoid"]

    def _reaching(self, operator: str, body: Tree) -> Piece:
        """`log x` and the like: without brackets where it is plain what belongs to it."""
        plain = body.op in _PLAIN and not (body.op == "call" and body.text in ("abs", "sqrt"))
        if plain:
            return f"{operator} {self.text(body)}", _REACHING
        return operator + _bracketed(self.text(body)), _ATOM if operator in _LOGARITHMS.values() else _REACHING

    def grad(self, tree: Tree) -> Piece:
        body, by = tree.args
        return self._reaching(rf"\nabla_{{{self.text(by)}}}", body)

    def vector(self, tree: Tree) -> Piece:
        of, *index = (self.text(arg) for arg in tree.args)
        sub = f"_{{{index[0]}}}" if index else ""
        if tree.text == "log_softmax":
            return rf"\log \operatorname{{softmax}}{_bracketed(of)}{sub}", _REACHING
        return rf"\operatorname{{{tree.text}}}{_bracketed(of)}{sub}", _ATOM

    def big(self, tree: Tree) -> Piece:
        body, low, high, *conditions = tree.args
        kept = [self.text(condition) for condition in conditions]
        if high.op == "outcomes":
            names_it = any(part.text == tree.var for condition in conditions[:1] for part in condition.args[:1])
            span, end = [] if names_it else [_name(tree.var)], ""
        else:
            span, end = [f"{_name(tree.var)}={self.text(low)}"], f"^{{{self.text(high)}}}"
        below = r",\, ".join((*span, *kept))
        operator = f"{_BIG[tree.text]}_{{{below}}}{end}"
        if body.op == "mul" and tree.var not in body.args[-1].names:
            return f"{operator} {_bracketed(self.text(body))}", _REACHING
        return f"{operator} {self.text(body, _PRODUCT)}", _REACHING

    def expect(self, tree: Tree) -> Piece:
        return self._expectation(r"\mathbb{E}", tree), _ATOM

    def _expectation(self, sign: str, tree: Tree) -> str:
        body, dist, *_ = tree.args
        over = rf"{_name(tree.var)} \sim " if tree.var else ""
        return rf"{sign}_{{{over}{self.text(dist)}}}\left[{self.text(body)}\right]"

    def _variance(self, term: Tree, following: Tree) -> str:
        """Var, which is read as E[f²] − E[f]² with one and the same f; nothing for any other two terms."""
        minus = following.args[0] if following.op == "neg" else following
        if term.op != "expect" or term.args[0].op != "pow" or minus.op != "pow" or minus.args[0].op != "expect":
            return ""
        if term.args[0].args[0] is not minus.args[0].args[0]:
            return ""
        return self._expectation(r"\operatorname{Var}", minus.args[0])

    # relations

    def relation(self, tree: Tree) -> Piece:
        left, right = (self.text(arg) for arg in tree.args)
        return f"{left} {_RELATIONS.get(tree.text, tree.text)} {right}", _SUM

    def indicator(self, tree: Tree) -> Piece:
        return f"1[{', '.join(self.text(arg) for arg in tree.args)}]", _ATOM


def _bracketed(text: str) -> str:
    return rf"\left({text}\right)"


def _between(before: Tree, text: str) -> str:
    """What stands between two factors: a dot where without one they could be read as a number or as a call."""
    calls = before.op in ("symbol", "indexed", "call", "vector") and text.startswith(r"\left(")
    return r" \cdot " if calls or text[:1].isdigit() else r" \, "


def _name(name: str, indices: str = "") -> str:
    """A name with its subscripts: pi_ref, theta, y_w, s2."""
    first, *rest = [_word(piece) for piece in name.split("_") if piece]
    subs = ", ".join([*rest, *([indices] if indices else [])])
    return f"{first}_{{{subs}}}" if subs else first


def _word(word: str) -> str:
    if word in _NAMES:
        return _NAMES[word]
    if word in _GREEK:
        return f"\\{word}"
    return rf"\text{{{word}}}" if len(word) > 1 and word.isalpha() else word


# what a logarithm or a gradient may stand before without brackets
_PLAIN = frozenset({"number", "symbol", "indexed", "call", "vector", "expect", "big", "grad"})

_WAYS: dict[str, Callable[[_Writer, Tree], Piece]] = {
    "number": _Writer.number,
    "symbol": _Writer.symbol,
    "indexed": _Writer.indexed,
    "add": _Writer.add,
    "neg": _Writer.neg,
    "mul": _Writer.mul,
    "div": _Writer.div,
    "pow": _Writer.pow,
    "call": _Writer.call,
    "grad": _Writer.grad,
    "vector": _Writer.vector,
    "big": _Writer.big,
    "expect": _Writer.expect,
    "relation": _Writer.relation,
    "indicator": _Writer.indicator,
}
