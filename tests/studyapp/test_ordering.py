"""The order of a session, against its definition by brute force."""

from __future__ import annotations

from itertools import pairwise, permutations

from hypothesis import given
from hypothesis import strategies as st

from studyapp.ordering import Candidate, arrange, keep_topics_apart, spread

candidates = st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), max_size=30).map(
    lambda rows: [Candidate(f"i{n}", topic, drill) for n, (topic, drill) in enumerate(rows)]
)


def meetings(order: list[Candidate]) -> int:
    return sum(one.topic == other.topic for one, other in pairwise(order))


@given(candidates)
def test_nothing_is_lost_or_doubled(items: list[Candidate]) -> None:
    assert sorted(c.item for c in keep_topics_apart(items)) == sorted(c.item for c in items)


@given(candidates)
def test_topics_meet_only_where_the_counts_force_them(items: list[Candidate]) -> None:
    counts = [sum(c.topic == topic for c in items) for topic in "abcd"]
    # n items of one topic need n - 1 others between them
    forced = max(0, 2 * max(counts) - len(items) - 1)
    assert meetings(keep_topics_apart(items)) == forced


@given(st.lists(st.sampled_from("abc"), max_size=7))
def test_no_order_has_fewer_meetings(topics: list[str]) -> None:
    items = [Candidate(f"i{n}", topic, False) for n, topic in enumerate(topics)]
    best = min(meetings(list(order)) for order in permutations(items))
    assert meetings(keep_topics_apart(items)) == best


def test_what_is_apart_already_stays_as_it_is() -> None:
    items = [Candidate(f"i{n}", "abc"[n % 3], False) for n in range(9)]
    assert keep_topics_apart(items) == items


@given(candidates, candidates)
def test_spread_keeps_both_orders(many: list[Candidate], few: list[Candidate]) -> None:
    few = [Candidate(f"f{c.item}", c.topic, c.is_drill) for c in few]
    merged = spread(many, few)
    assert [c for c in merged if c in many] == many
    assert [c for c in merged if c in few] == few


def test_spread_is_even() -> None:
    many = [Candidate(f"m{n}", "a", False) for n in range(9)]
    few = [Candidate(f"f{n}", "b", True) for n in range(3)]
    places = [n for n, c in enumerate(spread(many, few)) if c.is_drill]
    assert len(places) == 3
    assert all(3 <= later - sooner <= 5 for sooner, later in pairwise(places))


def test_drills_and_new_items_are_mixed_in() -> None:
    due = [Candidate(f"d{n}", f"t{n % 5}", n % 4 == 3) for n in range(20)]
    new = [Candidate(f"n{n}", f"t{n % 5}", False) for n in range(10)]
    order = arrange(due, new)
    halves = [order[:15], order[15:]]
    assert all(4 <= sum(c.item.startswith("n") for c in half) <= 6 for half in halves)
    assert all(2 <= sum(c.is_drill for c in half) <= 3 for half in halves)
    assert meetings(order) == 0
