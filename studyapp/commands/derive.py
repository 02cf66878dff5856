"""`studyapp derive`: derivations, step by step; `--check` gives the same verdicts in a pipe."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from decks.items import Derivation
from decks.library import Library
from studyapp.commands.shared import echo_json, learner, library, printable
from studyapp.unknown import unknown

if TYPE_CHECKING:
    from solvers.symbolic.steps import StepVerdict

MAX_BYTES, MAX_LINES = 200_000, 300
NAMING = "# derivation:"


@click.command("derive", epilog="Example: echo '1[a = k] - pi(k)' | studyapp derive derive-softmax-score --check -")
@click.argument("name", required=False)
@click.option("--plain", is_flag=True, help="In lines: for screen readers, dumb terminals and pipes.")
@click.option("--check", "check", metavar="FILE", help="The verdict on each line of FILE; - is stdin.")
@click.option("--list", "listing", is_flag=True, help="Name all derivations.")
@click.option("--format", "form", type=click.Choice(["text", "json", "jsonl"]), default="text")
def command(name: str | None, plain: bool, check: str | None, listing: bool, form: str) -> None:
    """Derive something line by line; every line is checked against the one before it.

    A line is an expression, and behind it `# rule: …` where a step applies a rule: differentiate by theta_k,
    expectation under pi, substitute x = …, maximise over pi subject to sum pi = 1.
    """
    if listing:
        _list(library())
    elif check is not None:
        _check(name, check, form)
    else:
        _derive(name)


def _list(decks: Library) -> None:
    from studyapp.browsing import one_line

    wide = max((len(name) for name in decks.derivations), default=0)
    for name, derivation in decks.derivations.items():
        task = one_line(derivation)
        click.echo(f"{name:<{wide}}  {derivation.topic}: {task if len(task) <= 90 else task[:89] + '…'}")


def _find(decks: Library, name: str | None) -> Derivation:
    if name is None:
        raise click.ClickException(
            "Name a derivation, such as derive-softmax-score; `studyapp derive --list` names them."
        )
    for wanted in (name, f"derive-{name}"):
        if wanted in decks.derivations:
            return decks.derivations[wanted]
    names = decks.derivations
    shown = printable(name, 60)
    raise click.ClickException(unknown("derivation", shown, names, "`studyapp derive --list` names them all."))


def _derive(name: str | None) -> None:
    from db.store import LogError
    from solvers.symbolic.prover import PROVER
    from studyapp.begun import kept
    from studyapp.derivation_keeper import Keeper
    from studyapp.deriving import AtOnce, DerivationSitting
    from studyapp.plain_derivation import PlainDerivation
    from studyapp.settings import clock_of

    decks, log = learner()
    derivation = _find(decks, name)
    PROVER.start()
    try:
        left = kept(log, derivation.id)
        sitting = DerivationSitting.taken_up(derivation, AtOnce(), clock_of(log), left)
        PlainDerivation(Keeper(sitting, log)).run()
    except LogError as error:
        raise click.ClickException(str(error)) from error
    finally:
        PROVER.stop()
        log.close()


def _check(name: str | None, file: str, form: str) -> None:
    """Print a verdict a line: exit status 0 all accepted, 1 some refused or undecided, 2 some not understood."""
    from decks.derivation_checks import chain_of
    from solvers.symbolic.prover import PROVER
    from solvers.symbolic.steps import ACCEPTED, UNREADABLE

    numbered = _lines(file)
    named = next((line[len(NAMING) :].strip() for _, line in numbered if line.startswith(NAMING)), None)
    derivation = _find(library(), name or named)
    numbered = [(number, line) for number, line in numbered if line and not line.startswith("#")]
    if not numbered:
        raise click.ClickException("There is no line to check; write one step a line: expression  # rule: NAME.")
    PROVER.start()
    chain = chain_of(derivation)
    rows: list[dict[str, Any]] = []
    unread: str | None = None
    try:
        for number, line in numbered:
            verdict = chain.check(line)
            chain = chain.and_then(verdict)
            rows.append(_row(number, line, verdict))
            if verdict.verdict == UNREADABLE and unread is None:
                unread = f"Line {number}: {verdict.says}"
            if form == "jsonl":
                echo_json(rows[-1])
            elif form == "text":
                badge = f" ({verdict.badge})" if verdict.badge else ""
                click.echo(f"{number}: {verdict.verdict}{badge}: {printable(line)}")
                click.echo(f"   {verdict.says}")
    finally:
        PROVER.stop()
    if form == "json":
        echo_json({"derivation": derivation.id, "lines": rows, "goal_reached": chain.is_done})
    elif form == "text" and not chain.is_done:
        click.echo(f"The goal is not reached: {derivation.goal}")
    if unread is not None:
        raise click.ClickException(unread)
    sys.exit(0 if all(row["verdict"] == ACCEPTED for row in rows) else 1)


def _lines(file: str) -> list[tuple[int, str]]:
    """The lines of FILE with their numbers."""
    try:
        if file == "-":
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with open(file, "rb") as opened:
                data = opened.read(MAX_BYTES + 1)
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise click.ClickException(
            f"{printable(file, 80)} cannot be read ({error.strerror}); name a file of lines, or - ."
        ) from None
    except UnicodeDecodeError as error:
        source = "the standard input" if file == "-" else printable(file, 80)
        raise click.ClickException(f"Byte {error.start + 1} of {source} is not UTF-8; save it as UTF-8 text.") from None
    except ValueError:
        raise click.ClickException("The name of the file cannot be understood; name a file of lines, or - .") from None
    lines = [(number, line.strip()) for number, line in enumerate(text.split("\n"), 1)]
    if len(data) > MAX_BYTES or sum(bool(line) for _, line in lines) > MAX_LINES:
        raise click.ClickException(f"There are more than {MAX_LINES} lines; check a derivation in several parts.")
    return lines


def _row(number: int, line: str, verdict: StepVerdict) -> dict[str, Any]:
    witness = verdict.witness
    return {
        "line": number,
        "typed": line.encode("utf-8", "replace").decode(),
        "verdict": verdict.verdict,
        "says": verdict.says,
        "badge": verdict.badge,
        "proved": verdict.badge == "proved",
        "rule": verdict.rule,
        "advice": verdict.advice or None,
        "place": verdict.place,
        "witness": None
        if witness is None
        else {"symbols": witness.symbols, "before": witness.a, "line": witness.b, "difference": witness.difference},
        "reaches_goal": verdict.reaches_goal,
    }
