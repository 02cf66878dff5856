"""The language of derivations: what people write, as an LALR grammar over typed tokens, and its tree.

`2 beta x`, `x^2`, `sum_{i=1..K} R_i`, `sum_{i=1}^{K} R_i`, `sum(R_i, i, 1, K)`, `R_{i+1}`, `R[i]`, `pi(y_w|x)`,
`E_pi[f(a)]`, `E_{a~pi(.|s)}[…]`, `max_a Q(s,a)`, `softmax(z)_i`, `1[i=j]`, `log sigmoid(x)`, and
much of LaTeX's spelling.

A sum reaches over the whole product that follows it. Where people read one text in two ways (`1/2x`, `log x y`,
a product sign before several factors) it is refused with a sentence, never guessed.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from functools import cache
from typing import Any, NoReturn

from lark import Lark, Token, Transformer, UnexpectedToken
from lark.exceptions import VisitError
from lark.lexer import Lexer

from solvers.symbolic.misplaced import misplaced
from solvers.symbolic.tokens import BIG, FUNCTIONS, VECTORS, Names, tokens
from solvers.symbolic.tree import Tree, Unreadable, check_size, node, number

GRAMMAR = """
?start: expr
?expr: term | expr PLUS term -> add | expr MINUS term -> sub
?term: product | tail | product STAR tail -> mul | product SLASH tail -> div | product operator -> beside
?product: factor | product STAR factor -> mul | product SLASH factor -> div | product postfix -> beside
?factor: power | MINUS factor -> neg | PLUS factor -> plus
?power: atom | atom CARET factor -> pow
?postfix: item | item CARET factor -> pow | number | number CARET factor -> pow
?tail: operator | MINUS tail -> neg | PLUS tail -> plus
?operator: big | bare | gradient
big: BIG range term
bare: FUNCTION (bare_power | big | bare)
?bare_power: bare_atom | bare_atom CARET factor -> pow
?bare_atom: number | name | indexed | call | vector | expect | frac
gradient: GRAD variable (bare_power | big | bare | gradient | gradient_call)
gradient_call: GRAD variable group
variable: SUB+ | SUBOPEN expr SUBCLOSE
?atom: number | item | number BANG -> factorial
?item: item BANG -> factorial | name | indexed | call | vector | group | expect | indicator | big_call | frac | root
    | gradient_call
group: LPAR expr RPAR | LSQB expr RSQB | LBRACE expr RBRACE
number: NUMBER
name: NAME
indexed: FAMILY sub* index* | FAMILY sub* CALLOPEN args bar? RPAR (index | sub)*
bar: BAR args
index: INDEXOPEN args RSQB
sub: SUB | SUBOPEN args SUBCLOSE
args: expr (COMMA expr)*
call: FUNCTION LPAR args RPAR | FUNCTION LSQB args RSQB | FUNCTION LBRACE args RBRACE
vector: VECTOR LPAR args RPAR (sub | index)? | VECTOR sub LPAR args RPAR
root: ROOT item | ROOT number
frac: FRAC LBRACE expr RBRACE LBRACE expr RBRACE
range: SUB (CARET upper)? | SUBOPEN span SUBCLOSE (CARET upper)?
upper: NAME | NUMBER | group
span: NAME limits (COMMA relation)* | NAME REL expr -> unlike | NUMBER REL NAME REL expr -> between
limits: | EQ expr (DOTS expr)? | IN expr (DOTS expr)?
big_call: BIG LPAR expr COMMA span RPAR | BIG LPAR expr COMMA NAME COMMA expr COMMA expr RPAR
    | BIG LPAR expr COMMA LPAR NAME COMMA expr COMMA expr RPAR RPAR
