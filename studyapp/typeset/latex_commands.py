"""The commands that take arguments: each function reads them from the parser and returns a part of the tree."""

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from studyapp.typeset import latex_symbols as data
from studyapp.typeset.latex_fences import big, fences
from studyapp.typeset.lines import FormulaError
from studyapp.typeset.nodes import (
    Accent,
    Arrow,
    Binomial,
    Boxed,
    Brace,
    Coloured,
    Fraction,
    Grid,
    Kind,
    Node,
    Phantom,
    Root,
    Row,
    Scripts,
    Space,
    Strike,
    Symbol,
    kind_of,
)

if TYPE_CHECKING:
    from studyapp.typeset.latex import Parser


_LONGEST_LENGTH: Final = 12  # characters, as in -0.16667em


def whole(row: Row) -> Node:
    """A group of one thing is that thing, and keeps its class."""
    return row.items[0] if len(row.items) == 1 else row


def _accent(parser: "Parser", name: str) -> Node:
    return Accent(parser.argument(), name, *data.ACCENTS[name])


def _in_plain_font(parser: "Parser", _: str) -> Node:
    return whole(parser.argument())


def _in_font(parser: "Parser", name: str) -> Node:
    return whole(_styled_row(parser.argument(), name))


def _fraction(parser: "Parser", _: str) -> Node:
    return Fraction(parser.argument(), parser.argument())


def _binomial(parser: "Parser", _: str) -> Node:
    return Binomial(parser.argument(), parser.argument())


def _root(parser: "Parser", _: str) -> Node:
    degree = parser.option()
    return Root(parser.argument(), degree)


def _operator(parser: "Parser", name: str) -> Node:
    with_limits = parser.taken("*") or name != "operatorname"
    return Row(parser.argument().items, "op", with_limits)


_CLASSES: Final[dict[str, Kind]] = {
    "mathord": "ord",
    "mathbin": "bin",
    "mathrel": "rel",
    "mathopen": "open",
    "mathclose": "close",
    "mathpunct": "punct",
}


def _of_class(parser: "Parser", name: str) -> Node:
    return Row(parser.argument().items, _CLASSES[name])


def _text(parser: "Parser", _: str) -> Node:
    """Words, with formulas between dollars in them."""
    items: list[Node] = []
    for number, part in enumerate(re.split(r"(?<!\\)\$|\\[()]", parser.raw())):
        if number % 2:
            items.append(parser.nested(part))
        elif part:
            spaced = re.sub(r"\\[,:;> ]|~", " ", part).replace("\\!", "")
            words = re.sub(r"\\[A-Za-z]+\s*|(?<!\\)[{}]", "", spaced)
            items.append(Symbol(re.sub(r"\\(.)", r"\1", words)))
    return whole(Row(tuple(items)))


def _strike(parser: "Parser", name: str) -> Node:
    return Strike(parser.argument(), data.STRIKES[name])


def _negation(parser: "Parser", _: str) -> Node:
    node = parser.atom()
    if not isinstance(node, Symbol):
        raise FormulaError("\\not stands before something that it cannot strike out")
    return Symbol(data.NEGATIONS.get(node.text, node.text + "\u0338"), node.kind)


def _over_or_under(parser: "Parser", name: str) -> Node:
    script, base = parser.argument(), whole(parser.argument())
    if name == "underset":
        return Scripts(base, sub=script, placement="stack")
    return Scripts(base, sup=script, placement="stack")


def _brace(parser: "Parser", name: str) -> Node:
    return Brace(parser.argument(), over=name.startswith("over"))


def _arrow(parser: "Parser", name: str) -> Node:
    under = parser.option()
    return Arrow(data.ARROWS[name], parser.argument(), under)


def _boxed(parser: "Parser", name: str) -> Node:
    return Boxed(parser.argument() if name == "boxed" else _words_or_formula(parser))


def _phantom(parser: "Parser", name: str) -> Node:
    return Phantom(parser.argument(), wide=name != "vphantom", tall=name != "hphantom")


def _substack(parser: "Parser", _: str) -> Node:
    parser.expect("{")
    rows, _rules = parser.table(frozenset("}"))
    parser.expect("}")
    return Grid(tuple(map(tuple, rows)), "c", 0)


def _tag(parser: "Parser", name: str) -> Node:
    opening, closing = ("", "") if parser.taken("*") else ("(", ")")
    return Row((Space(4), Symbol(opening), _text(parser, name), Symbol(closing)))


