"""Markdown to styled lines: what a card's text looks like in a terminal of a given width.

markdown-it-py reads the Markdown, its dollarmath plugin finds the formulas. HTML is shown as it is written, never
interpreted, and everything that is shown passes through `clean`.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.dollarmath.index import math_block_dollar

from studyapp.typeset import cells, colour
from studyapp.typeset.display import typeset_display
from studyapp.typeset.latex import parse
from studyapp.typeset.linear import write
from studyapp.typeset.lines import FormulaError, Line, Span
from studyapp.typeset.small_scripts import Style, lowered_letters
from studyapp.typeset.tables import Cell, table
from studyapp.typeset.wrapping import NO_BREAK, join, wrap

_LEAST_WIDTH: Final = 12  # deeper quotes and lists stop indenting rather than leave their text less than this
_INDENT: Final = 2
_BULLETS: Final = "•◦▪"
_EMPHASIS: Final = {"strong": "bold", "em": "italic"}
_NEGATIVE: Final = re.compile(r"^-(?=[\d.]+$)")  # a number alone in a table's cell: its sign as in formulas
_ALIGNS: Final[dict[str, cells.Align]] = {"text-align:right": "right", "text-align:center": "centre"}
_MATH_IN_TABLE: Final = re.compile(r"(?<![\\$])\$(?=[^\s$])[^$\n]*?(?<=[^\s\\])\$(?!\d)")
_GROUP: Final = r"(?:[^{}$\n]|\{[^{}$\n]*\})*"
_FORMULA_IN_WORDS: Final = re.compile(r"\$([^$\n]+)\$")
_CODE_OR_WORDS: Final = re.compile(
    rf"`[^`\n]*`|\\(?:text[a-z]*|mbox|fbox|f?colorbox(?:\{{[^{{}}$]*\}}){{1,2}})\{{{_GROUP}(?:\$[^$\n]+\${_GROUP})+\}}"
)
_COMMAND: Final = re.compile(r"\\[A-Za-z]{2,}")
_AMPLE: Final = 1000
_PIPE: Final = re.compile(r"\\?\|")


class _Block(NamedTuple):
    lines: list[Line]
    compact: bool = False  # needs no blank line towards another compact block


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    dollarmath_plugin(parser, allow_labels=False, allow_space=False, double_inline=True)
    # The plugin's own registration does not let a formula follow a paragraph's text without a blank line.
    interrupts: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.block.ruler.at("math_block", _math_block, interrupts)
    return parser


_dollar_block = math_block_dollar(allow_labels=False)


def _math_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """The plugin's rule, which leaves its mark even when only asked whether it would match."""
    count, line = len(state.tokens), state.line
    found: bool = _dollar_block(state, start, end, silent)
    if silent:
        del state.tokens[count:]
        state.line = line
    return found


def render(text: str, width: int) -> list[Line]:
    """Return the lines of a Markdown text, none of them wider than the width."""
    tokens = _parser().parse(_protect(cells.clean(text)))
    return _Renderer(_all_lowered(tokens)).blocks(tokens, width)


def formulas(text: str) -> list[str]:
    """Return the LaTeX of each formula in a Markdown text."""
    return [token.content.strip() for token in _pieces(text) if token.type.startswith("math_")]


def _pieces(text: str) -> Iterator[Token]:
    """Yield the blocks of a text and what is in their lines."""
    for token in _parser().parse(_protect(cells.clean(text))):
        yield from (token, *(token.children or ()))


def faults(text: str) -> list[str]:
    """Return a sentence for each formula that cannot be laid out, and for LaTeX that stands outside of formulas."""
    found = []
    for each in _pieces(text):
        if each.type.startswith("math_"):
            try:
                typeset_display(cells.clean(each.content).strip(), _AMPLE, frozenset())
            except FormulaError as error:
                found.append(f"the formula `{' '.join(each.content.split())}` cannot be laid out: {error}")
        elif each.type == "text" and (stray := _COMMAND.search(each.content)):
            found.append(f"`{stray[0]}` stands outside of a formula; put `$` on both sides of it")
    return found


