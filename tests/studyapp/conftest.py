"""A small library with its log in a temporary folder, and a clock with hands."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from standins import AtOnce, HandClock, open_log, write_decks

from decks.library import load_library
from studyapp.app import StudyApp


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def make(tmp_path: Path) -> Any:
    """Build a library and a log: `make(cards=…, drills=…, topics=…)`."""

    def build(**sizes: int) -> SimpleNamespace:
        library = load_library(shipped=write_decks(tmp_path / "decks", **sizes))
        assert not library.problems
        return SimpleNamespace(library=library, log=open_log(tmp_path, library), solver=AtOnce(), home=tmp_path)

    return build


@pytest.fixture
def app(make: Any, clock: HandClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Build the app over such a library; what it writes has a folder of its own, and `place` is what it was made of."""
    monkeypatch.setenv("STUDYAPP_HOME", str(tmp_path / "home"))

    def build(**sizes: int) -> Any:
        place = make(**sizes)
        app = StudyApp(place.library, place.log, clock, place.solver)  # type: ignore[arg-type]
        app.place = place  # type: ignore[attr-defined]
        return app

    return build
