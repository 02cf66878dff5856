"""`studyapp derive` as scripts use it: verdicts a line, exit statuses, one sentence for what is not understood."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from studyapp.main import main

Run = Any


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `studyapp derive …` in this process: status, stdout, stderr."""
    monkeypatch.setenv("STUDYAPP_HOME", str(tmp_path / "home"))

    def command(*arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as leaving:
            main(["derive", *arguments])
        out, err = capsys.readouterr()
        return int(leaving.value.code or 0), out, err

    return command


RIGHT = "grad_k theta_a - grad_k log sum_{b=1..K} exp(theta_b)\n\n# a comment\n1[a = k] - pi(k)\n"


def test_all_accepted(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "lines.txt"
    file.write_text(RIGHT)
    status, out, err = run("derive-softmax-score", "--check", str(file))
    assert (status, err) == (0, "")
    assert out.count("accepted") == 2
    assert "This is the goal." in out
    assert run("softmax-score", "--check", "-", stdin=RIGHT.encode())[0] == 0


def test_json_says_the_same(run: Run) -> None:
    lines = b"# derivation: derive-softmax-score\n1[a = k] - pi(a)\n1[a = k] - pi(k)\n"
    status, out, _ = run("--check", "-", "--format", "json", stdin=lines)
    assert status == 1
    document = json.loads(out)
    assert (document["derivation"], document["goal_reached"]) == ("derive-softmax-score", True)
    first, second = document["lines"]
    assert (first["line"], first["verdict"], second["line"], second["verdict"]) == (2, "refused", 3, "accepted")
    assert first["witness"]["before"] != first["witness"]["line"]
    assert second["reaches_goal"]
    _, out, _ = run("--check", "-", "--format", "jsonl", stdin=lines)
    assert [json.loads(line)["verdict"] for line in out.splitlines()] == ["refused", "accepted"]


def test_a_rule_behind_a_line(run: Run) -> None:
    last = "-log sigmoid(beta log(pi(y_w) pi_ref(y_l)/(pi_ref(y_w) pi(y_l))))  # rule: substitute r"
    lines = f"-log sigmoid(r(y_w) - r(y_l))\n{last}\n"
    status, out, _ = run("derive-dpo-loss", "--check", "-", stdin=lines.encode())
    assert status == 0
    assert "The goal is not reached" in out


@pytest.mark.parametrize(
    ("arguments", "stdin", "part"),
    [
        ((), b"", "--list"),
        (("derive-softmax-scor", "--check", "-"), RIGHT.encode(), "did you mean derive-softmax-score?"),
        (("zzz", "--check", "-"), RIGHT.encode(), "--list"),
        (("derive-dpo-loss", "--check", "-"), b"", "no line"),
        (("derive-dpo-loss", "--check", "-"), b"# only a comment\n", "no line"),
        (("derive-dpo-loss", "--check", "/no/such/file"), b"", "cannot be read"),
        (("derive-dpo-loss", "--check", "/"), b"", "cannot be read"),
        (("derive-dpo-loss", "--check", "a\0b"), b"", "name"),
        (("derive-dpo-loss", "--check", "-"), b"\xff\xfe\x00", "Byte 1 of the standard input is not UTF-8"),
        (("derive-dpo-loss", "--check", "/no/\x1b]0;x\x07file"), b"", "/no/\ufffd]0;x\ufffdfile cannot"),
        (("\x1b[2Jzzz", "--check", "-"), RIGHT.encode(), "no derivation \ufffd[2Jzzz;"),
        (("z" * 5000, "--check", "-"), RIGHT.encode(), f"no derivation {'z' * 59}…;"),
        (("derive-dpo-loss", "--check", "-"), b"1\n" * 5000, "more than 300 lines"),
        (("derive-dpo-loss", "--check", "-"), b"1" * 400_000, "more than 300 lines"),
        (("derive-dpo-loss", "--check", "-"), b"lgo(Z)\n", "Line 1: At character 1, `lgo`"),
        (("derive-dpo-loss", "--check", "-"), b"1 # rule: differentate by Z\n", "did you mean differentiate"),
        (("--check", "-"), b"1 + 1\n", "Name a derivation"),
        (("derive-dpo-loss", "--format", "xml"), b"", "xml"),
    ],
)
def test_what_is_not_understood_is_one_sentence(run: Run, arguments: tuple[str, ...], stdin: bytes, part: str) -> None:
    status, _, err = run(*arguments, stdin=stdin)
    assert status == 2
    assert part in err
    assert err.startswith("studyapp: ")
    assert err.count("\n") == 1


def test_the_list_names_them(run: Run) -> None:
    status, out, _ = run("--list")
    assert status == 0
    names = [line.split()[0] for line in out.splitlines()]
    assert {"derive-softmax-score", "derive-baseline-no-bias", "derive-dpo-loss"} <= set(names)
    assert all(len(line.split()) > 3 for line in out.splitlines())
    assert len(names) == len(set(names))
    assert not [line for line in out.splitlines() if re.search(r"[$\\{}*`]", line)]  # it is laid out, not written down


def test_the_line_mode_records(run: Run) -> None:
    status, out, _ = run("derive-softmax-score", "--plain", stdin=b"1[a = k] - pi(k)\n")
    assert status == 0
    assert "Recorded: Easy." in out
    assert "Recorded" not in run("derive-softmax-score", "--plain", stdin=b"quit\n")[1]