def _protect(text: str) -> str:
    """Keep what a formula holds from ending it, outside code blocks: a | its table cell, a $ in words the formula.

    `\\|` is the same as | there, as on GitHub.
    """
    if "$" not in text:
        return text
    lines = text.split("\n")
    fenced = False
    for number, line in enumerate(lines):
        start = line.lstrip()
        if start.startswith(("```", "~~~")):
            fenced = not fenced
        elif "$" in start and not fenced:
            line = _CODE_OR_WORDS.sub(_without_dollars, line)
            lines[number] = _MATH_IN_TABLE.sub(_without_pipes, line) if start.startswith("|") else line
    return "\n".join(lines)


def _without_pipes(formula: re.Match[str]) -> str:
    return _PIPE.sub(r"\\vert{}", formula[0])


def _without_dollars(piece: re.Match[str]) -> str:
    return piece[0] if piece[0].startswith("`") else _FORMULA_IN_WORDS.sub(r"\\(\1\\)", piece[0])


def _all_lowered(tokens: Sequence[Token]) -> frozenset[str]:
    """Return the letters whose subscripts are never small in this text, so that all its formulas agree."""
    lowered: set[str] = set()
    for token in tokens:
        for each in (token, *(token.children or ())):
            if each.type.startswith("math_"):
                lowered |= lowered_letters(each.content)
    return frozenset(lowered)


