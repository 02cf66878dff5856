"""Study days by the calendar: worked out by hand from the zones' published changes of clock."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db import days


def day(at: str, zone: str, rollover_hour: int = 4) -> date:
    return date.fromordinal(days.study_day(datetime.fromisoformat(at), zone, rollover_hour))


@pytest.mark.parametrize(
    ("at", "zone", "expected"),
    [
        # 4 am in Berlin is 3 am UTC in winter and 2 am in summer; the clocks change on 29 March and 25 October 2026.
        ("2026-03-28T02:59:59+00:00", "Europe/Berlin", date(2026, 3, 27)),
        ("2026-03-28T03:00:00+00:00", "Europe/Berlin", date(2026, 3, 28)),
        ("2026-03-29T01:59:59+00:00", "Europe/Berlin", date(2026, 3, 28)),
        ("2026-03-29T02:00:00+00:00", "Europe/Berlin", date(2026, 3, 29)),
        ("2026-10-25T02:59:59+00:00", "Europe/Berlin", date(2026, 10, 24)),
        ("2026-10-25T03:00:00+00:00", "Europe/Berlin", date(2026, 10, 25)),
        # New York, 8 March and 1 November 2026.
        ("2026-03-08T07:59:59+00:00", "America/New_York", date(2026, 3, 7)),
        ("2026-03-08T08:00:00+00:00", "America/New_York", date(2026, 3, 8)),
        ("2026-11-01T08:59:59+00:00", "America/New_York", date(2026, 10, 31)),
        ("2026-11-01T09:00:00+00:00", "America/New_York", date(2026, 11, 1)),
        # Half-hour zones, the date line, and a moment that is not given in UTC.
        ("2026-06-01T22:29:59+00:00", "Asia/Kolkata", date(2026, 6, 1)),
        ("2026-06-01T22:30:00+00:00", "Asia/Kolkata", date(2026, 6, 2)),
        ("2026-06-01T13:59:59+00:00", "Pacific/Kiritimati", date(2026, 6, 1)),
        ("2026-06-01T14:00:00+00:00", "Pacific/Kiritimati", date(2026, 6, 2)),
        ("2026-06-01T05:30:00+02:00", "UTC", date(2026, 5, 31)),
        ("2026-02-28T23:00:00+00:00", "UTC", date(2026, 2, 28)),
    ],
)
def test_the_day_begins_at_four_by_the_learners_clock(at: str, zone: str, expected: date) -> None:
    assert day(at, zone) == expected


def test_every_study_day_of_a_year_in_berlin_has_23_to_25_hours_and_follows_the_last() -> None:
    hours: dict[date, int] = {}
    moment = datetime(2026, 1, 1, 3, tzinfo=UTC)  # 4 am
    while moment < datetime(2027, 1, 1, 3, tzinfo=UTC):
        hours[day(moment.isoformat(), "Europe/Berlin")] = hours.get(day(moment.isoformat(), "Europe/Berlin"), 0) + 1
        moment += timedelta(hours=1)
    assert list(hours) == [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert {d: n for d, n in hours.items() if n != 24} == {date(2026, 3, 28): 23, date(2026, 10, 24): 25}


def test_the_rollover_hour_is_the_learners_choice() -> None:
    assert day("2026-06-01T00:00:00+00:00", "UTC", 0) == date(2026, 6, 1)
    assert day("2026-06-01T05:59:59+00:00", "UTC", 6) == date(2026, 5, 31)


def test_a_flight_eastwards_and_back_changes_the_day_by_the_date_line_only() -> None:
    moment = "2026-06-01T20:00:00+00:00"
    assert day(moment, "America/Los_Angeles") == date(2026, 6, 1)  # one in the afternoon
    assert day(moment, "Asia/Tokyo") == date(2026, 6, 2)  # five in the morning of the next day


@given(
    at=st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
def test_twenty_six_hours_later_is_another_day_and_never_the_third(at: datetime, zone: str) -> None:
    # 25 to 27 hours by the wall clock, since none of these zones moves its clocks by more than one hour.
    assert days.study_day(at + timedelta(hours=26), zone) - days.study_day(at, zone) in (1, 2)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        days.study_day(datetime(2026, 1, 1), "UTC")


@pytest.mark.parametrize(
    "found", [None, "Mars/Olympus", "../../etc/passwd", "", LookupError(), ValueError(), OSError()]
)
def test_a_machine_without_a_usable_zone_counts_in_utc(monkeypatch: pytest.MonkeyPatch, found: object) -> None:
    def get_localzone_name() -> object:
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(days.tzlocal, "get_localzone_name", get_localzone_name)
    assert days.local_zone() == "UTC"


def test_the_machines_zone_is_used_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(days.tzlocal, "get_localzone_name", lambda: "Asia/Tokyo")
    assert days.local_zone() == "Asia/Tokyo"
