"""What several commands need: the learner's log and decks with errors as sentences, drills by name, JSON out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from db.log import Log
from db.store import LogError
from studyapp.learner import open_library, open_log, read_library
from studyapp.unknown import unknown

if TYPE_CHECKING:  # the app opens before the decks are read
    from decks.items import Drill
    from decks.library import Library


def learner() -> tuple[Library, Log]:
    """The decks and the log; a log that cannot be opened is a usage error."""
    try:
        log = open_log()
        return open_library(log), log
    except LogError as error:
        raise click.ClickException(str(error)) from error


def library() -> Library:
    """The decks alone, for commands that need no log."""
    return read_library()


def find_drill(decks: Library, name: str) -> Drill:
    """The drill of that name, or a usage error with the nearest one."""
    drills = decks.drills
    if name not in drills:
        raise click.ClickException(unknown("drill", name, drills, "`studyapp drill --list` names them all."))
    return drills[name]


def check_topic(decks: Library, topic: str | None) -> None:
    """A topic that no deck has is a usage error with the nearest one."""
    if topic is not None and topic not in decks.topics:
        raise click.ClickException(unknown("topic", topic, decks.topics, f"the topics are {', '.join(decks.topics)}."))


def echo_json(value: Any) -> None:
    """One JSON document on one line, floats in full; what is no character, as half a surrogate pair, as an escape."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if not text.isascii():
        text = "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)
    click.echo(text)


def printable(text: str, longest: int = 300) -> str:
    """`text` on one line of any terminal, in which nothing commands it."""
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text[: longest + 1])
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"
