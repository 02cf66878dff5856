"""Fences: \\left … \\middle … \\right, and \\big and its kind, which grow by what they enclose as those do."""

from typing import TYPE_CHECKING, Final

from studyapp.typeset import latex_symbols as data
from studyapp.typeset.lines import FormulaError
from studyapp.typeset.nodes import Fenced, Grid, Kind, Node, Row, Scripts, Space, Symbol, bare, dressed

if TYPE_CHECKING:
    from studyapp.typeset.latex import Parser


class BigDelimiter(Symbol):
    """What \\big enlarges, until its row is complete and shows what it pairs with."""

    __slots__ = ()


def fences(parser: "Parser", _: str) -> Node:
    opening = _delimiter(parser)
    parts: list[Row] = []
    middles: list[str] = []
    while True:
        some, bars = split_at_bar(parser.row(frozenset({"\\right", "\\middle"})).items)
        parts += map(trimmed, some)
        middles += bars
        if parser.take() == "\\right":
            break
        middles.append(_delimiter(parser))
    closing = _delimiter(parser)
    match parts:
        case [Row(items=(Grid(opening="", closing="") as grid,))] if opening == "{":
            return grid._replace(opening=opening, closing=closing)  # as cases: the brace's point stands between rows
        case _:
            return Fenced(opening, tuple(parts), closing, tuple(middles))


def trimmed(items: tuple[Node, ...]) -> Row:
    """A row without thin spaces at its ends: fences keep their own distance."""
    start, end = 0, len(items)
    while start < end and items[start] in _THIN:
        start += 1
    while start < end and items[end - 1] in _THIN:
        end -= 1
    return Row(items[start:end])


_THIN: Final = (Space(-1), Space(0), Space(1))


def split_at_bar(items: tuple[Node, ...]) -> tuple[list[tuple[Node, ...]], list[str]]:
    """What stands on both sides of an enlarged bar that pairs with no other, and its sign: it grows like a \\middle."""
    bars = [index for index, item in enumerate(items) if isinstance(item, BigDelimiter) and item.kind in ("ord", "rel")]
    if len(bars) != 1:
        return [items], []
    sign = items[bars[0]]
    assert isinstance(sign, Symbol)
    return [items[: bars[0]], items[bars[0] + 1 :]], [sign.text]


def _delimiter(parser: "Parser") -> str:
    token = parser.take()
    if token not in data.DELIMITERS:
        raise FormulaError(f"{token or 'nothing'} cannot be a delimiter")
    return data.DELIMITERS[token]


_SIDES: Final[dict[str, Kind]] = {"l": "open", "r": "close", "m": "rel"}


def big(parser: "Parser", name: str) -> Node:
    sign = _delimiter(parser)
    by_sign: Kind = "open" if sign and sign in "([{⟨⌊⌈" else "close" if sign and sign in ")]}⟩⌋⌉" else "ord"
    return BigDelimiter(sign, _SIDES.get(name[-1], by_sign))


def pair_big_delimiters(items: list[Node]) -> list[Node]:
    """Let \\big( … \\big) grow like \\left( … \\right): what stands between decides in a terminal, not the name."""
    done: list[Node] = []
    open_at: list[int] = []
    for item in items:
        one = bare(item)
        delimiter = one.base if isinstance(one, Scripts) else one
        if isinstance(delimiter, BigDelimiter):
            if delimiter.kind == "open" and delimiter is one:
                open_at.append(len(done))
            elif delimiter.kind == "close" and open_at:
                start = open_at.pop()
                opening = bare(done[start])
                assert isinstance(opening, Symbol)
                parts, bars = split_at_bar(tuple(done[start + 1 :]))
                fenced = Fenced(opening.text, tuple(map(trimmed, parts)), delimiter.text, tuple(bars))
                whole = Scripts(fenced, one.sub, one.sup, one.primes) if isinstance(one, Scripts) else fenced
                done[start:] = [dressed(whole, item) if _of_one_colour([*done[start:], item]) else whole]
                continue
        done.append(item)
    return done


def _of_one_colour(items: list[Node]) -> bool:
    return len({getattr(item, "colour", "") for item in items if not isinstance(item, Space)}) == 1
