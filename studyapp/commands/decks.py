"""`studyapp decks`: what decks there are, what is wrong with one, and the learner's own: added and removed."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from decks.items import Card, Deck, Problem
from studyapp.commands.shared import echo_json, library
from studyapp.words import count


@click.group("decks", no_args_is_help=False, epilog="Example: studyapp decks lint my-deck.md")
def command() -> None:
    """List, check, add and remove decks. Your own lie in the folder that `studyapp where` names."""


@command.command("list", short_help="Name all decks.", epilog="Example: studyapp decks list --format json")
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
        click.echo(f"{row['topic']:<{wide}}  {row['title']}: {', '.join(_counts(row))} ({row['path']})")
    for problem in decks.problems:
        click.echo(str(problem), err=True)


def _row(deck: Deck) -> dict[str, str | int]:
    cards = sum(isinstance(item, Card) for item in deck.items)
    return {
        "topic": deck.topic or Path(deck.path).stem,
        "title": deck.title,
        "cards": cards,
        "drills": len(deck.items) - cards,
        "derivations": len(deck.derivations),
        "problems": len(deck.problems),
        "path": deck.path,
    }


def _counts(row: dict[str, str | int]) -> list[str]:
    """What there is in a deck; an empty one has no cards."""
    kinds = [kind for kind in ("cards", "drills", "derivations") if row[kind]] or ["cards"]
    return [count(int(row[kind]), kind[:-1]) for kind in kinds]


@command.command(
    "lint", short_help="Check a deck, or all in a folder.", epilog="Example: studyapp decks lint my-deck.md"
)
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def lint(path: Path, form: str) -> None:
    """Check a deck, or all in a folder: exit status 1 if something is wrong."""
    from studyapp.deck_check import check_deck

    files = sorted(path.glob("*.md")) if path.is_dir() else [path]
    if not files:
        raise click.ClickException(f"There is no deck in {path}: a deck is a file whose name ends in .md.")
    items, problems = 0, list[Problem]()
    for file in files:
        deck = check_deck(file)
        items += len(deck.items) + len(deck.derivations)
        problems += deck.problems
    if form == "json":
        found = [{"path": p.path, "line": p.line, "message": p.message} for p in problems]
        echo_json({"decks": len(files), "items": items, "problems": found})
    else:
        for problem in problems:
            click.echo(str(problem))
        if not problems:
            where = f" in {len(files)} decks" if len(files) > 1 else ""
            click.echo(f"{count(items, 'item')}{where}, nothing to mend.")
    sys.exit(1 if problems else 0)


@command.command(
    "add", short_help="Check a deck and copy it to your own.", epilog="Example: studyapp decks add my-deck.md"
)
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Put it in the place of your deck of the same file name.")
def add(path: Path, replace: bool) -> None:
    """Check a deck and copy it to your own; what you edit then is the copy."""
    from studyapp.own_decks import DeckError
    from studyapp.own_decks import add as add_deck

    try:
        deck = add_deck(path, library(), replace=replace)
    except DeckError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{deck.title}: {', '.join(_counts(_row(deck)))} added.")


@command.command(
    "remove", short_help="Take one of your own out of use.", epilog="Example: studyapp decks remove my-deck"
)
@click.argument("name")
def remove(name: str) -> None:
    """Take one of your own decks out of use; its file is kept, and so is what you know of it."""
    from studyapp.own_decks import DeckError
    from studyapp.own_decks import remove as remove_deck

    try:
        kept = remove_deck(name, library())
    except DeckError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Removed; the file is {kept}.")
