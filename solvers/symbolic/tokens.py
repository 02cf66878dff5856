"""Text → tokens. Here it is settled, by the declared symbols, what each name is and what each bracket belongs to.

`K(K-1)` is a product if K is a number and `V(s)` a member of a family if V is indexed; `pi` is 3.14… alone and a policy
in `pi(a|s)`; `sigma(x)` is the sigmoid unless sigma was declared. So the grammar needs to know no names.
"""

from __future__ import annotations

import re
from typing import Protocol

from lark import Token

from solvers.symbolic.characters import plain
from solvers.symbolic.tree import Unreadable

MAX_CHARS, MAX_DIGITS, MAX_EXPONENT = 400, 30, 300

# name: (the function it is, fewest arguments, most)
FUNCTIONS: dict[str, tuple[str, int, int]] = {
    **{name: (name, 1, 1) for name in ("exp", "log", "sqrt", "sigmoid", "softplus", "relu", "tanh", "abs", "sign")},
    **{name: (name, 2, 20) for name in ("min", "max")},
    "ln": ("log", 1, 1),
    **dict.fromkeys(("log2", "log_2"), ("log2", 1, 1)),
    **dict.fromkeys(("log10", "log_10"), ("log10", 1, 1)),
    "logsigmoid": ("logsigmoid", 1, 1),
    "log_sigmoid": ("logsigmoid", 1, 1),
    **dict.fromkeys(("sigma", "expit", "logistic"), ("sigmoid", 1, 1)),
    "clip": ("clip", 3, 3),
    "clamp": ("clip", 3, 3),
    **dict.fromkeys(("binom", "comb", "choose"), ("binom", 2, 2)),
    "factorial": ("factorial", 1, 1),
}
VECTORS = {
    "softmax": "softmax",
    "log_softmax": "log_softmax",
    "logsoftmax": "log_softmax",
    "logsumexp": "logsumexp",
}
BIG = {
    **{name: name for name in ("sum", "prod", "max", "min")},
    "Sum": "sum",
    "Sigma": "sum",
    "product": "prod",
    "Prod": "prod",
    "Pi": "prod",
    "Max": "max",
    "Min": "min",
}
EXPECTATIONS = ("E", "Var")
CONSTANTS = ("pi", "e")

