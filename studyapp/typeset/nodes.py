"""A formula as a tree, and how much space stands between its parts.

The kinds are TeX's classes of atoms (The TeXbook, chapter 18); `gaps` is its spacing table in whole cells. Ours are
`sign`, a binary operator with nothing on its left, and `sum`, a big operator, which keeps its distance from brackets
too. What spans several rows is `inner`, so that a fraction bar or a tall fence never touches its neighbour.
"""

from collections.abc import Container, Iterator, Sequence
from typing import Literal, NamedTuple

Kind = Literal["ord", "op", "sum", "bin", "rel", "open", "close", "punct", "inner", "sign"]
Placement = Literal["side", "limits", "stack"]


class Symbol(NamedTuple):
    """Text that is never taken apart: a letter, an operator, a function's name, words."""

    text: str
    kind: Kind = "ord"
    limits: bool = False


class Space(NamedTuple):
    """Explicit space; -1 takes away the space that would stand there."""

    cells: int


class Row(NamedTuple):
    """Parts side by side."""

    items: tuple["Node", ...]
    kind: Kind = "ord"
    limits: bool = False


class Scripts(NamedTuple):
    """A base with scripts beside it ("side"), above and below unless it is small ("limits"), or always so ("stack")."""

    base: "Node"
    sub: "Node | None" = None
    sup: "Node | None" = None
    primes: int = 0
    placement: Placement = "side"


class Fraction(NamedTuple):
    top: Row
    bottom: Row


class Binomial(NamedTuple):
    top: Row
    bottom: Row


class Root(NamedTuple):
    body: Row
    degree: Row | None = None


class Accent(NamedTuple):
    """A mark over its body: `combining` over one cell, `sign` in the row above several."""

    body: Row
    name: str
    combining: str
    sign: str


class Strike(NamedTuple):
    """A combining character on every letter of its body."""

    body: Row
    combining: str


class Coloured(NamedTuple):
    """A body in a colour that has a name in LaTeX, or on a ground of that colour."""

    body: Row
    colour: str
    filled: bool = False


class Fenced(NamedTuple):
    """Growing fences round parts that growing `middles` separate; an empty fence draws nothing."""

    opening: str
    parts: tuple[Row, ...]
    closing: str
    middles: tuple[str, ...] = ()


class Grid(NamedTuple):
    """Cells in rows: a matrix, cases, aligned equations. `columns` are l, c and r, repeated as needed."""

    cells: tuple[tuple[Row, ...], ...]
    columns: str
    gap: int
    opening: str = ""
    closing: str = ""
    equations: bool = False
    rules: frozenset[int] = frozenset()  # a rule stands above each of these rows
    bars: frozenset[int] = frozenset()  # a bar stands before each of these columns


class Brace(NamedTuple):
    """A horizontal brace over or under its body."""

    body: Row
    over: bool


class Arrow(NamedTuple):
    """An arrow as long as its labels: `sign` is its start, shaft and end."""

    sign: str
    over: Row
    under: Row | None


class Boxed(NamedTuple):
    body: Row


class Phantom(NamedTuple):
    """The room of its body, without the body: its width, its height or both."""

    body: Row
    wide: bool
    tall: bool


Node = (
    Symbol
    | Space
    | Row
    | Scripts
    | Fraction
    | Binomial
    | Root
    | Accent
    | Strike
    | Coloured
    | Fenced
    | Grid
    | Brace
    | Arrow
    | Boxed
    | Phantom
)


def walk(value: object) -> Iterator[Node]:
    """Yield a part and everything in it."""
    if isinstance(value, Node):
        yield value
    if isinstance(value, tuple):
        for member in value:
            yield from walk(member)


def bare(node: Node) -> Node:
    """One thing without its colours."""
    while isinstance(node, Coloured) and not node.filled and len(node.body.items) == 1:
        node = node.body.items[0]
    return node


def dressed(node: Node, like: Node) -> Node:
    """The thing in the colours of another."""
    if bare(like) is like or not isinstance(like, Coloured):
        return node
    return Coloured(Row((dressed(node, like.body.items[0]),)), like.colour)


def uncoloured(row: Row) -> Row:
    """The row with what is coloured in it among its own parts."""
    if not any(isinstance(item, Coloured) for item in row.items):
        return row
    parts = (uncoloured(item.body).items if isinstance(item, Coloured) else (item,) for item in row.items)
    return Row(tuple(part for some in parts for part in some), row.kind, row.limits)


def kind_of(node: Node) -> Kind:
    """Return a part's class towards its left neighbour; fences open there, see `right_kind_of`."""
    match node:
        case Row(items=(only,), kind="ord") if kind_of(only) == "inner":
            return "inner"
        case Symbol() | Row():
            return node.kind
        case Scripts(base=base):
            return kind_of(base)
        case Coloured(body=body):
            return kind_of(body.items[0]) if len(body.items) == 1 else "ord"
        case Fenced() | Binomial():
            return "open"
        case Fraction() | Brace() | Boxed():
            return "inner"
        case Grid(opening=opening, closing=closing):
            return "open" if opening and closing else "inner"
        case Root(body=body):
            return "ord" if is_atom(body) else "inner"
        case Arrow():
            return "rel"
        case _:
            return "ord"


def right_kind_of(node: Node) -> Kind:
    """Return a part's class towards its right neighbour: fences close there."""
    match node:
        case Scripts(base=base):
            return right_kind_of(base)
        case Coloured(body=body):
            return right_kind_of(body.items[-1]) if body.items else "ord"
        case Fenced() | Binomial():
            return "close"
        case Grid(opening=opening, closing=closing):
            return "close" if opening and closing else "inner"
        case _:
            return kind_of(node)


