"""The command line as CLI scripts use it: results on stdout, one sentence on stderr, exit statuses."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from db.statistics import Statistics, TopicStatistics
from studyapp.command_line import COMMANDS, studyapp
from studyapp.commands.stats import lines
from studyapp.main import main


@dataclass
class Ran:
    status: int
    out: str
    err: str


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    """Run a command in this process, with an empty home."""
    monkeypatch.setenv("STUDYAPP_HOME", str(tmp_path / "home"))

    def run(*arguments: str, stdin: str | None = None) -> Ran:
        if stdin is not None:
            import io

            monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as leaving:
            main(list(arguments))
        out, err = capsys.readouterr()
        return Ran(int(leaving.value.code or 0), out, err)

    return run


def refused(ran: Ran, *parts: str) -> None:
    """Exit status 2 and one sentence."""
    assert ran.status == 2
    assert ran.out == ""
    assert ran.err.startswith("studyapp: ")
    assert ran.err.count("\n") == 1
    assert "Traceback" not in ran.err
    for part in parts:
        assert part in ran.err


def test_every_command_has_help_with_an_example() -> None:
    runner = CliRunner()
    for arguments in [[], *([name] for name in COMMANDS), ["decks", "list"], ["decks", "lint"]]:
        result = runner.invoke(studyapp, [*arguments, "--help"])
        assert result.exit_code == 0
        assert "Example: " in result.output, arguments


def test_commands_are_listed_in_the_readme() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    for name in COMMANDS:
        assert f"`studyapp {name}" in readme, name


def test_unknown_names_get_the_nearest(cli) -> None:  # type: ignore[no-untyped-def]
    refused(cli("reviw"), "did you mean review")
    refused(cli("drill", "grpo-advantage"), "did you mean grpo-advantages")
    refused(cli("drill", "--topic", "gpro"), "did you mean grpo")
    refused(cli("solve", "gea"), "did you mean gae")
    refused(cli("grade", "gea@1", "1"), "did you mean gae")
    refused(cli("review", "--plain", "--topic", "ppoo"), "did you mean ppo")
    refused(cli("verify", "--deck", "grop"), "did you mean grpo")
    refused(cli("decks", "remove", "gpro"), "did you mean grpo")
    refused(cli("derive", "softmax-scor"), "did you mean derive-softmax-score")
    refused(cli("verify", "--deck", "nowhere"), "decks list")
    refused(cli("drill", "--formt", "jsonl"), "--format")


def test_a_name_in_capitals_or_a_part_of_one_is_near(cli) -> None:  # type: ignore[no-untyped-def]
    refused(cli("REVIEW"), "did you mean review?")
    refused(cli("drill", "GAE"), "did you mean gae?")
    refused(cli("grade", "Gae@1", "1"), "did you mean gae?")
    refused(cli("drill", "--topic", "PPO"), "did you mean ppo?")
    refused(cli("solve", "GAE"), "did you mean gae?")
    refused(cli("derive", "SOFTMAX"), "did you mean derive-softmax")
    refused(cli("drill", ""), "There is no drill without a name; `studyapp drill --list`")


def test_what_the_command_line_refuses_says_where_help_is(cli) -> None:  # type: ignore[no-untyped-def]
    refused(cli("stats", "now"), "`studyapp stats --help`")
    refused(cli("decks"), "`studyapp decks --help`")
    refused(cli("review", "--limit", "none"), "`studyapp review --help`")


def test_senseless_requests_are_refused(cli, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    refused(cli("grade", "gae", "1"), "DRILL@SEED")
    refused(cli("drill", "-n", "0"), "0")
    for minutes in ("0", "-1", "nan", "inf", "", "ten"):
        refused(cli("review", "--plain", "--minutes", minutes), "number of minutes")
    refused(cli("decks", "lint", str(tmp_path / "none.md")), "does not exist")
    (tmp_path / "empty").mkdir()
    refused(cli("decks", "lint", str(tmp_path / "empty")), "no deck")
    refused(cli("solve", "gae", stdin="{"), "not JSON")
    refused(cli("solve", "gae", stdin="[1]"), "one JSON object")
    refused(cli("solve", "gae", stdin="{}"), "needs")
    refused(cli("solve", "gae", stdin="[" * 100_000), "nested")


def test_a_drill_is_the_same_for_the_same_seed(cli) -> None:  # type: ignore[no-untyped-def]
    one = cli("drill", "grpo-advantages", "gae", "-n", "6", "--seed", "42", "--format", "jsonl", "--answers")
    other = cli("drill", "grpo-advantages", "gae", "-n", "6", "--seed", "42", "--format", "jsonl", "--answers")
    assert one == other
    lines = [json.loads(line) for line in one.out.splitlines()]
    assert [line["seed"] for line in lines] == ["42", "42-1", "42-2", "42-3", "42-4", "42-5"]
    assert [line["drill"] for line in lines] == ["grpo-advantages", "gae"] * 3
    assert list(lines[0]) == [
        "drill", "version", "seed", "topic", "importance", "prompt", "inputs", "solver",
        "answer", "asked", "digits", "exact", "mistakes", "solution", "covers",
    ]  # fmt: skip


def test_without_answers_nothing_is_given_away(cli) -> None:  # type: ignore[no-untyped-def]
    ran = cli("drill", "gae", "--seed", "1", "--format", "jsonl")
    assert not {"answer", "mistakes", "solution"} & set(json.loads(ran.out))
    with_answers = json.loads(cli("drill", "gae", "--seed", "1", "--format", "jsonl", "--answers").out)
    text = cli("drill", "gae", "--seed", "1").out
    assert with_answers["solution"].splitlines()[-1] not in text


def test_mixed_drills_come_in_turn_and_fit_the_terminal(cli) -> None:  # type: ignore[no-untyped-def]
    ran = cli("drill", "-n", "8", "--seed", "3", "--format", "jsonl")
    assert len({json.loads(line)["drill"] for line in ran.out.splitlines()}) == 8
    text = cli("drill", "-n", "8", "--seed", "3", "--answers").out
    assert max(map(len, text.splitlines())) <= 80


def test_solve_reproduces_a_drill(cli) -> None:  # type: ignore[no-untyped-def]
    drill = json.loads(cli("drill", "discounted-returns", "--seed", "5", "--format", "jsonl", "--answers").out)
    ran = cli("solve", drill["solver"], stdin=json.dumps(drill["inputs"]))
    assert json.loads(ran.out)["returns"] == drill["answer"]


def test_solve_answers_line_by_line(cli) -> None:  # type: ignore[no-untyped-def]
    requests = [
        {"solver": "discounted-returns", "inputs": {"rewards": [0, 0, 1], "gamma": 0.5}},
        {"solver": "discounted-returns", "inputs": {"rewards": [], "gamma": 0.5}},
        {"solver": "nothing", "inputs": {}},
        {"inputs": {}},
    ]
    ran = cli("solve", stdin="\n".join([*map(json.dumps, requests), "", "no json"]))
    answers = [json.loads(line) for line in ran.out.splitlines()]
    assert ran.status == 0
    assert answers[0] == {"result": {"returns": [0.25, 0.5, 1.0]}}
    assert [set(answer) for answer in answers[1:]] == [{"error"}] * 4


def test_solve_repeats_no_name_that_could_command_a_terminal(cli) -> None:  # type: ignore[no-untyped-def]
    lines = (
        '{"solver": "\\ud800\\u001b[2J", "inputs": {}}',
        '{"solver": "gae", "inputs": {"\\udfff\\u009b": 1}}',
        json.dumps({"solver": "gae", "inputs": {"z" * 5000: 1}}),
    )
    ran = cli("solve", stdin="\n".join(lines))
    errors = [json.loads(line)["error"] for line in ran.out.splitlines()]
    assert (ran.status, len(errors)) == (0, 3)
    assert all(error.isprintable() and len(error) < 300 for error in errors)
    for line in lines[1:]:
        ran = cli("solve", "gae", stdin=json.dumps(json.loads(line)["inputs"]))
        assert (ran.status, ran.err.rstrip("\n").isprintable()) == (2, True)


def test_grade_says_right_wrong_and_why(cli) -> None:  # type: ignore[no-untyped-def]
    drill = json.loads(cli("drill", "dpo-loss", "--seed", "9", "--format", "jsonl", "--answers").out)
    right = cli("grade", "dpo-loss@9", f"{drill['answer']:.3g}", "--format", "json")
    assert (right.status, json.loads(right.out)["verdict"]) == (0, "right")
    for mistake in drill["mistakes"]:
        ran = cli("grade", "dpo-loss@9", f"{mistake['answer']:.4g}", "--format", "json")
        verdict = json.loads(ran.out)
        assert (ran.status, verdict["verdict"], verdict["mistake"]) == (1, "wrong", mistake["name"])
        assert verdict["says"] == mistake["says"]
        assert verdict["expected"] == drill["answer"]
    assert cli("grade", "dpo-loss@9", "-7").status == 1


def test_an_unreadable_answer_has_no_verdict(cli) -> None:  # type: ignore[no-untyped-def]
    refused(cli("grade", "gae@1", "9**9**9**9"))
    refused(cli("grade", "gae@1", "("))
    refused(cli("grade", "gae@1", ""))
    refused(cli("grade", "gae@1", "1"), "numbers are asked for")
    ran = cli("grade", "gae@1", "__import__('os').system('x')", "--format", "json")
    verdict = json.loads(ran.out)
    assert (ran.status, verdict["verdict"], verdict["expected"]) == (2, "unreadable", None)
    assert verdict["says"] in ran.err


def test_decks_list_and_lint(cli, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    rows = json.loads(cli("decks", "list", "--format", "json").out)
    assert {row["topic"] for row in rows} >= {"ppo", "grpo", "dpo"}
    assert not re.search(r"\b0 (cards|drills|derivations)", cli("decks", "list").out)
    deck = tmp_path / "mine.md"
    deck.write_text("# Mine\ntopic: mine\n\n## a-card\n\nQ?\n\n---\n\nA.\n")
    assert cli("decks", "lint", str(deck)).status == 0
    deck.write_text("# Mine\ntopic: mine\n\n## a-card\n\nQ?\n")
    ran = cli("decks", "lint", str(deck))
    assert ran.status == 1
    assert ran.out.startswith(f"{deck}:4: ")


def test_own_decks_are_loaded_and_broken_ones_reported(cli, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    own = tmp_path / "home" / "decks"
    own.mkdir(parents=True)
    (own / "good.md").write_text("# Good\ntopic: good\n\n## good-card\n\nQ?\n\n---\n\nA.\n")
    (own / "bad.md").write_text("nothing")
    ran = cli("decks", "list")
    assert "Good: 1 card (" in ran.out
    assert f"{own / 'bad.md'}:1: a deck begins with its title" in ran.err


def test_verify_finds_a_planted_falsehood(cli, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    own = tmp_path / "home" / "decks"
    own.mkdir(parents=True)
    check = 'check: discounted-returns {"rewards": [1, 1], "gamma": 0.5} = {"returns": [1.6, 1]}'
    (own / "false.md").write_text(f"# False\ntopic: false\n\n## false-card\n{check}\n\nQ?\n\n---\n\nA.\n")
    ran = cli("verify", "--deck", "False", "--format", "json")
    (failed,) = json.loads(ran.out)["failed"]
    assert (ran.status, failed["item"], failed["line"]) == (1, "false-card", 5)
    assert cli("verify", "--deck", "grpo.md").status == 0


def test_stats_agree_with_the_log(cli) -> None:  # type: ignore[no-untyped-def]
    assert json.loads(cli("stats", "--format", "json").out)["reviews"] == 0
    cli("review", "--plain", "--limit", "3", stdin="\n3\n\n1\n\n2\n")
    stats = json.loads(cli("stats", "--format", "json").out)
    assert (stats["reviews"], stats["seen"], stats["grades"]["good"], stats["grades"]["again"]) == (3, 3, 1, 1)
    assert "3 answers" in cli("stats").out


def test_counts_are_written_alike() -> None:
    topics = {"mdp": TopicStatistics(10_152, 1_008, 9_144, 1_001, 0, 2_000, None)}
    grades = {"again": 1_002, "good": 3_004}
    stats = Statistics(
        day=1, reviews=4_006, reviews_today=1_007, grades=grades, seconds=0, seconds_today=0, retention=None, streak=0,
        items=10_152, seen=1_008, new=9_144, due=1_001, suspended=1_003, flagged=1_005,
        mistakes={"sample-std": 1_009}, hardest=[], topics=topics,
    )  # fmt: skip
    text = "\n".join(lines(stats))
    assert set(re.findall(r"\d{4,}", text)) == set()
    for number in ("10,152", "9,144", "1,001", "1,002", "1,003", "1,005", "1,007", "1,008", "1,009", "3,004", "4,006"):
        assert number in text


def test_a_damaged_log_is_one_sentence(cli, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    home = tmp_path / "home"
    home.mkdir()
    (home / "studyapp.db").write_bytes(b"not a database at all, but long enough to be read as one" * 20)
    for command in (["stats"], ["review", "--plain"]):
        refused(cli(*command, stdin=""), "studyapp.db")


def test_the_app_needs_a_terminal(cli) -> None:  # type: ignore[no-untyped-def]
    refused(cli(), "review --plain")


def test_a_closed_pipe_is_no_error(tmp_path: Path) -> None:
    run = subprocess.run(
        f"{sys.executable} -m studyapp solve --list | head -1",
        shell=True,
        capture_output=True,
        text=True,
        env={**os.environ, "STUDYAPP_HOME": str(tmp_path)},
        check=True,
    )
    assert run.stderr == ""
    assert run.stdout.count("\n") == 1


def in_bash(command: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of bash in which `$studyapp` is the program."""
    run = {"studyapp": f"{sys.executable} -m studyapp", "STUDYAPP_HOME": str(home)}
    return subprocess.run(["bash", "-c", command], capture_output=True, text=True, env={**os.environ, **run})