_MODULI: Final = {"pmod": ("(mod ", ")"), "mod": ("mod ", ""), "pod": ("(", ")")}


def _modulus(parser: "Parser", name: str) -> Node:
    opening, closing = _MODULI[name]
    return Row((Space(1), Symbol(opening), parser.argument(), Symbol(closing)))


def _nothing(parser: "Parser", _: str) -> Node:
    """Skip an argument that a terminal cannot show."""
    parser.raw()
    return Space(0)


def _space(parser: "Parser", _: str) -> Node:
    parser.taken("*")
    return Space(-1 if parser.raw().startswith("-") else 1)


def _glue(parser: "Parser", name: str) -> Node:
    """Space whose length stands without braces, as in \\kern3pt."""
    length = ""
    while not (found := re.fullmatch(r"([+-]?)[\d.]+(pt|mu|em|ex|cm|mm|in)", length)):
        token = parser.take()
        if len(length) > _LONGEST_LENGTH or not re.fullmatch(r"[+\-\d.a-z]", token):
            raise FormulaError(f"\\{name} without a length")
        length += token
    return Space(-1 if found[1] == "-" else 1)


def _coloured(parser: "Parser", _: str) -> Node:
    colour = parser.colour()
    return Coloured(parser.argument(), colour)


def coloured(row: Row, colour: str) -> tuple[Node, ...]:
    """Each part of a row in a colour."""
    return tuple(item if isinstance(item, Space) else Coloured(Row((item,)), colour) for item in row.items)


def _shaded(parser: "Parser", name: str) -> Node:
    """A box in a colour, and a frame of another round it."""
    frame = parser.colour() if name == "fcolorbox" else ""
    colour = parser.colour()
    ground = Coloured(_words_or_formula(parser), colour, filled=True)
    return Coloured(Row((Boxed(Row((ground,))),)), frame) if frame else ground


def _words_or_formula(parser: "Parser") -> Row:
    """The content of a box: words, in LaTeX; what cannot be words is taken for the formula that was meant."""
    at = parser.at
    source = parser.raw()
    if not re.search(r"\$|\\\(", source) and re.search(r"[\\^_]", source):
        parser.at = at
        return parser.argument()
    parser.at = at
    return Row((_text(parser, ""),))


# name: opening fence, closing fence, columns, cells between columns
_GRIDS: Final[dict[str, tuple[str, str, str, int]]] = {
    "matrix": ("", "", "c", 2),
    "smallmatrix": ("", "", "c", 1),
    "array": ("", "", "c", 2),
    "pmatrix": ("(", ")", "c", 2),
    "bmatrix": ("[", "]", "c", 2),
    "Bmatrix": ("{", "}", "c", 2),
    "vmatrix": ("|", "|", "c", 2),
    "Vmatrix": ("‖", "‖", "c", 2),
    "cases": ("{", "", "l", 2),
    "dcases": ("{", "", "l", 2),
    "rcases": ("", "}", "l", 2),
    "subarray": ("", "", "c", 0),
    "gathered": ("", "", "c", 2),
    "gather": ("", "", "c", 2),
    "multline": ("", "", "l", 2),
}
_WITH_COLUMNS: Final = {"array", "subarray", "alignedat", "alignat"}
_EQUATIONS: Final = {"align", "aligned", "alignat", "alignedat", "split", "equation", "eqnarray", "flalign"}


def _environment(parser: "Parser", _: str) -> Node:
    name = parser.raw()
    plain = name.removesuffix("*")
    if plain not in _GRIDS and plain not in _EQUATIONS:
        raise FormulaError(f"the environment {name} is not supported")
    columns, bars = _columns(parser.raw()) if plain in _WITH_COLUMNS else ("", frozenset())
    rows, rules = parser.table(frozenset({"\\end"}))
    parser.expect("\\end")
    if (end := parser.raw()) != name:
        raise FormulaError(f"{name} ends as {end}")
    if plain == "eqnarray":  # the relation has a column of its own
        rows = [[*row[:1], Row(tuple(item for cell in row[1:] for item in cell.items))] for row in rows]
    if plain in _EQUATIONS:
        return equations(rows, rules)
    if plain in ("multline", "gather", "gathered"):
        rows = [[_after_nothing(cell) for cell in row] for row in rows]
    opening, closing, usual, gap = _GRIDS[plain]
    return Grid(tuple(map(tuple, rows)), columns or usual, gap, opening, closing, rules=rules, bars=bars)