def is_atom(row: Row) -> bool:
    """Whether it reads as one thing without brackets: a number, a letter with or without a subscript."""
    match uncoloured(row).items:
        case (Row() as inner,):
            return is_atom(inner)
        case (Symbol(kind="ord") | Accent() | Strike(),):
            return True
        case (Scripts(base=Symbol(kind="ord") | Accent() | Strike(), sup=None, primes=0),):
            return True
        case items:
            return bool(items) and all(isinstance(item, Symbol) and item.text in "0123456789." for item in items)


_SPACE_BEFORE: dict[str, frozenset[str]] = {
    "op": frozenset({"ord", "op", "sum", "close", "inner", "punct"}),
    "sum": frozenset({"ord", "op", "sum", "close", "inner", "punct"}),
    "inner": frozenset({"ord", "op", "sum", "close", "inner", "punct", "sign"}),
}
_SPACE_AFTER: dict[str, frozenset[str]] = {
    "op": frozenset({"ord", "op", "sum", "inner", "sign"}),
    "sum": frozenset({"ord", "op", "sum", "inner", "sign", "open"}),
    "inner": frozenset({"ord", "op", "sum", "inner", "open"}),
    "punct": frozenset({"ord", "op", "sum", "inner", "open", "sign", "rel", "punct"}),
}
_NOWHERE: frozenset[str] = frozenset()


def _gap(left: Kind, right: Kind, tight: bool) -> int:
    if left in ("rel", "bin") or right in ("rel", "bin"):
        return int(not tight and left != right and left != "open" and right not in ("close", "punct"))
    if tight and left == "punct":
        return 0
    return int(left in _SPACE_BEFORE.get(right, _NOWHERE) or right in _SPACE_AFTER.get(left, _NOWHERE))


def classes(items: Sequence[Node], tall: Container[int] = ()) -> list[tuple[Kind, Kind]]:
    """Return the classes of parts towards their left and right, operators told from signs by what they stand between.

    The parts numbered in `tall` span several rows, whatever they are.
    """
    kinds: list[tuple[Kind, Kind]] = [
        ("inner", "inner") if index in tall else (kind_of(item), right_kind_of(item))
        for index, item in enumerate(items)
    ]
    solid = [index for index, item in enumerate(items) if not isinstance(item, Space)]
    for position, index in enumerate(solid):
        if kinds[index][0] == "bin":
            before = kinds[solid[position - 1]][1] if position else "open"
            after = kinds[solid[position + 1]][0] if position + 1 < len(solid) else "close"
            if before in ("bin", "op", "sum", "rel", "open", "punct", "sign"):
                kinds[index] = ("sign", "sign")
            elif after in ("rel", "close", "punct"):
                kinds[index] = ("ord", "ord")
    return kinds


def gaps(items: Sequence[Node], tight: bool = False, tall: Container[int] = ()) -> list[int]:
    """Return the cells before each part. `tight` is the spacing of scripts.

    An explicit space and the one due by class are not added up: the wider one counts.
    """
    result = []
    previous: Kind | None = None
    explicit: int | None = None
    after_script = False
    for index, (item, (left, right)) in enumerate(zip(items, classes(items, tall), strict=True)):
        if isinstance(item, Space):
            explicit = item.cells + (explicit or 0)
            result.append(0)
            continue
        due = 0 if previous is None else _gap(previous, left, tight)
        if not tight and left == "ord" and (previous == "close" or after_script) and _starts_with_letter(item):
            due = 1  # TeX's letters have margins that part π(a) from b, or xᵢ from y; equal cells have none
        if explicit is not None and explicit < 0 and index not in tall:
            due = 0  # but a letter that touched a tall fence would be part of it
        result.append(max(due, explicit or 0))
        previous, explicit = right, None
        after_script = isinstance(one := bare(item), Scripts) and one.base not in (Symbol(""), Row(()))
    return result


_TIGHT_SIGNS = ("", "/", "|", "‖", ".", "…", "⋯", "′", "!", "°", "\\")


def _starts_with_letter(node: Node) -> bool:
    match node:
        case Symbol(text=text):
            return text[:1] not in _TIGHT_SIGNS
        case Scripts(base=base):
            return _starts_with_letter(base)
        case Row(items=(first, *_)) | Coloured(body=Row(items=(first, *_))):
            return _starts_with_letter(first)
        case _:
            return True


def separate(items: list[Node]) -> list[Node]:
    """Give a lone ‖ between brackets, as in KL(p‖q), the space of a relation; pairs are norms and stay tight."""
    open_groups: list[list[int]] = [[]]
    lone: list[int] = []
    for index, item in enumerate(map(bare, items)):
        if not isinstance(item, Symbol | Scripts):
            continue
        kind = kind_of(item)
        if kind == "open":
            open_groups.append([])
        elif kind == "close" and len(open_groups) > 1:
            group = open_groups.pop()
            lone += group if len(group) == 1 else []
        elif (item.base if isinstance(item, Scripts) else item) == Symbol("‖"):
            open_groups[-1].append(index)
    for group in open_groups:
        lone += group if len(group) == 1 else []
    return [
        dressed(sign._replace(kind="rel"), item) if index in lone and isinstance(sign := bare(item), Symbol) else item
        for index, item in enumerate(items)
    ]
