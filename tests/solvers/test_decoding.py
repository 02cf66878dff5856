"""Beam search by sorting all there is, and votes by counting every outcome in fractions."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from fractions import Fraction
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.catalogue import solve
from solvers.decoding import beam_search, majority_vote, tallies
from solvers.token_models import TokenModel, all_sequences, sequence_log_probs

F = Fraction
F64 = torch.float64


def random_model(seed: int, vocabulary: int = 3) -> TokenModel:
    """In sixteenths, which float64 holds exactly; some of them 0."""
    cuts = torch.randint(17, (vocabulary + 1, vocabulary - 1), generator=torch.Generator().manual_seed(seed))
    edges = torch.cat([torch.zeros(vocabulary + 1, 1), cuts.sort(-1).values, torch.full((vocabulary + 1, 1), 16)], -1)
    table = edges.diff(dim=-1).to(F64) / 16
    return TokenModel(table[0], table[1:])


def as_json(model: TokenModel) -> dict[str, Any]:
    return {"initial": model.initial.tolist(), "following": model.following.tolist()}


def plain_beams(model: TokenModel, length: int, width: int) -> list[tuple[F, tuple[int, ...]]]:
    """In fractions, so that equal products are equal: (minus the probability, the tokens), smallest first."""
    beams: list[tuple[F, tuple[int, ...]]] = [(F(-1), ())]
    for _ in range(length):
        longer = []
        for p, tokens in beams:
            following = model.following[tokens[-1]] if tokens else model.initial
            longer += [(p * F(q), (*tokens, token)) for token, q in enumerate(following.tolist()) if q > 0]
        beams = sorted(longer)[:width]
    return beams


@pytest.mark.parametrize("width", [1, 2, 5])
@pytest.mark.parametrize("seed", range(5))
def test_beams_in_plain_python(seed: int, width: int) -> None:
    model = random_model(seed)
    got = solve("beam-search", {**as_json(model), "length": 5, "width": width})
    want = plain_beams(model, 5, width)
    assert got["sequences"] == [list(tokens) for _, tokens in want]
    assert got["log_probs"] == pytest.approx([math.log(-p) for p, _ in want])


@pytest.mark.parametrize("seed", range(5))
def test_a_wide_enough_beam_is_exhaustive(seed: int) -> None:
    model, length = random_model(seed), 4
    every = plain_beams(model, length, 3**length)
    got = beam_search(model, length, 3 ** (length - 1))
    assert got.sequences.tolist() == [list(tokens) for _, tokens in every[: 3 ** (length - 1)]]


def test_greed_misses_what_two_beams_find() -> None:
    model = {"initial": [0.6, 0.4], "following": [[0.5, 0.5], [0.1, 0.9]]}
    assert solve("beam-search", {**model, "length": 2, "width": 1})["sequences"] == [[0, 0]]  # a tie with [0, 1]
    two = solve("beam-search", {**model, "length": 2, "width": 2})
    assert two["sequences"] == [[1, 1], [0, 0]]
    assert two["log_probs"] == pytest.approx([math.log(0.36), math.log(0.3)])


def test_impossible_tokens_leave_the_beam_narrower_and_an_end_stays_an_end() -> None:
    model = {"initial": [0.5, 0.5, 0], "following": [[0, 0, 1], [0.5, 0.5, 0], [0, 0, 1]]}  # 2 ends
    got = solve("beam-search", {**model, "length": 3, "width": 9})
    assert got["sequences"] == [[0, 2, 2], [1, 0, 2], [1, 1, 0], [1, 1, 1]]
    assert got["log_probs"] == pytest.approx([math.log(p) for p in (0.5, 0.25, 0.125, 0.125)])


def test_a_verifier_decides_which_prefixes_live() -> None:
    """Guided by the number of 1s, the beam keeps what the model finds unlikely."""
    model = TokenModel(torch.tensor([0.9, 0.1], dtype=F64), torch.tensor([[0.9, 0.1], [0.9, 0.1]], dtype=F64))
    got = beam_search(model, 3, 2, verifier=lambda prefixes: prefixes.sum(-1))
    assert got.sequences.tolist() == [[1, 1, 1], [0, 1, 1]]  # the first of the three with two 1s
    assert got.log_probs.exp().tolist() == pytest.approx([0.001, 0.009])


@pytest.mark.parametrize(("options", "votes"), [(1, 3), (2, 1), (3, 4), (4, 2)])
def test_tallies_are_all_the_ways_votes_fall(options: int, votes: int) -> None:
    got = [tuple(row) for row in tallies(options, votes).tolist()]
    want = {tuple(Counter(v)[k] for k in range(options)) for v in itertools.product(range(options), repeat=votes)}
    assert len(got) == len(want)
    assert set(got) == want


def voted(probs: list[F], n: int) -> list[F]:
    shares = [F(0)] * len(probs)
    for votes in itertools.product(range(len(probs)), repeat=n):
        counts = Counter(votes)
        winners = [k for k, c in counts.items() if c == max(counts.values())]
        for k in winners:
            shares[k] += math.prod((probs[v] for v in votes), start=F(1)) / len(winners)
    return shares


@pytest.mark.parametrize("n", [1, 2, 3, 6])
@pytest.mark.parametrize("eighths", [[8], [3, 5], [4, 2, 2], [5, 0, 3], [1, 3, 2, 2]])
def test_the_majority_over_every_ballot(eighths: list[int], n: int) -> None:
    probs = [F(e, 8) for e in eighths]
    got = solve("majority-vote", {"probs": [float(p) for p in probs], "n": n})
    assert got["distribution"] == pytest.approx([float(p) for p in voted(probs, n)], abs=1e-12)


def test_condorcets_juries() -> None:
    """Three jurors, each right with 0.6, are right with 0.648 together; the larger the jury, the better."""
    assert solve("majority-vote", {"probs": [0.6, 0.4], "n": 3})["distribution"][0] == pytest.approx(0.648)
    juries = [float(majority_vote(torch.tensor([0.6, 0.4], dtype=F64), n)[0]) for n in (1, 3, 5, 11, 101, 2001)]
    assert juries == sorted(juries)
    assert juries[-1] == pytest.approx(1, abs=1e-9)
    # The upper half of a binomial, by exact sums.
    exact = sum(math.comb(101, k) * F(6, 10) ** k * F(4, 10) ** (101 - k) for k in range(51, 102))
    assert juries[4] == pytest.approx(float(exact), abs=1e-12)


def test_many_votes_find_the_mode_even_when_it_is_wrong() -> None:
    """Right with 0.4, yet always outvoted when a wrong answer has 0.45."""
    got = majority_vote(torch.tensor([0.4, 0.45, 0.15], dtype=F64), 500)
    assert got[1] > 0.85
    assert got[0] < 0.15


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=2, max_size=4), st.integers(1, 7), st.randoms())
def test_votes_add_up_and_follow_a_permutation_of_the_answers(weights: list[int], n: int, rng: Any) -> None:
    probs = [w / sum(weights) for w in weights]
    order = list(range(len(probs)))
    rng.shuffle(order)
    got = majority_vote(torch.tensor(probs, dtype=F64), n)
    assert float(got.sum()) == pytest.approx(1)
    permuted = majority_vote(torch.tensor([probs[i] for i in order], dtype=F64), n)
    assert permuted.tolist() == pytest.approx([float(got[i]) for i in order])


@pytest.mark.parametrize("seed", range(4))
def test_self_consistency_by_enumeration(seed: int) -> None:
    model, length, n = random_model(seed), 4, 5
    got = solve("self-consistency", {**as_json(model), "length": length, "n": n})
    sequences = all_sequences(3, length)
    chances = sequence_log_probs(model, sequences).exp()
    answers = [float(chances[sequences[:, -1] == answer].sum()) for answer in range(3)]
    assert got["answer_probs"] == pytest.approx(answers)
    assert got["voted"] == pytest.approx(solve("majority-vote", {"probs": answers, "n": n})["distribution"])
    assert got["likeliest_chain"] == sequences[chances.argmax()].tolist()


def test_the_likeliest_chain_and_the_likeliest_answer_can_differ() -> None:
    """One way of reasoning with 0.4 leads to answer 3, two with 0.3 each to answer 4: decoding says 3, the vote 4."""
    following = [[0, 0, 0, 1, 0], [0, 0, 0, 0, 1], [0, 0, 0, 0, 1], [0, 0, 0, 1, 0], [0, 0, 0, 0, 1]]
    model = {"initial": [0.4, 0.3, 0.3, 0, 0], "following": following}
    got = solve("self-consistency", {**model, "length": 2, "n": 1})
    assert got["likeliest_chain"] == [0, 3]
    assert got["answer_probs"] == got["voted"] == pytest.approx([0, 0, 0, 0.4, 0.6])
    assert solve("self-consistency", {**model, "length": 2, "n": 25})["voted"][4] > 0.8
    assert solve("beam-search", {**model, "length": 2, "width": 1})["sequences"] == [[0, 3]]


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        ("beam-search", {"initial": [0.5, 0.4]}, "row of initial must add up to 1"),
        ("beam-search", {"following": [[1, 0]]}, "following has size 1"),
        ("beam-search", {"width": 0}, "width must be"),
        ("self-consistency", {"length": 0}, "length must be"),
        ("self-consistency", {"n": 0}, "n must be"),
        ("majority-vote", {"probs": [0.1] * 10, "n": 500}, "too many ways"),
        ("majority-vote", {"probs": [1.5, -0.5]}, "probs holds a negative"),
    ],
)
def test_senseless_input_is_refused(name: str, change: dict[str, Any], says: str) -> None:
    chain = {"initial": [0.5, 0.5], "following": [[1, 0], [0, 1]], "length": 2}
    good = {
        "beam-search": {**chain, "width": 1},
        "self-consistency": {**chain, "n": 3},
        "majority-vote": {"probs": [0.5, 0.5], "n": 3},
    }
    with pytest.raises(ValueError, match=says):
        solve(name, {**good[name], **change})
