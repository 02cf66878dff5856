"""`o` on an item: a deck of one's own is edited in place, a shipped one is shown as a copy."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import pytest
from standins import AtOnce, HandClock, open_log

from decks.items import Item
from decks.library import load_library
from studyapp.app import StudyApp
from studyapp.editor import item_file, open_in_editor
from studyapp.screens.session import SessionScreen

LIBRARY = load_library()
CARD = next(iter(LIBRARY.cards.values()))
DERIVATION = next(iter(LIBRARY.derivations.values()))
DECK = "# Mine\ntopic: mine\n\n## own-card\nsource: a book\n\nOld question?\n\n---\n\nYes.\n"


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An editor that writes down what it was given, copies the file and then writes into it."""
    script = tmp_path / "vi"
    note, copy = f'echo "$1 $2" > {tmp_path}/given', f'cp "$2" {tmp_path}/text'
    script.write_text(f'#!/bin/sh\n{note}\n{copy}\necho more >> "$2"\nexit 0\n')
    script.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(script))
    monkeypatch.setenv("STUDYAPP_HOME", str(tmp_path / "home"))
    return script


@pytest.mark.parametrize("item", [CARD, DERIVATION])
def test_a_shipped_deck_is_shown_as_a_copy_at_its_line(item: Item, editor: Path, tmp_path: Path) -> None:
    path = item_file(item)
    before = path.read_bytes()
    for _ in range(2):
        told = open_in_editor(item)
        assert f"{path.name} is a shipped deck" in told
        assert "a on home adds a card of your own" in told
        line, given = (tmp_path / "given").read_text().split()
        assert line == f"+{item.line}"
        assert Path(given).is_relative_to(tmp_path / "home")
        assert Path(given).name == path.name  # editors colour by it
        assert not Path(given).stat().st_mode & 0o222
        assert (tmp_path / "text").read_bytes() == before
    assert path.read_bytes() == before


async def test_a_deck_of_ones_own_is_edited_and_shows_its_new_text(
    tmp_path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDYAPP_HOME", str(tmp_path))
    deck = tmp_path / "decks" / "mine.md"
    deck.parent.mkdir()
    deck.write_text(DECK)
    script = tmp_path / "vi"
    script.write_text(f'#!/bin/sh\necho "$1 $2" > {tmp_path}/given\nsed -i "s/Old/New/" "$2"\n')
    script.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(script))
    monkeypatch.setattr(StudyApp, "suspend", lambda self: contextlib.nullcontext())
    library = load_library(deck.parent, shipped=tmp_path / "none")
    app = StudyApp(library, open_log(tmp_path, library), clock, AtOnce())  # type: ignore[arg-type]
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "o")
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, SessionScreen)
        assert screen.page.text("question") == "New question?"
        assert (tmp_path / "given").read_text().split() == ["+4", str(deck)]


def test_what_goes_wrong_is_said_with_the_place_of_the_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(item_file(CARD))
    monkeypatch.setenv("VISUAL", "no-such-editor")
    assert "no editor" in open_in_editor(CARD)
    assert path in open_in_editor(CARD)
    monkeypatch.setenv("VISUAL", shutil.which("false") or "false")
    assert "ended with status 1" in open_in_editor(CARD)
    monkeypatch.setenv("VISUAL", "'unclosed")
    assert "no editor" in open_in_editor(CARD)
