"""GRPO's descendants, as settings of its own functions: Dr. GRPO, DAPO, GSPO; and CISPO, which clips otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from solvers.advantages import Deviation, grpo_advantages
from solvers.kl import categorical_entropy
from solvers.masks import kept, masked_mean, row_mean
from solvers.policy_losses import Aggregation, RatioLevel, aggregate, grpo_loss


@dataclass(frozen=True)
class Variant:
    """What `grpo_advantages` and `grpo_loss` are called with; each default is GRPO's own."""

    std: Deviation = "population"
    clip_low: float = 0.2
    clip_high: float = 0.2
    beta: float = 0.04
    ratio: RatioLevel = "token"
    aggregation: Aggregation = "sequence-mean"


VARIANTS: dict[str, Variant] = {
    "grpo": Variant(),  # Shao et al. 2024, section 4.2
    "dr-grpo": Variant(std="none", beta=0.0, aggregation="constant"),  # Liu et al. 2025, section 3.2
    "dapo": Variant(clip_high=0.28, beta=0.0, aggregation="token-mean"),  # Yu et al. 2025, eq. 8
    "gspo": Variant(clip_low=3e-4, clip_high=4e-4, beta=0.0, ratio="sequence"),  # Zheng et al. 2025, section 5.1
}


def grpo_variant_loss(
    variant: Variant,
    logp: Tensor,
    old_logp: Tensor,
    ref_logp: Tensor,
    rewards: Tensor,
    mask: Tensor,
    max_length: int | None = None,
) -> Tensor:
    """The variant's loss, a scalar, of N groups of G completions: rewards [N][G], the rest [N·G][T], group by group.

    max_length: the length that `dr-grpo` divides by; a ValueError without it there.
    """
    loss, _ = grpo_loss(
        logp,
        old_logp,
        ref_logp,
        grpo_advantages(rewards, variant.std).flatten(),
        mask,
        variant.clip_low,
        variant.clip_high,
        variant.beta,
        variant.ratio,
        variant.aggregation,
        max_length,
    )
    return loss


def dynamic_sampling_filter(rewards: Tensor) -> Tensor:
    """True for each group of rewards [N][G] that teaches anything: not all equal. [N]

    DAPO drops the others (all right or all wrong: every advantage 0) and samples prompts until the batch is full. Yu et
    al. 2025, eq. 11, for rewards of right and wrong; verl compares a metric of choice by its deviation.
    """
    return rewards.amax(-1) != rewards.amin(-1)


def overlong_penalty(lengths: Tensor, max_length: int, cache: int) -> Tensor:
    """DAPO's soft punishment of long answers, added to the reward: 0 down to −1, [...] as lengths in tokens.

    0 up to max_length − cache; then linear to −1 at max_length; −1 beyond. Yu et al. 2025, eq. 13; TRL's
    `get_soft_overlong_punishment`. A cache of 0 is a step.
    """
    over = lengths - (max_length - cache)
    return -(over / cache).clamp(0, 1) if cache else -(over > 0).to(lengths.dtype)


def gspo_ratio(logp: Tensor, old_logp: Tensor, mask: Tensor) -> Tensor:
    """(π(y)/π_old(y))^(1/|y|), [B], from per-token log-probabilities [B][T]; 1 for a row without a token.

    The geometric mean of the row's token ratios. Zheng et al. 2025, eq. 7; as in `grpo_loss` with ratio `sequence`.
    """
    return row_mean(kept(logp, mask) - kept(old_logp, mask), mask).exp()


def cispo_loss(
    logp: Tensor,
    old_logp: Tensor,
    advantages: Tensor,
    mask: Tensor,
    clip_low: float | None,
    clip_high: float,
    aggregation: Aggregation = "token-mean",
    max_length: int | None = None,
) -> Tensor:
    """−sg(clip(r, 1 − clip_low, 1 + clip_high))·A·log π of each token, `aggregate`d; a scalar.

    logp, old_logp, mask: [B][T]; advantages [B]. The clipped ratio is a weight without gradient: every token keeps a
    gradient, where PPO's clip drops those outside the band. Its value is no objective. clip_low None: no lower bound,
    as in the paper (MiniMax-M1, Chen et al. 2025, eq. 4 and 5). TRL's epsilon_high is the cap 1 + clip_high itself, and
    it has no lower bound; torchrl's CISPOLoss lets the gradient through the clip, without log π: another gradient.
    """
    policy = kept(logp, mask)
    ratio = (policy - kept(old_logp, mask)).detach().exp()
    weights = ratio.clamp(0.0 if clip_low is None else 1 - clip_low, 1 + clip_high)
    return aggregate(-weights * advantages.unsqueeze(-1) * policy, mask, aggregation, max_length)


def with_entropy_bonus(loss: Tensor, logits: Tensor, mask: Tensor, entropy_coef: float) -> Tensor:
    """loss − entropy_coef·(mean entropy over valid tokens, in nats); logits [B][T][V], mask [B][T].

    Williams & Peng 1991; 0.01 in CleanRL and torchrl, 0 by default in TRL, verl and Stable-Baselines3.
    """
    entropies = categorical_entropy(kept(logits, mask.unsqueeze(-1)))
    return loss - entropy_coef * masked_mean(entropies, mask)
