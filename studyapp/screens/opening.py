"""Opening a derivation from a list or a session: what its screen needs is imported and read in a thread."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from studyapp.begun import kept

if TYPE_CHECKING:
    from textual.screen import Screen

    from decks.items import Derivation
    from studyapp.app import StudyApp
    from studyapp.deriving import DerivationSitting
    from studyapp.session import Session


async def open_derivation(screen: Screen[Any], derivation: Derivation, session: Session | None = None) -> None:
    """Show a derivation over `screen`, if that is still in front when it has been read; `session`: which asks it."""
    app: StudyApp = screen.app  # type: ignore[assignment]
    sitting = await asyncio.to_thread(sit_down, app, derivation, kept(app.log_file, derivation.id))
    from studyapp.derivation_keeper import Keeper, SessionKeeper
    from studyapp.screens.derive import DeriveScreen

    if screen.is_current:
        keeper = Keeper(sitting, app.log_file) if session is None else SessionKeeper(sitting, session)
        app.push_screen(DeriveScreen(keeper))


def sit_down(app: StudyApp, derivation: Derivation, left: dict[str, Any] | None) -> DerivationSitting:
    """The sitting of a derivation, as it was left or new, with all that its screen shows first. For a thread."""
    from studyapp.deriving import DerivationSitting
    from studyapp.screens.derive import prepare

    sitting = DerivationSitting.taken_up(derivation, app.sitting.solver, app.clock, left)
    prepare(sitting)
    return sitting