relation: expr (EQ | REL) expr
indicator: ONE relation (COMMA relation)* (RPAR | RSQB | RBRACE)
expect: EXPECT (SUB | SUBOPEN dist (COMMA dist)* SUBCLOSE) (_held | expect)
_held: LSQB expr RSQB | LPAR expr RPAR | LBRACE expr RBRACE
dist: (NAME TILDE)? (name | indexed | dotted)
dotted: FAMILY sub* DOTOPEN args RPAR
%declare PLUS MINUS STAR SLASH CARET COMMA BAR EQ REL DOTS IN TILDE NUMBER NAME FAMILY FUNCTION VECTOR BIG EXPECT
%declare GRAD LPAR RPAR LSQB RSQB LBRACE RBRACE CALLOPEN INDEXOPEN DOTOPEN SUB SUBOPEN SUBCLOSE ONE ROOT FRAC
%declare BANG
"""


def read(text: str, names: Names) -> Tree:
    """The tree of `text`, its names not yet looked up. Raises Unreadable; answers any input in milliseconds."""
    found = tokens(text, names)
    try:
        source: Any = found  # our lexer takes tokens where lark expects text
        tree: Any = _parser().parse(source)
        built = _Build(text).transform(tree)
    except UnexpectedToken as error:
        raise misplaced(text, error.token, error.expected) from None
    except VisitError as error:
        if isinstance(error.orig_exc, Unreadable):
            raise error.orig_exc from None
        raise
    assert isinstance(built, Tree)
    return check_size(built)


class _Ready(Lexer):
    """Hands on tokens that are there already."""

    def __init__(self, lexer_conf: Any) -> None:
        pass

    def lex(self, lexer_state: Any, parser_state: Any = None) -> Iterator[Token]:
        yield from lexer_state


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer=_Ready)


class _Build(Transformer[Token, Tree]):
    """The parse tree → ours."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def number(self, c: list[Token]) -> Tree:
        return node("number", text=str(c[0])).at(*_span(c))

    def name(self, c: list[Token]) -> Tree:
        return node("symbol", text=str(c[0])).at(*_span(c))

    def group(self, c: list[Any]) -> Tree:
        return c[1].at(*_span(c))  # type: ignore[no-any-return]

    def add(self, c: list[Any]) -> Tree:
        return node("add", c[0], c[2])

    def sub(self, c: list[Any]) -> Any:
        if len(c) == 3 and isinstance(c[1], Token) and c[1].type == "MINUS":
            return node("add", c[0], node("neg", c[2]))
        if c[0].type == "SUB":
            text = str(c[0])
            piece = node("number" if text.isdigit() else "symbol", text=text)
            return [piece.at(*_span(c))]
        return c[1]

    def plus(self, c: list[Any]) -> Tree:
        return c[1]  # type: ignore[no-any-return]

    def neg(self, c: list[Any]) -> Tree:
        return node("neg", c[1]).at(*_span(c))

    def mul(self, c: list[Any]) -> Tree:
        return node("mul", c[0], c[2])

    def div(self, c: list[Any]) -> Tree:
        self._reaches_no_further(c[2], "a sum under a division")
        return node("div", c[0], c[2]).at(*_span(c))

    def beside(self, c: list[Any]) -> Tree:
        """A product without a sign; after a division only where the spacing shows what belongs together."""
        left, right = c
        digits = ".0123456789"
        numeral = self.text[right.start] in digits and right.op in ("number", "pow")
        apart = right.op == "pow" and left.end < right.start and self.text[left.end - 1] not in digits
        if numeral and not apart:  # K 2^K is clear; K2^K, 3 2^K and x 2 are slips
            raise misplaced(self.text, Token("NUMBER", "", start_pos=right.start, end_pos=right.end))
        divided = left.op == "div" and left.end == left.args[1].end and left.args[0].start < left.args[1].start
        if divided and right.op != "big" and self.text[left.end - 1] not in ")]}|":
            slash = self.text[left.args[0].end : left.args[1].start]
            if self.text[left.end : right.start] == "" or " " in slash:
                self._unclear(right, "it is not clear whether this belongs under the division; add * or parentheses")
        return node("mul", left, right)

    def pow(self, c: list[Any]) -> Tree:
        if c[0].op == "grad" and self.text[c[0].start] not in "([{":
            self._unclear(c[2], "it is not clear what this is the power of; write (grad_x f)^2 or grad_x (f^2)")
        return node("pow", c[0], c[2])

    def root(self, c: list[Any]) -> Tree:
        return node("call", c[1], text="sqrt").at(*_span(c))

    def factorial(self, c: list[Any]) -> Tree:
        return node("call", c[0], text="factorial").at(*_span(c))

    def frac(self, c: list[Any]) -> Tree:
        if c[0] == "\\binom":
            return node("call", c[2], c[5], text="binom").at(*_span(c))
        return node("div", c[2], c[5]).at(*_span(c))

    def args(self, c: list[Any]) -> list[Tree]:
        return [arg for arg in c if isinstance(arg, Tree)]

    def call(self, c: list[Any]) -> Tree:
        function, fewest, most = FUNCTIONS[c[0]]
        args = c[2]
        if not fewest <= len(args) <= most:
            wanted = f"{fewest} argument{'s' if fewest > 1 else ''}" if most <= 3 else f"at least {fewest} arguments"
            self._unclear(args[0], f"{c[0]} takes {wanted}, not {len(args)}")
        return node("call", *args, text=function).at(*_span(c))

    def bare(self, c: list[Any]) -> Tree:
        function, fewest, _ = FUNCTIONS[c[0]]
        if fewest > 1:
            self._unclear(c[1], f"the arguments of {c[0]} need parentheses")
        self._reaches_no_further(c[1], f"the sum after {c[0]}")
        return node("call", c[1], text=function).at(*_span(c))

    def variable(self, c: list[Any]) -> Tree:
        """What is differentiated by: a name, or a family with its indices."""
        if not isinstance(c[0], Token) or c[0].type == "SUBOPEN":
            return c[1]  # type: ignore[no-any-return]
        pieces = [node("number" if piece.isdigit() else "symbol", text=str(piece)).at(*_span([piece])) for piece in c]
        family, *indices = pieces
        if not indices:
            return family
        return node("indexed", *indices, text=family.text, subs=len(indices)).at(*_span(c))

    def gradient(self, c: list[Any]) -> Tree:
        self._reaches_no_further(c[2], "this derivative's sum")
        return node("grad", c[2], c[1]).at(*_span(c))

    def gradient_call(self, c: list[Any]) -> Tree:
        return node("grad", c[2], c[1]).at(*_span(c))

    def bar(self, c: list[Any]) -> tuple[str, list[Tree]]:
        return "|", c[1]

    def index(self, c: list[Any]) -> tuple[str, list[Tree]]:
        return "[", c[1]

    def indexed(self, c: list[Any]) -> Tree:
        subs = [piece for part in c[1:] if isinstance(part, list) and not _after_open(c, part) for piece in part]
        called = [piece for part in c[1:] if isinstance(part, list) and _after_open(c, part) for piece in part]
        conditions = [piece for part in c if isinstance(part, tuple) and part[0] == "|" for piece in part[1]]
        brackets = [piece for part in c if isinstance(part, tuple) and part[0] == "[" for piece in part[1]]
        if not (subs or called or brackets):
            return node("symbol", text=str(c[0])).at(*_span(c))
        bar = len(called) if conditions else -1
        subs += brackets
        return node("indexed", *subs, *called, *conditions, text=str(c[0]), subs=len(subs), bar=bar).at(*_span(c))

    def vector(self, c: list[Any]) -> Tree:
        name = VECTORS[c[0]]
        lists = [part[1] if isinstance(part, tuple) else part for part in c if isinstance(part, (list, tuple))]
        args = [piece for part in lists for piece in part]
        if isinstance(c[1], list):  # softmax_i(z)
            args = [args[-1], *args[:-1]]
        wanted = 1 if name == "logsumexp" else 2
        if len(args) != wanted:
            self._unclear(args[0], f"write {c[0]}(z)" if wanted == 1 else f"write {c[0]}(z)_i for the i-th of them")
        return node("vector", *args, text=name).at(*_span(c))

    def range(self, c: list[Any]) -> tuple[str, list[Tree], list[Tree]]:
        if c[0].type == "SUB":
            if len(c) > 1:
                self._unclear(c[2], "say where the range starts, as in sum_{i=1}^{K}")
            return str(c[0]), [], []
        var, ends, conditions = c[1]
        if len(c) == 5:
            if not ends and conditions:
                ends = [number(1)]  # sum_{j != i}^{K}
            if len(ends) != 1:
                self._unclear(c[4], "write a sum's range as sum_{i=1..K} or sum_{i=1}^{K}")
            ends = [*ends, c[4]]
        if len(ends) == 1:
            self._unclear(ends[0], "the range has no end; write sum_{i=1..K} or sum_{i=1}^{K}")
        return var, ends, conditions

    def upper(self, c: list[Any]) -> Tree:
        if isinstance(c[0], Tree):
            return c[0]
        return node("number" if c[0].type == "NUMBER" else "symbol", text=str(c[0])).at(*_span(c))

    def limits(self, c: list[Any]) -> list[Tree]:
        ends = [part for part in c if isinstance(part, Tree)]
        if len(ends) == 1 and c[0].type == "IN" and ends[0].op == "symbol":
            return []  # a in A: over all outcomes
        return ends

    def span(self, c: list[Any]) -> tuple[str, list[Tree], list[Tree]]:
        return str(c[0]), c[1], [part for part in c[2:] if isinstance(part, Tree)]

    def unlike(self, c: list[Any]) -> tuple[str, list[Tree], list[Tree]]:
        variable = node("symbol", text=str(c[0])).at(c[0].start_pos, c[0].end_pos)
        return str(c[0]), [], [node("relation", variable, c[2], text=str(c[1]))]

    def between(self, c: list[Any]) -> tuple[str, list[Tree], list[Tree]]:
        low, below, var, above, high = c
        if below not in ("<", "<=") or above not in ("<", "<="):
            self._unclear(high, "write a range as in sum_{1 <= i <= K}")
        first = node("number", text=str(low)).at(*_span([low]))
        first = first if below == "<=" else node("add", first, number(1))
        endless = high.op == "symbol" and high.text == "inf"
        return str(var), [first, high if above == "<=" or endless else node("add", high, number(-1))], []

    def relation(self, c: list[Any]) -> Tree:
        return node("relation", c[0], c[2], text="=" if c[1].type == "EQ" else str(c[1]))

    def indicator(self, c: list[Any]) -> Tree:
        return node("indicator", *(part for part in c if isinstance(part, Tree))).at(*_span(c))

    def big(self, c: list[Any]) -> Tree:
        var, ends, conditions = c[1]
        return self._big(str(c[0]), var, ends, conditions, c[2]).at(*_span([c[0], c[2]]))

    def big_call(self, c: list[Any]) -> Tree:
        if isinstance(c[4], tuple):
            var, ends, conditions = c[4]
            if len(ends) == 1:
                self._unclear(ends[0], "the range has no end; write sum(R_i, i, 1, K)")
        else:
            at = 5 if c[4].type == "LPAR" else 4  # sum(R_i, (i, 1, K))
            var, ends, conditions = str(c[at]), [c[at + 2], c[at + 4]], []
        return self._big(str(c[0]), var, ends, conditions, c[2]).at(*_span(c))

    def _big(self, op: str, var: str, ends: list[Tree], conditions: list[Tree], body: Tree) -> Tree:
        low, high = ends or [number(1), node("outcomes")]
        built = node("big", body, low, high, *conditions, text=op, var=var)
        if op != "sum":
            self._reaches_no_further(built, f"this {op}")
        return built

    def dist(self, c: list[Any]) -> tuple[str, Tree]:
        return (str(c[0]), c[2]) if len(c) == 3 else ("", c[0])

    def dotted(self, c: list[Any]) -> Tree:
        subs = [piece for part in c[1:-2] if isinstance(part, list) for piece in part]
        args = [*subs, node("symbol", text="."), *c[-2]]
        return node("indexed", *args, text=str(c[0]), subs=len(subs), bar=1).at(*_span(c))

    def expect(self, c: list[Any]) -> Tree:
        if c[1].type == "SUB":
            over = [("", node("symbol", text=str(c[1])).at(*_span(c[1:2])))]
        else:
            over = [part for part in c if isinstance(part, tuple)]
        body = next(part for part in reversed(c) if isinstance(part, Tree))
        if c[0] != "E" and len(over) > 1:
            self._unclear(over[1][1], "a variance is taken over one variable; write it out by expectations")
        *outer, (var, dist) = over  # E_{x~d, a~pi(.|x)}[…]: the last one is the innermost
        built = node("expect", body, dist, var=var).at(*_span(c))
        for name, under in reversed(outer):
            built = node("expect", built, under, var=name).at(*_span(c))
        if c[0] == "E":
            return built
        square = node("expect", node("pow", body, number(2)), dist, var=var).at(*_span(c))
        return node("add", square, node("neg", node("pow", built, number(2)))).at(*_span(c))

    def _reaches_no_further(self, tree: Tree, what: str) -> None:
        """Refuse an operator in front of a product whose last factor does not depend on its variable."""
        if tree.op == "neg":
            return self._reaches_no_further(tree.args[0], what)
        if tree.op != "big" or tree.args[0].op not in ("mul", "div") or self.text[tree.end - 1 : tree.end] == "":
            return None
        last = tree.args[0].args[-1]
        grouped = tree.args[0].end > last.end
        if not grouped and not _stands_free(tree.var, last):
            self._unclear(last, f"it is not clear whether {what} reaches this far; use parentheses")
        return None

    def _unclear(self, tree: Tree, sentence: str) -> NoReturn:
        raise Unreadable(f"At character {tree.start + 1}, {sentence}.", tree.start)


