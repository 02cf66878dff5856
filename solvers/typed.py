"""Read the numbers a learner typed: safely, without guessing, or with one sentence on what was not understood.

Nothing typed is ever run. The text becomes plain ASCII through an explicit table, is cut into members, and each member
is parsed by a small grammar into a small tree, which plain arithmetic evaluates (exactly, as long as that is cheap).

- Several numbers stand between commas, between semicolons or between spaces (never a mixture), with or without one
  pair of brackets around them all.
- Between spaces, a sign that clings to what follows starts a new number: `1 -1` is two numbers, `1 - 1` and `1-1` one.
- The decimal sign is the point. A comma always separates: `0,5` is two numbers.
- `log` and `ln` are natural; `ln 2` is read, `ln 2/3` is not (which of the two?); `75%` is 0.75; `-2^2` is -4.
"""

from __future__ import annotations

import difflib
import math
import operator
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedToken, v_args

MAX_CHARS, MAX_DEPTH, MAX_NODES, MAX_DIGITS, MAX_EXPONENT = 400, 40, 400, 30, 300
MAX_BITS = 4096  # beyond this a fraction goes on as a float
LARGEST = 1e300
HELP = "type numbers with + - * / ^ ( ) and a comma or a space between one number and the next"

GRAMMAR = r"""
?sum: term | sum "+" term -> add | sum "-" term -> sub
?term: factors | bare | factors "*" bare -> mul | factors "/" bare -> div
?factors: signed | factors "*" signed -> mul | factors "/" signed -> div
?bare: FUNCTION (number | name) -> call | "-" bare -> neg | "+" bare
?signed: power | "-" signed -> neg | "+" signed
?power: share | share ("^" | "**") signed -> pow
?share: atom | atom "%" -> percent
?atom: "(" sum ")" | number | name | (FUNCTION | NAME) "(" sum ")" -> call | "√" atom -> root
number: NUMBER
name: NAME
FUNCTION.2: /(log|ln|exp|sqrt|sigmoid)(?![A-Za-z_0-9])/i
NAME: /[A-Za-z_][A-Za-z_0-9]*/
NUMBER: /(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?/
%ignore " "
"""

# What other keyboards, word processors and input methods produce for the ASCII signs of the grammar.
_SIGNS = {
    **dict.fromkeys("−–—‐‑‒―﹣", "-"),
    **dict.fromkeys("×·⋅∙•✕∗", "*"),
    **dict.fromkeys("÷∕⁄", "/"),
    "π": "pi",
    "σ": "sigmoid",
    "√": "√",
}
_PLAIN = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.,;+-*/^%()[]{} ")
_SUPERSCRIPTS = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_CONSTANTS = {"pi": math.pi, "e": math.e}


class Unreadable(ValueError):
    """What was typed is no answer: one sentence that names what was not understood and what to do."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The numbers understood. Whole values stay `int`, so that large counts compare exactly.

    `decimals`: decimals typed, per member (1.2e-3 → 4, 75% → 2; 0 for whole numbers, fractions and functions).
    `percent`: whether the member was typed as a percentage; its value is then the share (75% → 0.75).
    """

    values: list[float]
    decimals: list[int]
    percent: list[bool]
    shown: str


@dataclass(frozen=True, slots=True)
class _Node:
    op: str
    args: tuple[_Node, ...] = ()
    text: str = ""
    depth: int = 1
    size: int = 1


def read_numbers(text: str) -> Reading:
    """The numbers in `text`. Raises Unreadable; answers any input, however long or hostile, in milliseconds."""
    if len(text) > MAX_CHARS:
        raise Unreadable(f"The answer is longer than {MAX_CHARS} characters; type only the numbers asked for.")
    members = _split(_plain(text))
    trees = [_parse(member) for member in members]
    values = [_final(_value(tree)) for tree in trees]
    return Reading(values, [_decimals(tree) or 0 for tree in trees], [_percent(tree) for tree in trees], show(values))


