"""The symbols that a question declares: their names, in whatever way people write them, and their domains."""

from __future__ import annotations

import re
from collections.abc import Mapping

from solvers.symbolic.characters import plain
from solvers.symbolic.domains import REAL, Domain, parse_domain
from solvers.symbolic.grammar import read
from solvers.symbolic.meaning import alone
from solvers.symbolic.tree import Unreadable

MAX_CHARS, MAX_SYMBOLS = 200, 60

# Names that are one symbol to whoever types them.
_ALIASES = [
    {"lambda", "lam", "lambda_", "lmbda"},
    {"epsilon", "eps", "varepsilon"},
    {"theta", "vartheta"},
    {"phi", "varphi"},
    {"rho", "varrho"},
]
_NAME = re.compile(r"([A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*_?)\s*([(\[].*[)\]])?")
_INDICES = frozenset("ijklmnt")


class Symbols:
    """The declared names, whatever way they are written."""

    def __init__(self, declared: Mapping[str, str]) -> None:
        """Read `declared` (name → domain); ValueError for a name or a domain that makes no sense."""
        self.domains: dict[str, Domain] = {}
        if len(declared) > MAX_SYMBOLS:
            raise ValueError(f"There are more than {MAX_SYMBOLS} symbols; declare only those that are used.")
        texts: dict[str, str] = {}
        for key, text in declared.items():
            name, family = _declared_name(key)
            if not isinstance(text, str) or len(text) > MAX_CHARS:
                raise ValueError(f'The domain of {name} must be a short text such as "(0, inf)" or "integer >= 2".')
            if re.search(r"\bindexed\b", text) and name[-2:-1] == "_" and name[-1] in _INDICES:
                name = name[:-2]  # "R_i": "indexed" declares R
            texts[name] = ("indexed " if family else "") + text
        self.domains = dict.fromkeys(texts, REAL)  # bounds may name any of them
        self.domains = {name: self._read(name, text) for name, text in texts.items()}

    def find(self, word: str) -> str | None:
        """The declared name that `word` stands for, if there is one."""
        if word in self.domains:
            return word
        for group in _ALIASES:
            if word in group:
                return next((name for name in self.domains if name in group), None)
        return None

    def is_family(self, word: str) -> bool:
        """Whether `word` was declared as indexed."""
        name = self.find(word)
        return name is not None and self.domains[name].indexed

    def is_integer(self, word: str) -> bool:
        """Whether `word` was declared as a whole number."""
        name = self.find(word)
        return name is not None and self.domains[name].integer and not self.domains[name].indexed

    def _read(self, name: str, text: str) -> Domain:
        try:
            return parse_domain(plain(text)[0].strip(), lambda bound: alone(read(bound, self), self))
        except Unreadable as problem:
            raise ValueError(
                f"The domain {text[:40]!r} of {name} is not understood ({str(problem).rstrip('.?')}); "
                'write it as "(0, inf)", "[0, 1)", "integer >= 2", "real" or "indexed".'
            ) from None


def _declared_name(key: str) -> tuple[str, bool]:
    """The name that `key` declares, and whether it is written as a family: pi(y_w|x), R[i]."""
    if not isinstance(key, str) or len(key) > MAX_CHARS:
        raise ValueError("The name of a symbol must be a short text.")
    try:
        text = re.sub(r"_\{\s*(\w+)\s*\}", r"_\1", plain(key)[0].replace("\\", "")).strip()
    except Unreadable as problem:
        raise ValueError(f"The symbol {key[:40]!r} has a name that is not understood. {problem}") from None
    match = _NAME.fullmatch(text)
    if match is None:
        raise ValueError(f"The name {key[:40]!r} of a symbol must be letters and digits, such as x, beta or y_w.")
    return match[1], match[2] is not None
