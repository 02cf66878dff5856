"""Every figure of the guide against what computes it: what holds agrees, what does not differs and is put right."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from decks.guide_numbers import VERDICTS, Claim, agrees, computed, load_claims, numbers
from decks.library import load_library
from solvers.catalogue import SOLVERS
from solvers.gpt import GPT, GPTConfig

CLAIMS = load_claims()
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")


def clip_function() -> list[float]:
    """The three examples of clip, through torch."""
    return [float(x) for x in torch.tensor([0.5, 1.0, 1.5], dtype=torch.float64).clamp(0.8, 1.2)]


def log_of_sigmoid() -> float:
    """The guide's reward-model loss as it is typed there, in float64."""
    return float(-torch.log(torch.sigmoid(torch.tensor(0.0 - 800.0, dtype=torch.float64))))


def _k3_penalty(policy: Any, reference: Any) -> Any:
    """What the guide's compute_kl_penalty does for k3: the ratio is policy over reference, and all is summed."""
    log_ratio = policy - reference
    return ((torch.exp(log_ratio) - 1) - log_ratio).sum()


POLICY, REFERENCE = [-1.2, -2.5, -0.8, -0.3], [-1.3, -2.0, -0.9, -1.5]


def kl_penalty_k3() -> float:
    return float(_k3_penalty(torch.tensor(POLICY).double(), torch.tensor(REFERENCE).double()))


def kl_penalty_on_lists() -> str:
    """The name of the error that the guide's function ends with when it gets its docstring's own lists."""
    with pytest.raises(TypeError) as problem:
        _k3_penalty(POLICY, REFERENCE)
    return problem.type.__name__


def learner_update() -> float:
    """Two calls of an update that makes backward and step and nothing else, on the loss w²."""
    weight = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=0.1)
    for _ in range(2):
        weight.square().backward()
        optimizer.step()
    return weight.item()


def attached_baseline() -> float:
    """What the guide's RL loss, nothing detached, leaves at a learned baseline: one token at 1/2, reward 1."""
    baseline = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    (-math.log(0.5) * (1 - baseline)).backward()
    assert baseline.grad is not None
    return baseline.grad.item()


def passes_for_all_positions() -> int:
    """Forward passes that it takes for the outputs at five positions: one, if each prefix alone gives the same."""
    gpt = GPT(GPTConfig(7, 5, 2, 2, 8)).double().initialise(torch.Generator().manual_seed(0), std=0.5)
    ids = torch.tensor([[3, 1, 4, 1, 5]])
    with torch.no_grad():
        together = gpt(ids)[0]
        alone = torch.stack([gpt(ids[:, :length])[0, -1] for length in range(1, 6)])
    return 1 if torch.allclose(together, alone, rtol=0, atol=1e-12) else 5


CODE: dict[str, Callable[[], Any]] = {
    "clip-function": clip_function,
    "log-of-sigmoid": log_of_sigmoid,
    "kl-penalty-k3": kl_penalty_k3,
    "kl-penalty-on-lists": kl_penalty_on_lists,
    "learner-update": learner_update,
    "attached-baseline": attached_baseline,
    "passes-for-all-positions": passes_for_all_positions,
}


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_a_claim_is_complete(claim: Claim) -> None:
    evidence = [claim.solver, claim.expression, claim.code, claim.paper]
    assert sum(map(bool, evidence)) == 1
    assert ID.fullmatch(claim.id)
    assert claim.verdict in VERDICTS
    assert re.match(r"00[0-4]\b", claim.where)
    assert claim.guide
    assert all(ID.fullmatch(item) for item in claim.guide)
    assert claim.states.endswith((".", ".)"))
    assert not claim.solver or (claim.solver in SOLVERS and claim.inputs and claim.output)
    assert (claim.verdict == "holds") == (claim.gives is None) == (not claim.difference)
    assert not claim.difference or claim.difference.endswith((".", ".)"))


@pytest.mark.parametrize("claim", [c for c in CLAIMS if not c.paper], ids=lambda claim: claim.id)
def test_what_is_true_is_computed(claim: Claim) -> None:
    value = CODE[claim.code]() if claim.code else computed(claim)
    if claim.verdict == "holds":
        assert agrees(value, claim.stated, claim.decimals), f"{claim.id}: {value}"
    else:
        assert agrees(value, claim.gives, claim.decimals), f"{claim.id}: {value}"
        assert not agrees(value, claim.stated, claim.decimals), f"{claim.id} holds after all: {value}"


@pytest.mark.parametrize("claim", [c for c in CLAIMS if c.paper], ids=lambda claim: claim.id)
def test_a_source_says_something_else_where_the_guide_is_wrong(claim: Claim) -> None:
    assert re.search(r"\d", claim.paper)  # a year, a number, a version
    assert claim.gives != claim.stated


@pytest.mark.parametrize("claim", [c for c in CLAIMS if c.guide_expression or c.guide_code], ids=lambda claim: claim.id)
def test_the_guides_own_formula_gives_what_it_states(claim: Claim) -> None:
    value = CODE[claim.guide_code]() if claim.guide_code else numbers(claim.guide_expression)
    assert agrees(value, claim.stated, claim.decimals), f"{claim.id}: {value}"


def test_no_two_claims_share_an_id() -> None:
    assert len({claim.id for claim in CLAIMS}) == len(CLAIMS)


def test_each_claim_that_does_not_hold_is_caught_by_a_card() -> None:
    caught = [claim for card in load_library().cards.values() if card.kind == "spot" for claim in card.claims]
    assert set(caught) == {claim.id for claim in CLAIMS if claim.verdict != "holds"}


def test_every_program_is_used() -> None:
    assert set(CODE) == {claim.code or claim.guide_code for claim in CLAIMS} - {""}


def test_an_unknown_key_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "numbers.toml"
    wrong.write_text('[[claim]]\nid = "a-b"\nwhere = "003"\nguide = []\nstates = "."\nverdict = "holds"\nvalue = 1\n')
    with pytest.raises(TypeError, match="value"):
        load_claims(wrong)


@pytest.mark.parametrize(
    ("value", "stated", "decimals", "right"),
    [
        (1.5275, 1.52, 2, False),
        (1.5275, 1.53, 2, True),
        (0.125, 0.13, 2, True),
        (0.9, "<= 0.9", 2, True),
        (0.9, "< 0.9", 2, False),
        (0.9, "> 0.8", 2, True),
        (0.9, ">= 0.91", 2, False),
        (0.0, "not 0", 4, False),
        (0.1, "not 0", 4, True),
        ([1.0, -1.0], ">= 0", 4, False),
        ([1.0, 2.0], ">= 0", 4, True),
        ([1.0, 2.0], [1, 2], 4, True),
        ([1.0, 2.0], [1, 2, 3], 4, False),
        ([1.0], 1.0, 4, False),
        (1.0, [1.0], 4, False),
        (math.inf, math.inf, 4, True),
        (800.0, math.inf, 4, False),
        (0.0, math.nan, 4, False),
        ("TypeError", 0.9, 4, False),
        ("TypeError", "TypeError", 4, True),
    ],
)
def test_agreement(value: Any, stated: Any, decimals: int, right: bool) -> None:
    assert agrees(value, stated, decimals) is right


def test_a_claim_on_a_paper_computes_nothing() -> None:
    with pytest.raises(ValueError, match="grpo-source"):
        computed(next(claim for claim in CLAIMS if claim.id == "grpo-source"))
