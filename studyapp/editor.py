"""Open an item's text in the learner's editor, at its line: a deck of one's own to edit, a shipped one to read."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

from decks.items import Item
from decks.library import SHIPPED
from studyapp import places

# editors that take `+LINE` before the file
TAKES_LINE = {"vi", "vim", "nvim", "nano", "emacs", "emacsclient", "micro", "kak", "joe", "ne", "mg", "vis"}


READ = "{} is a shipped deck, and an upgrade replaces it: this was a copy to read. a on home adds a card of your own."


def is_shipped(item: Item) -> bool:
    return not Path(item.path).is_absolute()


def item_file(item: Item) -> Path:
    """The file an item was read from; a shipped deck is named by its file, derivations with their folder."""
    path = Path(item.path)
    if not is_shipped(item):
        return path
    return (SHIPPED.parent if path.parent.name else SHIPPED) / path


def open_in_editor(item: Item) -> str:
    """Run $VISUAL or $EDITOR on the item's deck and wait for it.

    Nothing if the deck may have been edited; else what is to be told: what went wrong and what to do, or that a copy of
    a shipped deck was shown.
    """
    chosen = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    path = item_file(item)
    try:
        command = shlex.split(chosen)
    except ValueError:
        command = []
    if not command or shutil.which(command[0]) is None:
        return f"There is no editor {chosen!r}; set EDITOR to one that is installed. The text is {path}."
    line = [f"+{item.line}"] if Path(command[0]).name in TAKES_LINE else []
    try:
        shown = _copy_to_read(path) if is_shipped(item) else path
        finished = subprocess.run([*command, *line, str(shown)], check=False)
    except OSError as error:
        return f"{chosen} did not start ({error.strerror}); the text is {path}."
    if finished.returncode:
        return f"{chosen} ended with status {finished.returncode}; the text is {path}."
    return READ.format(path.name) if is_shipped(item) else ""


def _copy_to_read(path: Path) -> Path:
    """A copy in the learner's folder that editors know is not to be written; it stays for those that return at once."""
    copy = places.home() / "reading" / path.parent.name / path.name
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.unlink(missing_ok=True)
    shutil.copyfile(path, copy)
    copy.chmod(0o444)
    return copy