def _groups(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """Yield the outermost pieces of a token list: single tokens, or an opening token up to its closing one."""
    start = depth = 0
    for index, token in enumerate(tokens):
        depth += token.nesting
        if depth == 0:
            yield tokens[start : index + 1]
            start = index + 1


def _prefixed(first: Span, others: Span, lines: Sequence[Line]) -> list[Line]:
    return [join([others if number else first, *line]) for number, line in enumerate(lines or [()])]


class _Renderer:
    def __init__(self, lowered: frozenset[str]) -> None:
        self.lowered = lowered

    # Blocks

    def blocks(self, tokens: Sequence[Token], width: int, depth: int = 0) -> list[Line]:
        """Return the lines of blocks one below the other."""
        lines: list[Line] = []
        previous: _Block | None = None
        for group in _groups(tokens):
            for block in self.block(group, width, depth):
                if previous is not None and not (previous.compact and block.compact):
                    lines.append(())
                lines += block.lines
                previous = block
        return lines

    def block(self, group: Sequence[Token], width: int, depth: int) -> Iterator[_Block]:
        opening, inside = group[0], group[1:-1]
        match opening.type:
            case "paragraph_open":
                yield from self.paragraph(inside[0], width, compact=opening.hidden)
            case "heading_open":
                yield from self.paragraph(inside[0], width, style="heading")
            case "bullet_list_open" | "ordered_list_open":
                yield _Block(self.listing(opening, inside, width, depth), compact=depth > 0)
            case "blockquote_open":
                bar = ("│ ", "dim") if width - _INDENT >= _LEAST_WIDTH else ("", "")
                yield _Block(_prefixed(bar, bar, self.blocks(inside, width - len(bar[0]), depth)))
            case "fence" | "code_block":
                yield _Block(self.verbatim(opening.content, width))
            case "math_block":
                yield _Block(self.display(opening.content, width))
            case "table_open":
                yield _Block(self.tabular(inside, width))
            case "hr":
                yield _Block([(("─" * width, "rule"),)])

    def paragraph(self, inline: Token, width: int, *, compact: bool = False, style: str = "") -> Iterator[_Block]:
        """Yield the text of a paragraph; a displayed formula in it stands on lines of its own."""
        spans: list[Span] = []
        for piece in self.inline(inline.children or [], style):
            if isinstance(piece, str):
                if any(text.strip() for text, _ in spans):
                    yield _Block(self.wrapped(spans, width), compact)
                spans = []
                yield _Block(self.display(piece, width))
            else:
                spans.append(piece)
        if any(text.strip() for text, _ in spans):
            yield _Block(self.wrapped(spans, width), compact)

    @staticmethod
    def wrapped(spans: Sequence[Span], width: int) -> list[Line]:
        """Wrap the parts between hard line breaks."""
        lines: list[Line] = []
        part: list[Span] = []
        for span in (*spans, ("\n", "")):
            if span[0] == "\n":
                lines += wrap(part, width)
                part = []
            else:
                part.append(span)
        return lines

    def listing(self, opening: Token, inside: Sequence[Token], width: int, depth: int) -> list[Line]:
        items = list(_groups(inside))
        if opening.type == "bullet_list_open":
            markers = [_BULLETS[min(depth, len(_BULLETS) - 1)] + " "] * len(items)
        else:
            first = int(opening.attrs.get("start", 1))
            last = len(str(first + len(items) - 1))
            markers = [f"{first + number:>{last}}{items[0][0].markup} " for number in range(len(items))]
        lines: list[Line] = []
        loose = any(
            token.type == "paragraph_open" and not token.hidden and token.level == opening.level + 2 for token in inside
        )
        for number, (item, marker) in enumerate(zip(items, markers, strict=True)):
            if number and loose:
                lines.append(())
            hang = len(marker) if width - len(marker) >= _LEAST_WIDTH else 0
            content = self.blocks(item[1:-1], width - hang, depth + 1)
            if hang:
                lines += _prefixed((marker, "dim"), (" " * hang, ""), content)
            else:
                lines += [*wrap([(marker, "dim")], width), *content]
        return lines

    @staticmethod
    def verbatim(content: str, width: int) -> list[Line]:
        indent = (" " * _INDENT, "")
        return [
            join([indent, (piece, "code")])
            for line in cells.clean(content).removesuffix("\n").split("\n")
            for piece in cells.chop(line, width - _INDENT)
        ]

    def display(self, source: str, width: int) -> list[Line]:
        source = cells.clean(source).strip()
        try:
            rows = typeset_display(source, width - _INDENT, self.lowered)
        except FormulaError:
            return self.verbatim(source, width)
        return [join([(" " * _INDENT, ""), *colour.spans(row, "math")]) for row in rows]

    def tabular(self, inside: Sequence[Token], width: int) -> list[Line]:
        rows: list[list[Cell]] = []
        aligns: list[cells.Align] = []
        for position, token in enumerate(inside):
            if token.type == "tr_open":
                rows.append([])
            elif token.type in ("th_open", "td_open"):
                content = self.inline(inside[position + 1].children or [], "bold" if token.type == "th_open" else "")
                cell: list[Span] = []
                for piece in content:
                    cell += self.formula(piece, "") if isinstance(piece, str) else [piece]
                if len(cell) == 1 and "code" not in cell[0][1]:
                    cell = [(_NEGATIVE.sub("−", cell[0][0]), cell[0][1])]
                rows[-1].append(cell)
                if token.type == "th_open":
                    aligns.append(_ALIGNS.get(str(token.attrs.get("style")), "left"))
        return table(rows[0], rows[1:], aligns, width)

    # Text

    def inline(self, tokens: Sequence[Token], style: str) -> Iterator[Span | str]:
        """Yield styled text, and the source of each displayed formula as a plain string."""
        styles = [style] if style else []
        links: list[str] = []
        shown = ""
        for token in tokens:
            name, _, edge = token.type.rpartition("_")
            if name in _EMPHASIS:
                styles.append(_EMPHASIS[name]) if edge == "open" else styles.pop()
            elif token.type == "link_open":
                links.append(str(token.attrs.get("href", "")))
                shown = ""
            elif token.type == "link_close":
                address = links.pop()
                if address.startswith(("http://", "https://")) and address != shown:
                    yield f" ({cells.clean(address)})", "dim"
            elif token.type == "math_inline_double":
                yield token.content
            elif token.type == "math_inline":
                yield from self.formula(token.content, " ".join(styles))
            elif token.type == "hardbreak":
                yield "\n", ""
            elif token.type == "softbreak":
                yield " ", " ".join(styles)
            elif token.type == "code_inline":
                yield cells.clean(token.content), " ".join([*styles, "code"])
            elif token.type == "image":
                yield cells.clean(f"[image: {token.content}]"), " ".join([*styles, "dim"])
            elif content := cells.clean(token.content).replace("\n", " "):
                shown += content
                yield content, " ".join(styles)

    def formula(self, source: str, style: str) -> list[Span]:
        """Return a formula on one row, held together by no-break spaces; its source if it cannot be read."""
        source = cells.clean(source)
        try:
            text = write(parse(source), Style(self.lowered))
        except FormulaError:
            return [(f"${source}$".replace("\n", " "), f"{style} code".strip())]
        return colour.spans(text.replace(" ", NO_BREAK), f"{style} math".strip())
