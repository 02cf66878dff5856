"""A small library with its log in a temporary folder, and a clock with hands."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from standins import AtOnce, HandClock, open_log, write_decks

from decks.library import load_library


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
