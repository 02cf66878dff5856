"""LaTeX to a tree: a recursive-descent parser that expands no macros and refuses what it does not know.

Sources are untrusted (anyone can write a deck), so their length, their depth and the size of their grids are bounded.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from studyapp.typeset import latex_symbols as data
from studyapp.typeset.latex_commands import COMMANDS, bold, coloured, equations
from studyapp.typeset.latex_fences import pair_big_delimiters, trimmed
from studyapp.typeset.lines import FormulaError
from studyapp.typeset.nodes import (
    Binomial,
    Brace,
    Coloured,
    Fraction,
    Kind,
    Node,
    Placement,
    Row,
    Scripts,
    Space,
    Symbol,
    separate,
)

MAX_LENGTH: Final = 2000
MAX_DEPTH: Final = 40
MAX_CELLS: Final = 600

# A percent sign begins a comment where a space or nothing is before it: 50% without its backslash is what it says.
_TOKEN = re.compile(r"\\(?:[A-Za-z]+|.)|(?:\A|(?<=\s))%[^\n]*|\s+|.", re.S)
_SPACES = re.compile(r"^(?:\s+|%.+)$", re.S)
_CELL_ENDS = frozenset({"&", "\\\\", "\\end", "\\hline"})
_TO_THE_END: frozenset[str] = frozenset({""})
_INFIX: Final[Mapping[str, Callable[[Row, Row], Node]]] = {"\\over": Fraction, "\\choose": Binomial}

_NAMED: Final[tuple[tuple[dict[str, str], Kind], ...]] = (
    (data.ORDINARY, "ord"),
    (data.RELATIONS, "rel"),
    (data.BINARY, "bin"),
    (data.OPENERS, "open"),
    (data.CLOSERS, "close"),
    (data.INTEGRALS, "sum"),
)
_SIMPLE: Final[Mapping[str, Node]] = (
    {name: Symbol(text, kind) for names, kind in _NAMED for name, text in names.items()}
    | {name: Symbol(name, "op") for name in data.FUNCTIONS}
    | {name: Symbol(text, "op", limits=True) for name, text in data.LIMIT_FUNCTIONS.items()}
    | {name: Symbol(text, "sum", limits=True) for name, text in data.BIG_OPERATORS.items()}
    | {name: Space(cells) for name, cells in data.SPACES.items()}
    | {name: Space(0) for name in data.IGNORED}
)


@lru_cache(maxsize=1024)
def parse(source: str) -> Row:
    """Return the tree of a formula, or raise FormulaError."""
    if len(source) > MAX_LENGTH:
        raise FormulaError(f"the formula is longer than {MAX_LENGTH} characters")
    return Parser(source).formula()


class Parser:
    """Reads tokens from left to right; each method consumes exactly what it returns."""

    def __init__(self, source: str, depth: int = 0) -> None:
        self.tokens: list[str] = [_SPACES.sub(" ", token) for token in _TOKEN.findall(source)]
        self.at = 0
        self.depth = depth

    def formula(self) -> Row:
        """Return everything. Bare & and \\\\ make aligned equations of it, as if it stood in that environment."""
        content = equations(*self.table(_TO_THE_END))
        return content if isinstance(content, Row) else Row((content,))

    def nested(self, source: str) -> Row:
        """Return the formula in a text in this formula."""
        return Parser(source, self.depth).formula()

    # Tokens

    def peek(self) -> str:
        """Return the next token that is not space, or "" at the end."""
        while self.at < len(self.tokens) and self.tokens[self.at] == " ":
            self.at += 1
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.at += 1
        return token

    def taken(self, token: str) -> bool:
        """Consume the token if it is next, and say whether it was."""
        found = self.peek() == token
        self.at += found
        return found

    def expect(self, token: str) -> None:
        if not self.taken(token):
            raise FormulaError(f"{token} is missing")

    def raw(self) -> str:
        """Return the source between braces, or the one next token."""
        if not self.taken("{"):
            return self.take()
        start, level = self.at, 1
        while level:
            if self.at >= len(self.tokens):
                raise FormulaError("} is missing")
            level += {"{": 1, "}": -1}.get(self.tokens[self.at], 0)
            self.at += 1
        return "".join(self.tokens[start : self.at - 1])

    # Rows

    def descend(self) -> None:
        """Count a level of nesting, here and when drawn: Python's own stack is finite."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise FormulaError(f"nested more than {MAX_DEPTH} deep")

    def row(self, ends: frozenset[str]) -> Row:
        """Return everything up to one of the ends, which stays; "" is the end of the source."""
        self.descend()
        items: list[Node] = []
        colour = ""
        while (token := self.peek()) not in ends:
            if not token:
                raise FormulaError(next(end for end in ("}", "]", "\\right", "\\end") if end in ends) + " is missing")
            if self.taken("\\color"):  # a switch, up to the end of its group
                colour = self.colour()
                continue
            if self.taken("\\bf"):  # another switch
                items += bold(self.row(ends))
                continue
            if token in _INFIX:
                self.take()
                return self.infix(token, Row(tuple(pair_big_delimiters(separate(items)))), ends)
            item = self.scripted()
            # What is coloured is coloured part by part, so that it stands and breaks as it would without.
            parts = coloured(item.body, item.colour) if isinstance(item, Coloured) and not item.filled else (item,)
            items += coloured(Row(tuple(parts)), colour) if colour else parts
        self.depth -= 1
        return Row(tuple(pair_big_delimiters(separate(items))))

    def infix(self, token: str, top: Row, ends: frozenset[str]) -> Row:
        """Return what TeX's own {top \\over bottom} makes of the rest of a group."""
        bottom = self.row(ends)
        self.depth -= 1
        return Row((_INFIX[token](top, bottom),))

    def argument(self) -> Row:
        """Return a braced group or, as TeX does, the one next thing."""
        if self.taken("{"):
            group = self.row(frozenset("}"))
            self.expect("}")
            return group
        if self.peek() in ("", "}", "&", "^", "_"):
            raise FormulaError("an argument is missing")
        self.descend()
        only = self.atom()
        self.depth -= 1
        return Row((only,))

    def colour(self) -> str:
        """Return the name of a colour; one by its numbers, as after [rgb], is no name that we know."""
        if self.taken("["):
            while self.take() not in ("]", ""):
                pass
        return self.raw().strip()

    def option(self) -> Row | None:
        """Return what stands in square brackets, if they are next."""
        if not self.taken("["):
            return None
        content = self.row(frozenset("]"))
        self.expect("]")
        return content

    def scripted(self) -> Node:
        """Return an atom with its sub- and superscripts, primes and \\limits."""
        base: Node = Symbol("") if self.peek() in ("_", "^", "'") else self.atom()
        sub: Node | None = None
        sup: Node | None = None
        primes = 0
        placement = _placement(base)
        while (token := self.peek()) in ("_", "^", "'", "\\limits", "\\nolimits"):
            self.take()
            if token == "'":
                primes += 1
            elif token == "_" and sub is None:
                sub = trimmed(self.argument().items)
            elif token == "^" and sup is None:
                sup = trimmed(self.argument().items)
                if sup.items and all(item == Symbol("′") for item in sup.items):
                    primes, sup = primes + len(sup.items), None
            elif token in ("_", "^"):
                raise FormulaError(f"two {token} on one base")
            else:
                placement = "limits" if token == "\\limits" else "side"
        if sub is None and sup is None and not primes:
            return base
        if sup is not None and isinstance(base, Row) and base.items and _has_power(base.items[-1]):
            base = Row((Symbol("(", "open"), *base.items, Symbol(")", "close")))  # or 2 to the 3rd would be read as 23
        return Scripts(base, sub, sup, primes, placement)

    def atom(self) -> Node:
        """Return the next thing without its scripts."""
        token = self.take()
        if token.startswith("\\"):
            return self.command(token[1:])
        if token == "{":
            self.at -= 1
            return self.argument()
        if token in ("", "}", "&", "^", "_"):
            raise FormulaError(f"unexpected {token or 'end'}")
        if token == "~":
            return Space(1)
        text, kind = data.CHARACTERS.get(token, (token, "ord"))
        return Symbol(text, kind)

    def command(self, name: str) -> Node:
        if name in _SIMPLE:
            return _SIMPLE[name]
        if name in COMMANDS:
            return COMMANDS[name](self, name)
        raise FormulaError(f"\\{name} is not supported")

    def table(self, ends: frozenset[str]) -> tuple[list[list[Row]], frozenset[int]]:
        """Return the rows of cells up to an end, which stays, and the rows above which a rule stands."""
        rows: list[list[Row]] = [[]]
        rules: set[int] = set()
        while True:
            while self.taken("\\hline"):
                rules.add(len(rows) - 1)
            rows[-1].append(self.row(_CELL_ENDS | ends))
            if len(rows) * max(map(len, rows)) > MAX_CELLS:
                raise FormulaError(f"more than {MAX_CELLS} cells")
            token = self.peek()
            if token == "\\\\":
                self.at += 1
                if self.tokens[self.at : self.at + 1] == ["["]:  # the height of the gap, as in \\[2pt]
                    self.option()
                rows.append([])
            elif token == "&":
                self.at += 1
            elif token in ends:
                break
            else:
                raise FormulaError(f"unexpected {token}")
        if len(rows) > 1 and not any(cell.items for cell in rows[-1]):
            rows.pop()  # \\ after the last row
        return rows, frozenset(rules)


def _has_power(node: Node) -> bool:
    return isinstance(node, Scripts) and node.sup is not None


def _placement(base: Node) -> Placement:
    match base:
        case Symbol(limits=True) | Row(limits=True):
            return "limits"
        case Brace() | Scripts(base=Brace()):
            return "stack"
        case _:
            return "side"
