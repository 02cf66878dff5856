"""`studyapp decks`: what decks there are, and what is wrong with one."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from decks.items import Card, Deck, Problem
from studyapp.commands.shared import echo_json, library
from studyapp.words import count


@click.group("decks", no_args_is_help=False, epilog="Example: studyapp decks lint my-deck.md")
def command() -> None:
    """List and check decks. Your own lie in the folder that `studyapp where` names."""


@command.command("list", epilog="Example: studyapp decks list --format json")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def list_decks(form: str) -> None:
    """Name all decks."""
    decks = library()
    rows = [_row(deck) for deck in decks.decks]
    if form == "json":
        echo_json(rows)
        return
    wide = max((len(str(row["topic"])) for row in rows), default=0)
    for row in rows:
        click.echo(
            f"{row['topic']:<{wide}}  {row['title']}: "
            f"{count(int(row['cards']), 'card')}, {count(int(row['drills']), 'drill')} ({row['path']})"
        )
    for problem in decks.problems:
        click.echo(str(problem), err=True)


def _row(deck: Deck) -> dict[str, str | int]:
    cards = sum(isinstance(item, Card) for item in deck.items)
    return {
        "topic": deck.topic or Path(deck.path).stem,
        "title": deck.title,
        "cards": cards,
        "drills": len(deck.items) - cards,
        "problems": len(deck.problems),
        "path": deck.path,
    }


@command.command("lint", epilog="Example: studyapp decks lint my-deck.md")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def lint(path: Path, form: str) -> None:
    """Check a deck, or all in a folder: exit status 1 if something is wrong."""
    from decks.lint import lint_deck

    files = sorted(path.glob("*.md")) if path.is_dir() else [path]
    if not files:
        raise click.UsageError(f"There is no deck in {path}: a deck is a file whose name ends in .md.")
    items, problems = 0, list[Problem]()
    for file in files:
        deck = lint_deck(file)
        items += len(deck.items)
        problems += deck.problems
    if form == "json":
        found = [{"path": p.path, "line": p.line, "message": p.message} for p in problems]
        echo_json({"decks": len(files), "items": items, "problems": found})
    else:
        for problem in problems:
            click.echo(str(problem))
        if not problems:
            click.echo(
                f"{items} items in {len(files)} decks, nothing to mend."
                if len(files) > 1
                else f"{items} items, nothing to mend."
            )
    sys.exit(1 if problems else 0)
