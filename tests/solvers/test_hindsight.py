"""Hindsight relabelling against a loop in plain Python, and the edge of its tolerance."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.catalogue import solve

point = st.lists(st.integers(-2, 2).map(float), min_size=2, max_size=2)


@settings(max_examples=60, deadline=None)
@given(st.lists(point, min_size=2, max_size=7), point, st.data())
def test_every_transition_gets_what_another_achieved(
    achieved: list[list[float]], desired: list[float], data: st.DataObject
) -> None:
    steps = len(achieved) - 1
    chosen = data.draw(st.lists(st.integers(0, steps - 1), min_size=steps, max_size=steps))
    tolerance = data.draw(st.sampled_from([0, 0.5, 1, 1.5, 5]))
    got = solve("her", {"achieved_goals": achieved, "desired_goal": desired, "chosen": chosen, "tolerance": tolerance})
    goals = [achieved[c + 1] for c in chosen]
    assert got["goals"] == goals
    for name, wanted in (("original_rewards", [desired] * steps), ("rewards", goals)):
        reached = [math.dist(a, g) <= tolerance for a, g in zip(achieved[1:], wanted, strict=True)]
        assert got[name] == [0 if r else -1 for r in reached]
        assert not any(math.copysign(1, r) < 0 for r in got[name] if r == 0)


def test_a_transition_relabelled_with_its_own_outcome_succeeds_and_distance_is_euclidean() -> None:
    path = [[0, 0], [3, 4], [6, 8]]
    got = solve("her", {"achieved_goals": path, "desired_goal": [0, 0], "chosen": [0, 1], "tolerance": 5})
    assert got["original_rewards"] == [0, -1]  # 5 away is within 5; 10 away is not
    assert got["rewards"] == [0, 0]


GOOD = {"achieved_goals": [[0], [1], [2]], "desired_goal": [2], "chosen": [1, 1], "tolerance": 0.1}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"chosen": [0, 2]}, "chosen must hold whole numbers from 0 to 1"),
        ({"chosen": [0]}, "chosen has size 1"),
        ({"desired_goal": [2, 2]}, "desired_goal has size 2"),
        ({"achieved_goals": [[0]], "chosen": []}, "achieved_goals is too short"),
        ({"achieved_goals": [[0], [1, 2], [3]]}, "achieved_goals is ragged"),
        ({"tolerance": -1}, "tolerance must be at least 0"),
    ],
)
def test_senseless_input_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        solve("her", {**GOOD, **change})