def _stands_free(name: str, tree: Tree) -> bool:
    """Whether `name` stands in `tree` as a name that no sum in it binds."""
    if tree.op in ("big", "expect") and tree.var == name:
        return any(_stands_free(name, arg) for arg in tree.args[1:3])
    return tree.text == name or any(_stands_free(name, arg) for arg in tree.args)


def _span(c: list[Any]) -> tuple[int, int]:
    """From where to where in the text the children `c` stand."""
    first: Any = c[0]
    last: Any = c[-1]
    while isinstance(last, (list, tuple)):
        last = last[-1]
    start = first.start_pos if isinstance(first, Token) else first.start
    end = last.end_pos if isinstance(last, Token) else last.end
    return int(start or 0), int(end or 0)


def _after_open(c: list[Any], part: Any) -> bool:
    before = c[next(i for i, other in enumerate(c) if other is part) - 1]
    return isinstance(before, Token) and before.type == "CALLOPEN"


def nearest(word: str, names: list[str]) -> str:
    """`; did you mean …?` where a known name is near, else nothing."""
    known = [*names, *FUNCTIONS, *VECTORS, *BIG]
    near = difflib.get_close_matches(word, known, 1, 0.65) if len(word) > 1 else []
    near = near or [n for n in known if n.lower() == word.lower()][:1]
    return f"did you mean {near[0]}?" if near and near[0] != word else ""