def show(values: list[float]) -> str:
    """The numbers as a learner would write them: `0.75`, `[1, -1, 0.5]`."""
    shown = [str(v) if isinstance(v, int) and abs(v) < 10**30 else f"{v:.12g}" for v in values]
    return shown[0] if len(shown) == 1 else f"[{', '.join(shown)}]"


def _plain(text: str) -> str:
    """`text` in the grammar's own characters, or the first character that has no place there."""
    text = re.sub(r"[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda run: f"^({run[0].translate(_SUPERSCRIPTS)})", text)
    text = "".join(map(_plain_character, text)).strip()
    return re.sub(r"(?<=[0-9.]) *[xX] *(?=10 *(\^|\*\*))", "*", text)  # 1.2 x 10^-3


def _plain_character(char: str) -> str:
    if char in _SIGNS:
        return _SIGNS[char]
    if char in "\t\n\r" or unicodedata.category(char) == "Zs":
        return " "
    if "！" <= char <= "～":  # the full-width forms of ASCII
        char = chr(ord(char) - ord("！") + ord("!"))
    if char in _PLAIN:
        return char
    if unicodedata.decomposition(char).startswith("<fraction>"):
        return f"({unicodedata.normalize('NFKC', char).replace('⁄', '/')})"
    printed = f"{char} " if char.isascii() and char.isprintable() else ""
    name = unicodedata.name(char, "without a name")
    raise Unreadable(f"The character {printed}({name}, U+{ord(char):04X}) is not understood; {HELP}.")


def _split(text: str) -> list[str]:
    """The members of the answer, each the text of one number."""
    while text and _closes(text) == len(text) - 1:
        text = text[1:-1].strip()
        if not text:
            raise Unreadable("There is no number between the brackets; type the answer there, such as [1, -1, 0.5].")
    if not text:
        raise Unreadable("Nothing was typed; type a number, such as 0.75 or 3/4.")
    members, kinds, depth, start = [], set(), 0, 0
    for place, char in enumerate(text):
        depth += (char in "([{") - (char in ")]}")
        if depth == 0 and (char in ",;" or _gap(text, place)):
            members.append(text[start:place].strip())
            kinds.add(char)
            start = place + 1
    members.append(text[start:].strip())
    if not all(members):
        raise Unreadable("A number is missing beside a comma or semicolon; write several numbers as 1, -1, 0.5.")
    if len(kinds) > 1:
        raise Unreadable(
            "The numbers are separated in more than one way; use only commas, only semicolons or only spaces, "
            "and a point for decimals, such as 1, -1, 0.5."
        )
    return members


def _closes(text: str) -> int:
    """Where the bracket closes that `text` begins with (-1: it begins with none); each must have its partner."""
    open_brackets: list[str] = []
    first = -1
    for place, char in enumerate(text):
        if char in _CLOSING:
            open_brackets.append(char)
            if len(open_brackets) > MAX_DEPTH:
                raise Unreadable(f"The brackets are nested deeper than {MAX_DEPTH}; write the answer more simply.")
        elif char in ")]}":
            if not open_brackets or _CLOSING[open_brackets.pop()] != char:
                raise Unreadable(f"The bracket `{char}` closes none that is open; check the brackets.")
            if not open_brackets and first < 0 and text[0] in _CLOSING:
                first = place
    if open_brackets:
        raise Unreadable(f"The bracket `{open_brackets[-1]}` is not closed; add `{_CLOSING[open_brackets[-1]]}`.")
    return first


def _gap(text: str, place: int) -> bool:
    """Whether the space at `place` separates two numbers; `log (2)` is one, and so is `1 - 1`."""
    before, after = text[place - 1], text[place + 1 :].lstrip()
    if text[place] != " " or not (before.isalnum() or before in "_.%)]}"):
        return False
    word = re.search(r"[A-Za-z_]*$", text[:place])
    if word and word[0] and (after.startswith("(") or word[0].lower() in _FUNCTIONS):
        return False
    return bool(re.match(r"[\w.(\[{√]|[+-][^ ]", after))


@v_args(inline=True)
class _Build(Transformer[Token, _Node]):
    """Parse events → the small tree, refusing what is too deep or too long while it grows."""

    def number(self, token: Token) -> _Node:
        mantissa, _, exponent = token.lower().partition("e")
        if sum(char.isdigit() for char in mantissa) > MAX_DIGITS:
            raise Unreadable(f"A number has more than {MAX_DIGITS} digits; round it.")
        if len(exponent) > 5 or abs(int(exponent or 0)) > MAX_EXPONENT:
            raise Unreadable(f"The power of ten in `{_cut(token)}` is out of range; use at most e{MAX_EXPONENT}.")
        return _Node("number", text=str(token))

    def name(self, token: Token) -> _Node:
        name = token.lower()
        if name not in _CONSTANTS:
            raise Unreadable(_unknown(token, _CONSTANTS))
        return _Node("name", text=name)

    def call(self, token: Token, argument: _Node) -> _Node:
        name = token.lower()
        if name in _CONSTANTS:
            raise Unreadable(
                f"`{name}` is a number, not a function; put a sign such as * between it and the parenthesis."
            )
        if name not in _FUNCTIONS:
            raise Unreadable(_unknown(token, _FUNCTIONS))
        return _node("call", argument, text=name)

    def root(self, argument: _Node) -> _Node:
        return _node("call", argument, text="sqrt")

    def __default__(self, data: Any, children: list[Any], meta: Any) -> _Node:
        return _node(str(data), *children)


def _node(op: str, *args: _Node, text: str = "") -> _Node:
    depth, size = 1 + max(arg.depth for arg in args), 1 + sum(arg.size for arg in args)
    if depth > MAX_DEPTH or size > MAX_NODES:
        raise Unreadable("The expression is nested too deeply or too long; work it out and type the number.")
    return _Node(op, args, text, depth, size)


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, start="sum", parser="lalr", lexer="basic", transformer=_Build())


