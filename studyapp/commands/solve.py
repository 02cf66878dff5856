"""`studyapp solve`: any solver on your own numbers, one call or a line of JSON each."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from solvers.catalogue import SOLVERS, UnknownSolver, solve
from studyapp.commands.shared import echo_json, printable

LONGEST = 600  # characters of a sentence


@click.command("solve", epilog="""Example: echo '{"rewards": [[1, 0, 0, 1]]}' | studyapp solve grpo-advantages""")
@click.argument("name", required=False)
@click.option("--list", "listing", is_flag=True, help="Name all solvers.")
def command(name: str | None, listing: bool) -> None:
    """JSON on stdin, JSON on stdout. Without NAME: a line `{"solver": NAME, "inputs": {…}}` each, answered in turn."""
    if listing:
        wide = max(len(solver) for solver in SOLVERS)
        for solver, (_, description) in SOLVERS.items():
            click.echo(f"{solver:<{wide}}  {description}")
    elif name is None:
        for line in sys.stdin:
            if line.strip():
                echo_json(_answer(line))
                sys.stdout.flush()
    else:
        try:
            if name not in SOLVERS:
                solve(name, {})  # says what is near before anything is read
            echo_json(solve(name, _object(sys.stdin.read())))
        except ValueError as error:
            raise click.ClickException(printable(str(error), LONGEST)) from error


def _answer(line: str) -> dict[str, Any]:
    try:
        request = _object(line)
        name, inputs = request.get("solver"), request.get("inputs")
        if not isinstance(name, str) or not isinstance(inputs, dict):
            raise ValueError('Each line is an object such as {"solver": "gae", "inputs": {…}}.')
        return {"result": solve(name, inputs)}
    except (ValueError, UnknownSolver) as error:
        return {"error": printable(str(error), LONGEST)}


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("The JSON is nested too deeply.") from None
    except ValueError as error:
        raise ValueError(f"The input is not JSON ({error}); give one object of inputs.") from None
    if not isinstance(value, dict):
        raise ValueError('The input must be one JSON object, such as {"rewards": [1, 0], "gamma": 1}.')
    return value
