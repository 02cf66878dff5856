"""How the plain line mode writes: at once, and on a terminal with no word broken at its edge."""

from __future__ import annotations

import shutil
import textwrap
from typing import TextIO

from studyapp.typeset import plain

WIDEST = 100  # cells of a text that is read


def show(out: TextIO, text: str) -> None:
    """Markdown with its formulas, laid out."""
    _write(out, plain(text, min(shutil.get_terminal_size().columns, WIDEST) - 2).split("\n"))


def tell(out: TextIO, text: str) -> None:
    """Words of ours. A pipe gets their lines whole; on a terminal what is too wide goes on in the next row."""
    columns = shutil.get_terminal_size().columns if out.isatty() else 0
    lines = text.split("\n")
    rows = (textwrap.wrap(line, columns) if 0 < columns < len(line) else [line] for line in lines)
    _write(out, [row for found in rows for row in found])


def _write(out: TextIO, rows: list[str]) -> None:
    out.write("\n".join(rows) + "\n")
    out.flush()