def test_a_reader_that_leaves_early_is_no_failure(tmp_path: Path) -> None:
    ran = in_bash("set -o pipefail; $studyapp drill -n 3000 --seed 1 --format jsonl | head -1", tmp_path)
    assert (ran.returncode, ran.stdout.count("\n"), ran.stderr) == (0, 1, "")


def test_closed_streams_are_no_traceback(tmp_path: Path) -> None:
    assert in_bash("$studyapp where >&-", tmp_path).returncode == 0
    assert in_bash("$studyapp solve <&-", tmp_path).stderr == ""
    assert in_bash("$studyapp nothing 2>&-", tmp_path).returncode == 2


@pytest.mark.parametrize("module", ["studyapp.command_line", "db.store", "studyapp.commands.where"])
def test_ctrl_c_while_something_is_imported_is_130(module: str, tmp_path: Path) -> None:
    """The signal comes at the moment when the module is looked for."""
    code = f"""
import signal, sys
class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}: signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Interrupt())
from studyapp.main import main
main(["where"])
"""
    environment = {**os.environ, "STUDYAPP_HOME": str(tmp_path)}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, "", "\n")


def test_the_place_of_the_data_is_said_in_full(cli, tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("STUDYAPP_HOME", "here")
    monkeypatch.chdir(tmp_path)
    assert cli("where").out.strip() == str(tmp_path / "here")


def test_where_and_version(cli, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert cli("where").out.strip() == str(tmp_path / "home")
    assert cli("--version").out.startswith("studyapp ")
    assert not (tmp_path / "home").exists()