_NUMBER = re.compile(r"(?:\d+(?:\.(?!\.)\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_WORD = re.compile(r"\\?([A-Za-z][A-Za-z0-9]*)")
_PIECE = re.compile(r"_(?:\{\s*\\?(\d+|[A-Za-z][A-Za-z0-9]*)\s*\}|\\?(\d+|[A-Za-z][A-Za-z0-9]*))")
_DOTS = re.compile(r"\.\.\.?|,\s*\.\.\.\s*,")
_SIGNS = {
    "**": "CARET",
    "^": "CARET",
    "*": "STAR",
    "+": "PLUS",
    "-": "MINUS",
    "/": "SLASH",
    ",": "COMMA",
    "~": "TILDE",
    "==": "EQ",
    "!=": "REL",
    "<=": "REL",
    ">=": "REL",
    "<": "REL",
    ">": "REL",
    "=": "EQ",
    "|": "BAR",
    "√": "ROOT",
    "!": "BANG",
}
GRADIENTS = ("grad", "nabla")
# d/dx, ∂/∂theta_k and \frac{\partial}{\partial x}, up to the name
_DERIVATIVE = re.compile(
    r"(?:d|\\partial)\s*/\s*(?:d|\\partial)\s*(?=\\?[A-Za-z])"
    r"|\\frac\s*\{\s*(?:d|\\partial)\s*\}\s*\{\s*(?:d|\\partial)\s*(?=\\?[A-Za-z])"
)
_DOT_OPENS = re.compile(r"\(\s*[.*]\s*\|")
_BRACKETS = {"(": ("LPAR", ")", "RPAR"), "[": ("LSQB", "]", "RSQB"), "{": ("LBRACE", "}", "RBRACE")}
_OPENS_INDICATOR = re.compile(r"\s*(?:[\[({]|_\s*[{(])")
_RANGE_WORDS = {"in": "IN", "to": "DOTS", "for": "COMMA"}  # as in sum(R_i for i in 1..K)
_DIVERGENCE = re.compile(r"KL\}?\s*[(\[][^|]*$")
_ENDS = ("NUMBER", "NAME", "FAMILY", "SUB", "SUBCLOSE", "RPAR", "RSQB", "RBRACE", "BANG")  # of what has a value
_BOUND = re.compile(
    r"(?:sum|prod|max|min|Sum|Sigma|product|Prod|Pi|Max|Min)\s*_[{(]?\s*([A-Za-z][A-Za-z0-9]*)"
    r"|(?:,|\bfor\b)\s*\(?\s*([A-Za-z][A-Za-z0-9]*)\s*(?:,|=|\bin\b)"
)


class Names(Protocol):
    """What the declared symbols tell about a word."""

    def find(self, word: str) -> str | None: ...
    def is_family(self, word: str) -> bool: ...


def check_length(text: str) -> None:
    """Refuse what is longer than anybody types, before anything is done with it."""
    if len(text.strip()) > MAX_CHARS:
        raise Unreadable(f"The expression is longer than {MAX_CHARS} characters; write it more simply.")


def tokens(text: str, names: Names) -> list[Token]:
    """The tokens of `text`, each with the place in `text` where it was typed."""
    check_length(text)
    if not text.strip():
        raise Unreadable("Nothing was typed; type an expression, such as (x + 1)^2.")
    return _Scanner(text, names).run()


class _Scanner:
    """One pass over one text."""

    def __init__(self, text: str, names: Names) -> None:
        self.text, self.places = plain(text)
        self.names = names
        self.at = 0
        self.found: list[Token] = []
        self.open: list[tuple[str, str, str, int]] = []  # closing sign, its token, what the bracket is, place
        self.closed = ""  # what the bracket that closed last was
        self.bound = {name for match in _BOUND.finditer(self.text) for name in match.groups() if name}

    def run(self) -> list[Token]:
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == " ":
                self.at += 1
            elif match := _DOTS.match(self.text, self.at):
                self._emit("DOTS", match.end())
            elif char == "|":
                self._bar()
            elif match := _NUMBER.match(self.text, self.at):
                self._number(match[0])
            elif self._derivative():
                continue
            elif match := _WORD.match(self.text, self.at):
                self._word(match)
            elif char == "_":
                self._subscript()
            elif char in _BRACKETS:
                self._opening(char)
            elif char in ")]}":
                self._closing(char)
            else:
                sign = next((s for s in _SIGNS if self.text.startswith(s, self.at)), None)
                if sign is None:
                    raise self._error(f"`{char}` is not understood there")
                self._emit(_SIGNS[sign], self.at + len(sign))
        if self.open:
            closing, _, _, place = self.open[-1]
            opening = self.text[place]
            raise Unreadable(
                f"The bracket `{opening}` at character {self.places[place] + 1} is not closed; add `{closing}`.",
                self.places[place],
            )
        return self.found

    def _error(self, sentence: str) -> Unreadable:
        place = self.places[self.at]
        return Unreadable(f"At character {place + 1}, {sentence}; check what stands there.", place)

    def _emit(self, kind: str, end: int, value: str | None = None) -> None:
        value = self.text[self.at : end] if value is None else value
        self.found.append(Token(kind, value, start_pos=self.places[self.at], end_pos=self.places[end - 1] + 1))
        self.at = end

    def _last(self) -> str:
        return str(self.found[-1].type) if self.found else ""

    def _number(self, number: str) -> None:
        end = self.at + len(number)
        mantissa, _, exponent = number.lower().partition("e")
        if sum(char.isdigit() for char in mantissa) > MAX_DIGITS:
            raise self._error(f"there is a number of more than {MAX_DIGITS} digits")
        if len(exponent) > 5 or abs(int(exponent or 0)) > MAX_EXPONENT:
            raise self._error(f"there is a power of ten beyond e{MAX_EXPONENT}")
        if number != "1" or not self._indicator(end):
            self._emit("NUMBER", end)

    def _indicator(self, end: int) -> bool:
        """Whether a bracket with a relation in it follows, as in 1[i = j] or 1_{x > 0}; then it is opened."""
        match = _OPENS_INDICATOR.match(self.text, end)
        if match is None or not self._content(match.end() - 1, "=<>"):
            return False
        self.open.append((*_BRACKETS[match[0][-1]][1:], "indicator", match.end() - 1))
        self._emit("ONE", match.end())
        return True

    def _bar(self) -> None:
        """The `|` of a condition, as in pi(a|s), or one of the two around an absolute value."""
        if self.text.startswith("||", self.at) and _DIVERGENCE.search(self.text, 0, self.at):
            sentence = "a divergence is not read; write it out, as in E_pi[log(pi(a)/mu(a))]."
            raise Unreadable(f"At character {self.places[self.at] + 1}, {sentence}", self.places[self.at])
        behind_something = self._last() in _ENDS
        around = self.open[-1][2] if self.open else ""
        if behind_something and around == "absolute":
            return self._closing("|")
        if behind_something and around == "call":
            return self._emit("BAR", self.at + 1)
        self.open.append(("|", "RPAR", "absolute", self.at))
        self._emit("FUNCTION", self.at + 1, "abs")
        self.at -= 1
        return self._emit("LPAR", self.at + 1)

    def _derivative(self) -> bool:
        """Whether a d/dx stands here; then it is taken, as if it were grad_x."""
        match = _DERIVATIVE.match(self.text, self.at)
        name = match and _WORD.match(self.text, match.end())
        if match is None or not name:
            return False
        if match[0][0] == "d" and self.names.find("d") is not None and self.names.find(f"d{name[1]}") is not None:
            return False
        self._emit("GRAD", match.end(), "grad")
        end = self._variable(name[1], name.end())
        if match[0].startswith("\\frac"):
            brace = re.compile(r"\s*\}").match(self.text, end)
            if brace is None:
                raise self._error("the derivative needs a name below, as in \\frac{\\partial}{\\partial x}")
            self.at = brace.end()
        return True

    def _variable(self, word: str, end: int) -> int:
        """The name of what is differentiated by, as a SUB, and a SUB for each index; where it ends."""
        pieces, _ = self._pieces(end)
        taken = next(
            (n for n in range(len(pieces), 0, -1) if self.names.find("_".join([word, *pieces[:n]])) is not None), 0
        )
        names = ["_".join([word, *pieces[:taken]]), *pieces[taken:]]
        for at, name in enumerate(names):
            for _ in range(taken if at == 0 else 1 if at else 0):
                piece = _PIECE.match(self.text, end)
                assert piece is not None
                end = piece.end()
            self._emit("SUB", end, name)
        return end

    def _word(self, match: re.Match[str]) -> None:
        word, end = match[1], match.end()
        if match[0] in ("\\frac", "\\binom"):
            return self._emit("FRAC", end)
        if match[0] == "\\sqrt" and self.text[end:].lstrip()[:1] == "[":
            raise self._error("there is a root other than the square root; write it as a power, such as x^(1/3)")
        if self.names.find(word) is None:
            follows = self.text[end:].lstrip()[:1]
            if word in BIG and (follows == "_" or (follows == "(" and BIG[word] in ("sum", "prod"))):
                return self._emit("BIG", end, BIG[word])
            if word in EXPECTATIONS and follows == "_":
                self._emit("EXPECT", end, word)
                pieces, end = self._pieces(end)
                return self._emit("SUB", end, "_".join(pieces)) if pieces else None
            if word in GRADIENTS and follows == "_":
                self._emit("GRAD", end, word)
                pieces, _ = self._pieces(end)
                if pieces:
                    first = _PIECE.match(self.text, end)
                    assert first is not None
                    self._variable(pieces[0], first.end())
                return None
            if word in _RANGE_WORDS:
                return self._emit(_RANGE_WORDS[word], end)
            if word == "I" and self._indicator(end):
                return None
        return self._name(word, end)

    def _name(self, word: str, end: int) -> None:
        pieces, _ = self._pieces(end)
        ends = [end]
        for _ in pieces:
            match = _PIECE.match(self.text, ends[-1])
            assert match is not None
            ends.append(match.end())
        for taken in range(len(pieces), -1, -1):
            name = "_".join([word, *pieces[:taken]])
            if self.names.find(name) or name in FUNCTIONS or name in VECTORS:
                return self._emit(self._kind(name, ends[taken]), ends[taken], name)
        return self._emit(self._kind(word, end), end, word)

    def _pieces(self, at: int) -> tuple[list[str], int]:
        """The simple subscripts from `at` on, as in _theta_old or _{i}, and where they end."""
        pieces: list[str] = []
        while match := _PIECE.match(self.text, at):
            pieces.append(match[1] or match[2])
            at = match.end()
        return pieces, at

    def _kind(self, name: str, end: int) -> str:
        """What kind of token the name that ends at `end` is."""
        after = self.text[end:].lstrip()
        if self.names.find(name) is not None:
            indexed = self.names.is_family(name) or after[:1] == "_" or self._labels_follow(end)
            return "FAMILY" if indexed else "NAME"
        if name in VECTORS:
            return "VECTOR"
        if name in FUNCTIONS and (name != "sigma" or after[:1] not in ("_", "")):
            return "FUNCTION"
        if after[:1] == "_":
            return "FAMILY"
        if name in self.bound or (name == "pi" and self.text[end : end + 1] != "(") or name in ("e", "inf"):
            return "FAMILY" if self._labels_follow(end) else "NAME"
        return "FAMILY" if after[:1] in ("(", "[") else "NAME"

    def _labels_follow(self, end: int) -> bool:
        """Whether brackets follow whose content can only be arguments: (y|x), (s, a), (s_t) with s unknown."""
        start = end + len(self.text[end:]) - len(self.text[end:].lstrip())
        if self.text[start : start + 1] != "(":
            return False
        content = self._content(start, "")
        if self._content(start, "|,"):
            return True
        match = re.fullmatch(r"\s*\\?([A-Za-z][A-Za-z0-9]*)((?:_\w+|_\{[^{}]*\})*)\s*", content)
        if match is None:
            return False
        full = re.sub(r"[{}\s]", "", match[1] + match[2])
        known = self.names.find(match[1]) or self.names.find(full) or match[1] in CONSTANTS
        return not known

    def _content(self, start: int, signs: str) -> str:
        """What stands in the bracket at `start`; with `signs`, only if one of them is in it and in no inner bracket."""
        depth = 0
        outer = False
        for place in range(start, len(self.text)):
            char = self.text[place]
            depth += (char in "([{") - (char in ")]}")
            outer = outer or (depth == 1 and char in signs)
            if depth == 0:
                return self.text[start + 1 : place] if outer or not signs else ""
        return ""

    def _subscript(self) -> None:
        if match := _PIECE.match(self.text, self.at):
            self._emit("SUB", match.end(), match[1] or match[2])
        elif (opening := self.text[self.at + 1 : self.at + 2]) in ("{", "("):
            gradient = self._last() == "GRAD"
            kind = (
                "gradient"
                if gradient
                else "family"
                if self._last() in ("FAMILY", "SUB", "SUBCLOSE", "NAME")
                else "range"
            )
            self.open.append((_BRACKETS[opening][1], "SUBCLOSE", kind, self.at + 1))
            self._emit("SUBOPEN", self.at + 2)
        else:
            raise self._error("`_` needs an index after it, as in R_i or R_{i+1}")

    def _opening(self, char: str) -> None:
        kind, closing, closing_kind = _BRACKETS[char]
        last, belongs = self._last(), "group"
        if match := _DOT_OPENS.match(self.text, self.at):
            self.open.append((closing, closing_kind, "call", self.at))
            return self._emit("DOTOPEN", match.end())
        after_family = last == "FAMILY" or (
            (last == "SUB" or (last == "SUBCLOSE" and self.closed == "family"))
            and char == "("
            and not self._after_gradient()
            and (self._labels_follow(self.at) or self._named_by_subscript())
        )
        if after_family and char == "(":
            kind, belongs = "CALLOPEN", "call"
        elif char == "[" and (last == "FAMILY" or (last in ("RPAR", "RSQB") and self.closed in ("call", "vector"))):
            kind, belongs = "INDEXOPEN", "call"
        elif char == "(" and (last == "VECTOR" or (last in ("SUB", "SUBCLOSE") and self._after_vector())):
            belongs = "vector"
        elif char == "[" and last not in ("SUB", "SUBCLOSE", "FUNCTION") and self._content(self.at, "=<>"):
            kind, belongs = "ONE", "indicator"
        self.open.append((closing, closing_kind, belongs, self.at))
        return self._emit(kind, self.at + 1)

    def _named_by_subscript(self) -> bool:
        """Whether this bracket holds the argument of a name like pi_ref, whose subscript is no index."""
        piece, content = str(self.found[-1]), self._content(self.at, "")
        index = len(piece) == 1 or piece.isdigit() or piece in self.bound or self.names.find(piece) is not None
        simple = re.fullmatch(r"\s*\w+(_\{[^{}]*\})?\s*", content) is not None
        return self._last() == "SUB" and not index and simple and self.found[-2].type == "FAMILY"

    def _after_gradient(self) -> bool:
        """Whether the subscripts just read say what to differentiate by."""
        before = next((token for token in reversed(self.found) if token.type != "SUB"), None)
        return before is not None and before.type == "GRAD"

    def _after_vector(self) -> bool:
        return any(token.type == "VECTOR" for token in self.found[-4:-1])

    def _closing(self, char: str) -> None:
        if not self.open or self.open[-1][0] != char:
            expected = f"`{self.open[-1][0]}` is expected" if self.open else "no bracket is open"
            raise self._error(f"`{char}` does not fit: {expected}")
        _, kind, self.closed, _ = self.open.pop()
        self._emit(kind, self.at + 1)
