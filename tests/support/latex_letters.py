"""Which letters a formula's source promises, and which a drawing shows, whatever alphabet they are in."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

_SILENT = re.compile(
    r"\\(begin|end)\{\w+\*?\}|\\(text)?color(\[\w+\])?\{\w+\}|\\f?colorbox(\{\w+\})+"
    r"|\\[hv]?phantom\{([^{}]|\{[^{}]*\})*\}|\\label\{[^}]*\}|\\hspace\{\w+\}|\\m?kern-?\d+(pt|mu)|\\mskip\d+mu"
    r"|(?<=\s)%.*"
)
_SPOKEN = re.compile(r"\\(log|ln|exp|min|max|arg|lim|inf|sup|det|gcd|Pr|sin|cos|tanh|bmod|pmod|argmax|argmin)(?![a-z])")


def letters(text: str) -> Counter[str]:
    """Count letters and digits, small and styled ones as what they stand for."""
    plain = unicodedata.normalize("NFKD", text.replace("⊤", "T"))
    return Counter(char for char in plain if char.isascii() and char.isalnum())


def promised(source: str) -> Counter[str]:
    """Count the letters and digits of a source that are shown as such: no names of commands, colours or labels."""
    source = re.sub(r"\\begin\{(array|subarray|alignat)\}\{([^{}]|\{[^{}]*\})*\}", " ", source)
    spoken = _SPOKEN.sub(lambda found: found[1].removeprefix("p").removeprefix("b"), _SILENT.sub(" ", source))
    return letters(re.sub(r"\\[A-Za-z]+", " ", spoken))
