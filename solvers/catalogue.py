"""The solvers that JSON can call: name → where its function is and what it does; `solve` calls one.

A solver's function takes the JSON inputs as keyword arguments (nested lists or tensors) and returns a dict of tensors,
numbers, lists or None. Reading this table imports nothing heavy; `solve` does.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
import math
from collections.abc import Mapping
from functools import cache
from typing import Any

# name: ("module:function", what it computes). The modules in solvers/problems put JSON in front of the pure functions.
SOLVERS: dict[str, tuple[str, str]] = {
    "discounted-returns": ("solvers.problems.returns:discounted_returns", "rewards to go, discounted"),
    "n-step-returns": ("solvers.problems.returns:n_step_returns", "n-step bootstrapped returns"),
    "gae": ("solvers.problems.returns:gae", "generalised advantage estimation, truncation against termination"),
    "kl-shaped-gae": ("solvers.problems.returns:kl_shaped_gae", "RLHF's token rewards (score minus KL) and their GAE"),
    "prm-returns": ("solvers.problems.returns:prm_returns", "process rewards placed on step ends, and returns to go"),
    "td-lambda": ("solvers.problems.traces:td_lambda", "λ-returns and TD(λ) by every kind of trace"),
    "grpo-advantages": ("solvers.problems.advantages:grpo_advantages", "rewards standardised within each group"),
    "rloo-advantages": ("solvers.problems.advantages:rloo_advantages", "reward minus the mean of the other samples"),
    "reinforce-pp-advantages": (
        "solvers.problems.advantages:reinforce_pp_advantages",
        "REINFORCE++: KL-shaped token returns, normalised over the batch",
    ),
    "reinforce-loss": (
        "solvers.problems.policy_losses:reinforce_loss",
        "REINFORCE with a baseline, and its gradient by the logits",
    ),
    "ppo-clip-loss": ("solvers.problems.policy_losses:ppo_clip_loss", "PPO's clipped surrogate, token mean"),
    "grpo-loss": (
        "solvers.problems.policy_losses:grpo_loss",
        "GRPO's loss: ratio level, aggregation and KL as parameters",
    ),
    "value-loss": ("solvers.problems.actor_critic:value_loss", "clipped squared error of the critic"),
    "ppo-objective": ("solvers.problems.actor_critic:ppo_objective", "PPO's policy, value and entropy terms together"),
    "a2c-loss": ("solvers.problems.actor_critic:a2c_loss", "advantage actor-critic with n-step returns"),
    "trpo-step": ("solvers.problems.trpo:trpo_step", "one natural-gradient step with line search"),
    "importance-sampling": (
        "solvers.problems.importance:importance_sampling",
        "ordinary, weighted and per-decision estimates",
    ),
    "kl-estimate": ("solvers.problems.kl:kl_estimate", "k1, k2 and k3 from log-probabilities"),
    "kl-exact": ("solvers.problems.kl:kl_exact", "KL between two categorical distributions, both directions"),
    "entropy": ("solvers.problems.kl:entropy", "entropy of each token's distribution, in nats"),
    "bradley-terry-loss": ("solvers.problems.preferences:bradley_terry_loss", "reward-model loss on pairs"),
    "dpo-loss": ("solvers.problems.preferences:dpo_loss", "direct preference optimisation"),
    "ipo-loss": ("solvers.problems.preferences:ipo_loss", "identity preference optimisation"),
    "sft-loss": ("solvers.problems.supervised:sft_loss", "token cross-entropy with label smoothing"),
    "sampling-distribution": ("solvers.problems.sampling:sampling_distribution", "temperature, top-k, top-p and min-p"),
    "best-of-n": ("solvers.problems.sampling:best_of_n", "the distribution of the best of n samples"),
    "pass-at-k": ("solvers.problems.sampling:pass_at_k", "the unbiased pass@k estimate"),
    "gpt-logits": ("solvers.problems.gpt:gpt_logits", "a GPT-2 forward pass on given weights"),
    "gpt-parameters": ("solvers.problems.pytorch:gpt_parameters", "how many parameters a GPT-2 of given sizes has"),
    "sgd-steps": ("solvers.problems.pytorch:sgd_steps", "torch's SGD: momentum, Nesterov, weight decay"),
    "adam-steps": ("solvers.problems.pytorch:adam_steps", "Adam and AdamW"),
    "learning-rate": ("solvers.problems.pytorch:learning_rate_at", "warm-up and cosine or linear decay"),
    "clip-gradient": ("solvers.problems.pytorch:clip_gradient", "gradient clipping by norm"),
    "torch-facts": ("solvers.problems.torch_facts:torch_facts", "what a named demonstration of PyTorch gives"),
    "ppo-memory": ("solvers.problems.cost:ppo_memory", "memory of PPO's four models: weights, gradients, optimizer"),
    "grpo-memory": ("solvers.problems.cost:grpo_memory", "memory of GRPO's models: no critic"),
    "adam-state-bytes": (
        "solvers.problems.cost:adam_state_bytes",
        "weights, gradients, master weights and Adam's states on each GPU, ZeRO stages 0 to 3",
    ),
    "kv-cache": ("solvers.problems.cost:kv_cache", "size of the KV cache, grouped-query attention included"),
    "training-flops": ("solvers.problems.cost:training_flops", "6ND: arithmetic and hours of training"),
    "lora-parameters": ("solvers.problems.cost:lora_size", "parameters that LoRA adds"),
    "equivalent": (
        "solvers.symbolic.problem:equivalent",
        "whether two typed expressions are equal, with a witness if not",
    ),
    "policy-evaluation": ("solvers.problems.planning:policy_evaluation", "exact values of a policy in a tabular MDP"),
    "value-iteration": ("solvers.problems.planning:value_iteration", "optimal values and actions of a tabular MDP"),
    "td0": ("solvers.problems.temporal_difference:td0", "TD(0) prediction"),
    "sarsa": ("solvers.problems.temporal_difference:sarsa", "SARSA control"),
    "q-learning": ("solvers.problems.temporal_difference:q_learning", "Q-learning control"),
    "expected-sarsa": (
        "solvers.problems.temporal_difference:expected_sarsa",
        "expected SARSA under an ε-greedy policy",
    ),
    "double-q-learning": (
        "solvers.problems.temporal_difference:double_q_learning",
        "double Q-learning with given coins",
    ),
    "exact-policy-gradient": (
        "solvers.problems.policy_gradient:exact_policy_gradient",
        "policy gradient of a softmax MDP by enumerating episodes",
    ),
    "baseline-variance": (
        "solvers.problems.policy_gradient:baseline_variance",
        "exact mean and variance of REINFORCE's gradient with each kind of baseline",
    ),
    "stale-gradient-ascent": (
        "solvers.problems.policy_gradient:stale_gradient_ascent",
        "A3C's delayed gradients on a softmax bandit",
    ),
    "fisher-vector-product": (
        "solvers.problems.natural_gradient:fisher_vector_product",
        "Fisher-vector product by double backward, and the Fisher matrix",
    ),
    "conjugate-gradient": ("solvers.problems.natural_gradient:conjugate_gradient", "conjugate gradient, k iterations"),
    "vtrace": ("solvers.problems.off_policy:vtrace", "V-trace targets and advantages"),
    "off-policy-ppo-loss": (
        "solvers.problems.off_policy:off_policy_ppo_loss",
        "PPO's clipped loss with truncated importance weights",
    ),
    "soft-q": ("solvers.problems.soft_q:soft_q", "KL-regularised optimum, its value and Q at every token"),
    "psi-po": ("solvers.problems.soft_q:psi_po", "the optimum of ΨPO: identity is IPO, logit is RLHF and DPO"),
    "kl-gradients": (
        "solvers.problems.kl:kl_gradients",
        "the expected gradient of k1, k2 and k3 in the reward and in the loss",
    ),
    "grpo-variant-loss": (
        "solvers.problems.grpo_variants:grpo_variant_loss",
        "GRPO, Dr. GRPO, DAPO and GSPO from one group's rewards",
    ),
    "cispo-loss": ("solvers.problems.grpo_variants:cispo_loss", "CISPO: the clipped ratio as a weight"),
    "dual-clip-loss": ("solvers.problems.grpo_variants:dual_clip_loss", "PPO's loss with dual (two-sided) clipping"),
    "gspo-ratio": ("solvers.problems.grpo_variants:gspo_ratio", "GSPO's length-normalised sequence ratios"),
    "dapo-filter": ("solvers.problems.grpo_variants:dapo_filter", "DAPO's dynamic sampling: groups that teach"),
    "overlong-penalty": ("solvers.problems.grpo_variants:overlong_penalty", "DAPO's soft punishment of long answers"),
    "her": ("solvers.problems.hindsight:her", "hindsight relabelling of goals"),
    "mc-prediction": ("solvers.problems.prediction:mc_prediction", "first-visit or every-visit Monte Carlo prediction"),
    "batch-td": ("solvers.problems.prediction:batch_td", "what batch TD(0) converges to: certainty equivalence"),
    "n-step-td": ("solvers.problems.prediction:n_step_td", "n-step TD prediction over one episode"),
    "n-step-sarsa": ("solvers.problems.prediction:n_step_sarsa", "n-step SARSA over one episode"),
    "n-step-target": ("solvers.problems.prediction:n_step_target", "exact bias and variance of n-step targets"),
    "watkins-q-lambda": ("solvers.problems.prediction:watkins_q_lambda", "Q(λ), traces cut at exploratory actions"),
    "dqn-target": ("solvers.problems.dqn:dqn_target", "targets of DQN and double DQN"),
    "dqn-loss": ("solvers.problems.dqn:dqn_loss", "squared or Huber loss of the actions' values"),
    "potential-shaping": ("solvers.problems.exploration:potential_shaping", "potential-based reward shaping of an MDP"),
    "count-bonus": ("solvers.problems.exploration:count_bonus", "exploration bonus β/√n"),
    "curiosity-bonus": ("solvers.problems.exploration:curiosity_bonus", "bonus from a forward model's error"),
    "behavioural-cloning": ("solvers.problems.imitation:behavioural_cloning", "the maximum-likelihood tabular policy"),
    "behavioural-cloning-error": (
        "solvers.problems.imitation:behavioural_cloning_error",
        "how an imitator's errors compound with the horizon",
    ),
    "imitation-gap": ("solvers.problems.imitation:imitation_gap", "exact cost of imitating an expert, with its bound"),
    "expert-iteration": (
        "solvers.problems.imitation:expert_iteration",
        "filter by a verifier, refit, repeat; success per round",
    ),
    "beam-search": ("solvers.problems.decoding:beam_search", "the best sequences that a beam of given width finds"),
    "majority-vote": ("solvers.problems.decoding:majority_vote", "the distribution of the answer most samples give"),
    "self-consistency": (
        "solvers.problems.decoding:self_consistency",
        "a vote over sampled chains, and the one likeliest chain",
    ),
    "learned-model-planning": (
        "solvers.problems.learned_models:learned_model_planning",
        "value iteration in the maximum-likelihood model",
    ),
    "dyna-q": ("solvers.problems.learned_models:dyna_q", "Q-learning with planning steps from a learned model"),
    "expected-td": ("solvers.problems.linear_td:expected_td", "expected semi-gradient TD with linear features"),
    "baird": ("solvers.problems.linear_td:baird", "Baird's counterexample: off-policy TD that diverges"),
    "pointwise-rm-loss": ("solvers.problems.reward_models:pointwise_rm_loss", "a reward model's regression loss"),
    "orm-loss": ("solvers.problems.reward_models:orm_loss", "outcome reward model: cross-entropy on the answer"),
    "prm-loss": ("solvers.problems.reward_models:prm_loss", "process reward model: cross-entropy on step ends"),
    "prm-score": ("solvers.problems.reward_models:prm_score", "one score of a solution from its steps' scores"),
}


class UnknownSolver(ValueError):
    """No solver of that name; the message suggests the nearest."""


def solve(name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Run solver `name` on `inputs`; plain JSON values out. ValueError with one sentence for anything senseless."""
    if not isinstance(name, str):
        raise UnknownSolver("A solver's name must be text; `studyapp solve --list` names them all.")
    if not isinstance(inputs, Mapping):
        raise ValueError(f'The inputs of {name} must be a JSON object, such as {{"gamma": 0.9}}.')
    if name not in SOLVERS:
        near = difflib.get_close_matches(name.lower(), SOLVERS, 1)
        hint = f"did you mean {near[0]}?" if near else "`studyapp solve --list` names them all."
        raise UnknownSolver(f"There is no solver named {name[:60]}; {hint}")
    module, _, attribute = SOLVERS[name][0].partition(":")
    function = getattr(importlib.import_module(module), attribute)
    _check_names(name, function, inputs)
    try:
        result = function(**inputs)
    except ArithmeticError as problem:  # Python's own floats raise where tensors would give inf or NaN
        raise ValueError(f"{name} has no finite result for these inputs.") from problem
    return {key: _plain(key, value) for key, value in result.items()}


def _check_names(name: str, function: Any, inputs: Mapping[str, Any]) -> None:
    parameters = _parameters(function)
    for given in inputs:
        if given not in parameters:
            near = difflib.get_close_matches(given, parameters, 1)
            hint = f"did you mean {near[0]}?" if near else f"it takes {', '.join(parameters)}."
            raise ValueError(f"{name} has no input {given[:60]}; {hint}")
    missing = [p.name for p in parameters.values() if p.default is p.empty and p.name not in inputs]
    if missing:
        raise ValueError(f"{name} needs {', '.join(missing)}.")


@cache  # a fifth of the time of a small solver
def _parameters(function: Any) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(function).parameters


def _plain(key: str, value: Any) -> Any:
    """Tensors and numbers as JSON values; a result that is not finite is an error."""
    if hasattr(value, "detach"):
        value = value.detach().tolist()
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"The result {key} is not a finite number for these inputs.")
        return value + 0.0  # -0.0 becomes 0.0
    if isinstance(value, dict):
        return {k: _plain(key, v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        if set(map(type, value)) == {float} and all(map(math.isfinite, value)):
            return [v + 0.0 for v in value]  # most results are rows of numbers: several times quicker than one by one
        return [_plain(key, v) for v in value]
    return value
