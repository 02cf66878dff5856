"""Styled text broken into lines.

A no-break space holds formulas together; it leaves as an ordinary space. A formula longer than a line is broken after a
relation if it can be, else at one of its spaces.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Final, NamedTuple

from studyapp.typeset.cells import head, width
from studyapp.typeset.lines import Line, Span

NO_BREAK: Final = "\u00a0"
_EAST_ASIAN: Final = r"\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uff60"
# Words; between East Asian characters a line may break without a space.
_WORDS: Final = re.compile(rf"[ \n]+|[{_EAST_ASIAN}]|[^ \n{_EAST_ASIAN}]+")
_BEFORE_PERCENT: Final = re.compile(r"(?<=\d)[ \n](?=%)")
_AFTER_RELATION: Final = re.compile(rf"(?<=[=<>≤≥≠≈∼∝≡∈→⇒⟹≔≜]){NO_BREAK}")


class _Word(NamedTuple):
    spans: list[Span]
    width: int
    spaced: bool  # a space stands before it
    space_style: str


def _words(spans: Iterable[Span]) -> Iterator[_Word]:
    """Yield the pieces between which a line may break."""
    parts: list[Span] = []
    used, spaced, space_style = 0, False, ""
    for text, style in spans:
        for token in _WORDS.findall(_BEFORE_PERCENT.sub(NO_BREAK, text)):
            is_space = token[0] in " \n"
            east_asian = len(token) == 1 and token >= "\u2e80"
            if parts and (is_space or east_asian):
                yield _Word(parts, used, spaced, space_style)
                parts, used, spaced = [], 0, False
            if is_space:
                spaced, space_style = True, style
                continue
            parts.append((token, style))
            used += width(token)
            if east_asian:
                yield _Word(parts, used, spaced, space_style)
                parts, used, spaced = [], 0, False
    if parts:
        yield _Word(parts, used, spaced, space_style)


def wrap(spans: Iterable[Span], cells: int) -> list[Line]:
    """Break text at its spaces into lines of at most so many cells."""
    lines: list[Line] = []
    current: list[Span] = []
    used = 0
    for word in _words(spans):
        gap = int(word.spaced and bool(current))
        too_long = word.width > cells and used < cells // 2  # starts on this line, since it needs several anyway
        if current and used + gap + word.width > cells and not too_long:
            lines.append(join(current))
            current, used, gap = [], 0, 0
        if gap:
            current.append((" ", word.space_style))
            used += 1
        *full, (last, last_width) = _pieces(word, cells - used, cells)
        for piece, _width in full:
            lines.append(join([*current, *piece]))
            current, used = [], 0
        current += last
        used += last_width
    return [*lines, join(current)] if current else lines


def _pieces(word: _Word, room: int, cells: int) -> list[tuple[list[Span], int]]:
    """Cut a word that is too long for the room that is left on this line and then for a whole line."""
    if word.width <= room:
        return [(word.spans, word.width)]
    text = "".join(part for part, _ in word.spans)
    styles = [style for part, style in word.spans for _ in part]
    pieces = []
    start = 0
    while start < len(text):
        near = text[start : start + 4 * room]  # no line holds more, but for marks that take no room
        fitting = head(near, room)
        cut = fitting if start + fitting == len(text) else _cut(near, fitting)
        end = start + cut
        spans = [
            ("".join(char for char, _ in group), style)
            for style, group in groupby(zip(text[start:end], styles[start:end], strict=True), key=itemgetter(1))
        ]
        pieces.append((spans, width(text[start:end])))
        start = end + (text[end : end + 1] == NO_BREAK)
        room = cells
    return pieces


def _cut(text: str, fitting: int) -> int:
    """Return where to cut: after a relation in the second half, else at a no-break space, else after all that fits."""
    within = text[: fitting + 1]
    after_relation = [found.start() for found in _AFTER_RELATION.finditer(within, fitting // 2)]
    cut = after_relation[-1] if after_relation else within.rfind(NO_BREAK)
    return cut if cut > 0 else fitting


def join(spans: Iterable[Span]) -> Line:
    """Merge neighbours of one style, make no-break spaces ordinary and drop trailing ones."""
    merged: list[Span] = []
    for text, style in spans:
        text = text.replace(NO_BREAK, " ")
        if merged and merged[-1][1] == style:
            merged[-1] = (merged[-1][0] + text, style)
        elif text:
            merged.append((text, style))
    while merged and not (stripped := merged[-1][0].rstrip(" ")):
        merged.pop()
    if merged:
        merged[-1] = (stripped, merged[-1][1])
    return tuple(merged)