def _columns(spec: str) -> tuple[str, frozenset[int]]:
    """How an array's columns are aligned, and before which of them a bar stands."""
    spec = re.sub(r"\*\{(\d{1,2})\}\{([^{}]*)\}", lambda found: found[2] * int(found[1]), spec)
    spec = re.sub(r"[@!<>]\{([^{}]|\{[^{}]*\})*\}", "", spec)
    spec = re.sub(r"[pmb]\{[^{}]*\}", "l", spec)
    spec = re.sub(r"[^lcr|]", "", spec)
    bars = [len(spec[:index].replace("|", "")) for index, char in enumerate(spec) if char == "|"]
    return spec.replace("|", ""), frozenset(bars)


def _after_nothing(cell: Row) -> Row:
    """A cell whose first sign keeps the space to its left."""
    first = next((item for item in cell.items if not isinstance(item, Space)), None)
    return Row((Symbol(""), *cell.items)) if first and kind_of(first) in ("rel", "bin") else cell


def equations(rows: list[list[Row]], rules: frozenset[int]) -> Row | Grid:
    """Aligned equations: a relation that opens a cell keeps the space to its left, as after TeX's empty atom."""
    if len(rows) == 1 and len(rows[0]) == 1:
        return rows[0][0]
    cells = tuple(
        tuple(_after_nothing(cell) if column % 2 else cell for column, cell in enumerate(row)) for row in rows
    )
    return Grid(cells, "rl", 0, equations=True, rules=rules)


def _styled_row(row: Row, name: str) -> Row:
    """Return a group in a Unicode alphabet, letters that it lacks unchanged."""
    return Row(tuple(_styled(item, name) for item in row.items), row.kind, row.limits)


def bold(row: Row) -> tuple[Node, ...]:
    return _styled_row(row, "mathbf").items


def _styled(node: Node, name: str) -> Node:
    match node:
        case Symbol(text=text):
            return Symbol("".join(_letter(char, name) for char in text), node.kind, node.limits)
        case Row():
            return _styled_row(node, name)
        case Scripts(base=base):
            return Scripts(_styled(base, name), node.sub, node.sup, node.primes, node.placement)
        case Accent(body=body):
            return Accent(_styled_row(body, name), node.name, node.combining, node.sign)
        case _:
            return node


def _letter(char: str, name: str) -> str:
    alphabet = data.FONTS[name]
    if char in alphabet.exceptions:
        return alphabet.exceptions[char]
    for start, first, last in zip(alphabet.starts, "Aa0Αα", "Zz9Ωω", strict=False):
        if first <= char <= last:
            return chr(start + ord(char) - ord(first))
    return char


_Command = Callable[["Parser", str], Node]
_BY_COMMAND: Final[tuple[tuple[_Command, Iterable[str]], ...]] = (
    (_accent, data.ACCENTS),
    (_in_plain_font, data.PLAIN_FONTS),
    (_in_font, data.FONTS),
    (_fraction, ("frac", "dfrac", "tfrac", "cfrac")),
    (_binomial, ("binom", "dbinom", "tbinom")),
    (_root, ("sqrt",)),
    (
        _text,
        (
            "text",
            "textrm",
            "textbf",
            "textit",
            "textsf",
            "texttt",
            "textsc",
            "textnormal",
            "textup",
            "textmd",
            "emph",
            "mbox",
        ),
    ),
    (_operator, ("operatorname", "operatornamewithlimits", "mathop")),
    (_of_class, _CLASSES),
    (_over_or_under, ("overset", "underset", "stackrel")),
    (_brace, ("underbrace", "overbrace", "underbracket", "overbracket")),
    (_arrow, data.ARROWS),
    (_phantom, ("phantom", "hphantom", "vphantom")),
    (_nothing, ("label",)),
    (_space, ("hspace", "mspace")),
    (_glue, ("kern", "mkern", "hskip", "mskip")),
    (_coloured, ("textcolor",)),
    (_shaded, ("colorbox", "fcolorbox")),
    (big, [size + side for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")]),
    (_strike, data.STRIKES),
    (_negation, ("not",)),
    (_boxed, ("boxed", "fbox")),
    (_substack, ("substack",)),
    (_tag, ("tag",)),
    (_modulus, _MODULI),
    (fences, ("left",)),
    (_environment, ("begin",)),
)
COMMANDS: Final = {name: command for command, names in _BY_COMMAND for name in names}