def _parse(member: str) -> _Node:
    if member[0] in "[{":
        raise Unreadable(
            "There are brackets within the answer; type all the numbers as one list, such as [1, -1, 0.5]."
        )
    try:
        tree: Any = _parser().parse(member)
    except UnexpectedToken as error:
        raise Unreadable(_misplaced(member, error)) from None
    except UnexpectedCharacters as error:
        char = member[error.pos_in_stream or 0]
        raise Unreadable(f"`{char}` in `{_cut(member)}` is not understood there; {HELP}.") from None
    assert isinstance(tree, _Node)
    return tree


def _misplaced(member: str, error: UnexpectedToken) -> str:
    if error.token.type == "$END":
        return f"`{_cut(member)}` stops where a number is still expected; complete it or take the last sign away."
    if function := re.search(r"\b(log|ln|exp|sqrt|sigmoid)\b(?! *\()", member, re.IGNORECASE):
        name = function[0].lower()
        return (
            f"It is not clear how far {name} reaches in `{_cut(member)}`; put its argument in parentheses: {name}(2)."
        )
    place = error.pos_in_stream or 0
    before = re.search(r"([\w.]+|[%)]) *$", member[:place])
    if before and re.match(r"[\w.(√]", error.token):
        return (
            f"`{_cut(before[1])}` is directly followed by `{_cut(error.token)}`; "
            "put a sign such as * or + between them, or a comma if these are two numbers."
        )
    return f"`{error.token}` in `{_cut(member)}` is not understood there; {HELP}."


def _unknown(token: str, known: dict[str, Any]) -> str:
    near = difflib.get_close_matches(token.lower(), known, 1) or difflib.get_close_matches(token.lower(), _NAMES, 1)
    hint = f"did you mean {near[0]}?" if near else f"type finite numbers, {', '.join(_NAMES)}."
    return f"The name `{_cut(token)}` is not understood; {hint}"


