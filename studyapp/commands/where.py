"""`studyapp where`: where the learner's data lies."""

from __future__ import annotations

import click

from studyapp import places
from studyapp.commands.shared import echo_json


@click.command("where", epilog="Example: studyapp where --format json")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def command(form: str) -> None:
    """Where the review log and your own decks lie; set STUDYAPP_HOME to move them."""
    found = {"home": str(places.home()), "log": str(places.log_file()), "decks": str(places.own_decks())}
    if form == "json":
        echo_json(found)
    else:
        click.echo(found["home"])
