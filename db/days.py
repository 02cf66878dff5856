"""Study days: which day of the learner's life a moment belongs to, and which zone the learner is in.

FSRS counts calendar days, so a day here is a date, never a period of 24 hours. It begins at the rollover hour of the
learner's own clock: a card answered at one in the morning still belongs to the evening before.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import tzlocal

ROLLOVER_HOUR = 4


def study_day(at: datetime, zone: str, rollover_hour: int = ROLLOVER_HOUR) -> int:
    """The study day (date ordinal) of the moment `at`, which must be aware, for a learner in the IANA zone `zone`.

    The rollover hour is taken off the time that the wall clock shows, so that a day begins at the same reading of the
    clock also when summer time has moved it.
    """
    if at.tzinfo is None:
        raise ValueError("a moment needs its time zone: use datetime.now(UTC)")
    wall_clock = at.astimezone(_zone_info(zone)).replace(tzinfo=None)
    return (wall_clock - timedelta(hours=rollover_hour)).toordinal()


def local_zone() -> str:
    """The IANA name of this machine's zone, or "UTC" where it has none that can be looked up."""
    try:
        name = tzlocal.get_localzone_name()
        _zone_info(name)
    except (LookupError, ValueError, OSError, TypeError):  # contradictory, unknown, unreadable or no settings
        return "UTC"
    return name


def _zone_info(name: str) -> tzinfo:
    # On a machine without a zone database even ZoneInfo("UTC") fails.
    return UTC if name == "UTC" else ZoneInfo(name)
