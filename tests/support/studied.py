"""A log in which somebody has studied for some weeks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from standins import HandClock

from decks.items import Drill

if TYPE_CHECKING:
    from db.log import Log


def learn(library: Any, log: Log, clock: HandClock, days: int) -> None:
    """Some weeks of study without chance: amounts, items, grades and times all told by counting."""
    items = list(library.items.values())
    clock.next_day(-days)
    count = 0
    for day in range(days):
        for n in range((2, 6, 0, 4, 1, 8, 3, 0, 5)[day % 9]):
            item, grade = items[(day * 2 + n * 5) % len(items)], (3, 3, 4, 1, 3, 2, 3, 3, 4, 3, 1)[count % 11]
            wrong = {"typed": "5", "verdict": "wrong", "mistake": "tenfold", "seed": "1"}
            more = wrong if isinstance(item, Drill) and grade == 1 else {}
            when = clock.now(), clock.zone, clock.today()
            log.review(item.id, grade, clock.today() + grade, 10_000 + 1_000 * (count % 50), *when, **more)
            count += 1
        clock.next_day()
    log.flag(items[1].id, "is this [b]bold[/b]?", clock.now() - timedelta(days=3), clock.zone, clock.today() - 3)