def _cut(text: str) -> str:
    return text if len(text) <= 24 else text[:24] + "…"


def _value(node: _Node) -> Fraction | float:
    """What the tree comes to: exact as long as only whole numbers, decimals and + - * / ^ are in it."""
    if node.op == "number":
        return Fraction(node.text)
    if node.op == "name":
        return _CONSTANTS[node.text]
    args = [_value(arg) for arg in node.args]
    try:
        result = _FUNCTIONS[node.text](float(args[0])) if node.op == "call" else _OPERATIONS[node.op](*args)
        if isinstance(result, Fraction) and _bits(result) > MAX_BITS:
            result = float(result)
    except ZeroDivisionError:
        raise Unreadable("There is a division by zero in it; check the denominator.") from None
    except OverflowError:
        result = math.inf
    if abs(result) > LARGEST:
        raise Unreadable("A number in it is too large to compute; check the powers and exponents.")
    return result


def _bits(number: Fraction) -> int:
    return max(number.numerator.bit_length(), number.denominator.bit_length())


def _power(base: Fraction | float, exponent: Fraction | float) -> Fraction | float:
    if isinstance(base, Fraction) and isinstance(exponent, Fraction) and exponent.denominator == 1:
        power = int(exponent)
        if abs(power) * _bits(base) <= MAX_BITS:
            return Fraction(base**power)
    result: Any = float(base) ** float(exponent)
    if isinstance(result, complex):
        raise Unreadable("A negative number stands to a fractional power in it; only real numbers are asked for.")
    return float(result)


def _log(x: float) -> float:
    if x <= 0:
        raise Unreadable("There is a logarithm of zero or of a negative number in it; check its argument.")
    return math.log(x)


def _sqrt(x: float) -> float:
    if x < 0:
        raise Unreadable("There is a square root of a negative number in it; check its argument.")
    return math.sqrt(x)


def _sigmoid(x: float) -> float:
    small = math.exp(-abs(x))
    return (1.0 if x >= 0 else small) / (1.0 + small)


_FUNCTIONS: dict[str, Callable[[float], float]] = {
    "log": _log,
    "ln": _log,
    "exp": math.exp,
    "sqrt": _sqrt,
    "sigmoid": _sigmoid,
}
_NAMES = [*_FUNCTIONS, *_CONSTANTS]
_OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "neg": operator.neg,
    "pow": _power,
    "percent": lambda share: share / 100,
}


def _final(value: Fraction | float) -> float:
    return int(value) if isinstance(value, Fraction) and value.denominator == 1 else float(value)


def _decimals(node: _Node) -> int | None:
    """Decimals typed, or None where the number was not written out but has to be computed."""
    if node.op == "number":
        mantissa, _, exponent = node.text.lower().partition("e")
        return max(0, len(mantissa.partition(".")[2]) - int(exponent or 0))
    if node.op == "neg":
        return _decimals(node.args[0])
    if node.op == "percent":
        return None if (typed := _decimals(node.args[0])) is None else typed + 2
    if node.op == "mul" and node.args[1].op == "pow" and node.args[1].args[0].text == "10":  # 1.2*10^-3
        typed, power = _decimals(node.args[0]), _value(node.args[1].args[1])
        if typed is not None and power == int(power):
            return max(0, typed - int(power))
    return None


def _percent(node: _Node) -> bool:
    """Whether the tree is a percentage; a percentage plus a plain number has no meaning everyone shares."""
    inner = [_percent(arg) for arg in node.args]
    mixed = len(set(inner)) == 2
    if mixed and (node.op in ("add", "sub") or (node.op == "div" and inner[1])):
        raise Unreadable("Percentages and plain numbers are mixed in it; write both in the same way, such as 0.75.")
    if node.op == "percent":
        return True
    if node.op in ("call", "div", "pow"):
        return node.op != "call" and inner[0] and not inner[1]
    return any(inner)
