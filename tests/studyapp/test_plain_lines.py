"""What the plain line mode writes, to a terminal and to a pipe."""

from __future__ import annotations

import io

import pytest

from studyapp.plain_lines import show, tell


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


SAID = "refused: This is not equal to the line before: 0.445815 against 3 here.\n   ^"


@pytest.fixture(autouse=True)
def forty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")


def test_a_terminal_gets_no_broken_word() -> None:
    out = Terminal()
    tell(out, SAID)
    rows = out.getvalue().split("\n")
    assert max(map(len, rows)) <= 40
    assert " ".join(rows).split() == SAID.split()
    assert rows[-2:] == ["   ^", ""]


def test_a_pipe_gets_whole_lines() -> None:
    out = io.StringIO()
    tell(out, SAID)
    assert out.getvalue() == SAID + "\n"


@pytest.mark.parametrize("kind", [Terminal, io.StringIO])
def test_what_is_laid_out_stays_so(kind: type[io.StringIO]) -> None:
    out = kind()
    show(out, r"$$\frac{\hat A_t}{2} = \hat B$$")
    rows = [row.strip() for row in out.getvalue().split("\n") if row.strip()]
    assert len(rows) == 3
    assert rows[1].startswith("─")
