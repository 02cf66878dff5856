"""PPO's clipped surrogate loss over a handful of tokens."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from decks.drills.wording import COUNTS, plain, rounded, table, wanted
from decks.exercises import Draft, Draws, Mistake
from solvers.catalogue import solve

# Lower and upper clip: PPO's symmetric one, DAPO's clip-higher, and a tighter lower one.
CLIPS = ((0.2, 0.2), (0.2, 0.28), (0.1, 0.2))
# One token in each quadrant (ratio above or below the clip range, advantage positive or negative), so that the minimum
# takes the clipped branch twice and the unclipped one twice.
QUADRANTS = ((1, 1), (1, -1), (-1, 1), (-1, -1))
SOLUTION_HEAD = ("$i$", r"$\rho$", "clip", r"$\hat A$", r"$\rho\hat A$", r"clip $\cdot\hat A$", "min")


@dataclass(frozen=True, slots=True)
class Tokens:
    """Log-probabilities under both policies, advantages, and the clip range."""

    logp: list[float]
    old_logp: list[float]
    advantages: list[float]
    low: float
    high: float

    @property
    def ratios(self) -> list[float]:
        return [math.exp(new - old) for new, old in zip(self.logp, self.old_logp, strict=True)]

    def surrogates(self, ratios: list[float]) -> list[tuple[float, float]]:
        """(unclipped, clipped) of each token."""
        clipped = [min(max(r, 1 - self.low), 1 + self.high) for r in ratios]
        return [(r * a, c * a) for r, c, a in zip(ratios, clipped, self.advantages, strict=True)]

    def inputs(self) -> dict[str, object]:
        return {
            "logp": [self.logp],
            "old_logp": [self.old_logp],
            "advantages": [self.advantages],
            "clip_low": self.low,
            "clip_high": self.high,
        }


def ppo_clip_loss(draws: Draws) -> Draft:
    """The loss over four or five tokens with every quadrant of ratio and advantage among them."""
    while True:
        tokens = _tokens(draws)
        loss = solve("ppo-clip-loss", tokens.inputs())["loss"]
        if abs(loss) >= 0.25:  # terms that nearly cancel would ask for more digits than ratios are worked out to
            break
    count = len(tokens.logp)
    rows = [
        [r"$\log\pi_\theta$", *map(plain, tokens.logp)],
        [r"$\log\pi_{old}$", *map(plain, tokens.old_logp)],
        [r"$\hat A$", *map(plain, tokens.advantages)],
    ]
    return Draft(
        prompt=f"""A minibatch holds one answer of {COUNTS[count]} tokens.

{table(["token", *map(str, range(1, count + 1))], rows)}

Compute PPO's clipped loss as it is *minimised*: minus the *mean* over the
tokens of the clipped surrogate, the ratio clipped to
$[1 - {plain(tokens.low)},\\ 1 + {plain(tokens.high)}]$. Logarithms are natural.

{wanted(1)}""",
        inputs=tokens.inputs(),
        solver="ppo-clip-loss",
        answer=loss,
        asked="the loss",
        mistakes=(
            Mistake(
                "unclipped",
                unclipped(tokens),
                "Used the unclipped product everywhere: step 3 takes the smaller of the two products of each token.",
            ),
            Mistake(
                "always-clipped",
                always_clipped(tokens),
                "Used the clipped product everywhere: step 3 takes the smaller of the two products of each token.",
            ),
            Mistake(
                "max-for-min",
                max_for_min(tokens),
                "Took the larger of the two products in step 3; PPO's bound is the pessimistic one, the smaller.",
            ),
            Mistake(
                "sum-for-mean",
                sum_for_mean(tokens),
                f"Summed over the tokens in step 4; the loss is their mean, divided by {count}.",
            ),
            Mistake(
                "flipped-sign",
                flipped_sign(tokens),
                "Gave the objective, which is maximised; step 4 puts a minus before it to make a loss.",
            ),
            Mistake(
                "inverted-ratio",
                inverted_ratio(tokens),
                "Turned the ratio over in step 1: it is the new policy's probability over the old one's.",
            ),
        ),
        solution=_worked(tokens, loss),
    )


def _tokens(draws: Draws) -> Tokens:
    low, high = draws.choice(CLIPS)
    kinds = [(side * draws.decimal(0.3, 0.7, 0.1), sign) for side, sign in QUADRANTS]
    if draws.coin():
        kinds.append((draws.choice((-0.1, 0.1)), draws.choice((-1, 1))))  # a token within the range
    kinds = draws.shuffle(kinds)
    old_logp = [draws.decimal(-3, -1, 0.1) for _ in kinds]
    return Tokens(
        logp=[round(old + step, 1) for old, (step, _) in zip(old_logp, kinds, strict=True)],
        old_logp=old_logp,
        advantages=[sign * draws.decimal(0.5, 3, 0.5) for _, sign in kinds],
        low=low,
        high=high,
    )


def negative_mean(pick: Callable[[tuple[float, float]], float], tokens: Tokens) -> float:
    """The loss if each token counts what `pick` makes of its (unclipped, clipped) products."""
    products = [pick(pair) for pair in tokens.surrogates(tokens.ratios)]
    return -math.fsum(products) / len(products)


unclipped = partial(negative_mean, lambda pair: pair[0])
always_clipped = partial(negative_mean, lambda pair: pair[1])
max_for_min = partial(negative_mean, max)


def sum_for_mean(tokens: Tokens) -> float:
    return negative_mean(min, tokens) * len(tokens.logp)


def flipped_sign(tokens: Tokens) -> float:
    return -negative_mean(min, tokens)


def inverted_ratio(tokens: Tokens) -> float:
    products = [min(pair) for pair in tokens.surrogates([1 / r for r in tokens.ratios])]
    return -math.fsum(products) / len(products)


def _worked(tokens: Tokens, loss: float) -> str:
    pairs = tokens.surrogates(tokens.ratios)
    ratios, clipped = tokens.ratios, [min(max(r, 1 - tokens.low), 1 + tokens.high) for r in tokens.ratios]
    columns = zip(ratios, clipped, tokens.advantages, pairs, strict=True)
    rows = [
        [str(i), rounded(r), rounded(c), plain(a), rounded(pair[0]), rounded(pair[1]), f"**{rounded(min(pair))}**"]
        for i, (r, c, a, pair) in enumerate(columns, 1)
    ]
    total = math.fsum(min(pair) for pair in pairs)
    return f"""1. Ratios $\\rho = e^{{\\log\\pi_\\theta - \\log\\pi_{{old}}}}$.
2. Clip them to $[{plain(1 - tokens.low)},\\ {plain(1 + tokens.high)}]$.
3. Of the two products with $\\hat A$, the smaller counts:

{table(SOLUTION_HEAD, rows)}

4. Minus their mean: $-({rounded(total)}) / {len(pairs)} = {rounded(loss)}$."""
