"""Opening a derivation from a list of items: what its screen needs is imported and read in a thread."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.screen import Screen

    from decks.items import Derivation
    from studyapp.app import StudyApp
    from studyapp.deriving import DerivationSitting


async def open_derivation(screen: Screen[Any], derivation: Derivation) -> None:
    """Show a derivation over `screen`, if that is still in front when it has been read."""
    app: StudyApp = screen.app  # type: ignore[assignment]
    sitting = await asyncio.to_thread(sit_down, app, derivation)
    from studyapp.screens.derive import DeriveScreen

    if screen.is_current:
        app.push_screen(DeriveScreen(sitting))


def sit_down(app: StudyApp, derivation: Derivation) -> DerivationSitting:
    """The sitting of a derivation, taken up again or new, with all that its screen shows first. For a thread."""
    from studyapp.deriving import DerivationSitting
    from studyapp.screens.derive import prepare

    sitting = app.sitting.derivations.get(derivation.id)
    if sitting is None or sitting.derivation != derivation:
        sitting = DerivationSitting(derivation, app.sitting.solver, app.clock)
    prepare(sitting)
    return sitting
