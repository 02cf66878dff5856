"""Every solver of the table: its inputs, its outputs, and nonsense met with one sentence."""

from __future__ import annotations

import copy
import importlib
import inspect
import json
import math
from typing import Any

import pytest

from solvers.catalogue import SOLVERS, UnknownSolver, solve

STEP = {"s": 0, "a": 0, "r": 1, "s2": 1, "a2": 0, "terminated": False, "truncated": False}
LEARN = {"transitions": [STEP], "alpha": 0.5, "gamma": 0.9}
Q0 = [[0.0, 0.5], [0.1, 0.2]]
PAIR = {"gamma": 0.9, "P": [[[0.5, 0.5]]], "R": [[1.0]]}
TOKENS = {"logp": [[-1, -2]], "old_logp": [[-1.1, -1.9]], "mask": [[1, 1]], "clip_low": 0.2, "clip_high": 0.2}
GPT = {
    "wte": [[0.1, 0.2], [0.3, -0.1], [0.5, 0.4]],
    "wpe": [[0.0, 0.1], [0.1, 0.0]],
    "h.0.ln_1.weight": [1, 1],
    "h.0.ln_1.bias": [0, 0],
    "h.0.attn.c_attn.weight": [[0.1] * 6, [0.2] * 6],
    "h.0.attn.c_attn.bias": [0] * 6,
    "h.0.attn.c_proj.weight": [[0.1, 0.2], [0.3, 0.4]],
    "h.0.attn.c_proj.bias": [0, 0],
    "h.0.ln_2.weight": [1, 1],
    "h.0.ln_2.bias": [0, 0],
    "h.0.mlp.c_fc.weight": [[0.1] * 8, [0.2] * 8],
    "h.0.mlp.c_fc.bias": [0] * 8,
    "h.0.mlp.c_proj.weight": [[0.1, 0.2]] * 8,
    "h.0.mlp.c_proj.bias": [0, 0],
    "ln_f.weight": [1, 1],
    "ln_f.bias": [0, 0],
}

EPISODES = {"episodes": [{"states": [0, 1], "rewards": [0, 1]}], "states": 2, "gamma": 0.9}
WALK = {"states": [0, 1, 0], "rewards": [1, 2], "gamma": 0.9, "n": 2, "alpha": 0.1, "terminated_at_end": False}
COLUMNS = {"states": [0, 1], "actions": [1, 0], "rewards": [1, 0], "next_states": [1, 0], "terminated": [0, 1]}
CHAIN = {"initial": [0.5, 0.5], "following": [[0.2, 0.8], [0.9, 0.1]]}

# name: (every input that the table of the command line names, every output)
EXAMPLES: dict[str, tuple[dict[str, Any], str]] = {
    "discounted-returns": ({"rewards": [1, 0, 2], "gamma": 0.9}, "returns"),
    "gpt-parameters": (
        {"vocab_size": 5, "block_size": 4, "n_layer": 2, "n_head": 2, "n_embd": 4, "n_inner": 8},
        "parameters",
    ),
    "sgd-steps": (
        {
            "theta": [1, 2],
            "gradients": [[1, 0], [0, 1]],
            "lr": 0.1,
            "momentum": 0.9,
            "nesterov": True,
            "weight_decay": 0.1,
        },
        "thetas",
    ),
    "adam-steps": (
        {
            "theta": [1, 2],
            "gradients": [[1, 0], [0, 1]],
            "lr": 0.1,
            "beta1": 0.9,
            "beta2": 0.99,
            "eps": 1e-8,
            "weight_decay": 0.1,
            "decoupled": True,
        },
        "thetas mean square",
    ),
    "learning-rate": (
        {"step": 5, "peak": 0.1, "warmup": 2, "total": 10, "floor": 0.01, "decay": "cosine"},
        "learning_rate",
    ),
    "clip-gradient": ({"gradient": [3, 4], "max_norm": 1}, "gradient norm"),
    "n-step-returns": ({"rewards": [1, 2], "values": [1, 2, 3], "discounts": [0.9, 0], "n": 2}, "returns"),
    "gae": (
        {
            "rewards": [1, 2],
            "values": [1, 2],
            "next_values": [2, 3],
            "terminated": [0, 0],
            "truncated": [0, 1],
            "gamma": 0.9,
            "lam": 0.9,
        },
        "advantages value_targets",
    ),
    "kl-shaped-gae": (
        {
            "scores": [1],
            "logp": [[-1, -2]],
            "ref_logp": [[-1, -1]],
            "values": [[0.1, 0.2]],
            "mask": [[1, 1]],
            "kl_coef": 0.1,
            "kl_estimator": "k3",
            "gamma": 1,
            "lam": 0.95,
        },
        "token_rewards advantages returns",
    ),
    "td-lambda": (
        {
            "states": [0, 1],
            "actions": [0, 1],
            "rewards": [1],
            "gamma": 0.9,
            "lam": 0.9,
            "alpha": 0.1,
            "v0": [0, 1],
            "q0": Q0,
            "terminated_at_end": False,
        },
        "lambda_returns v_offline v_accumulating v_replacing v_true_online q_sarsa_lambda",
    ),
    "grpo-advantages": ({"rewards": [[1, 0, 3]], "std": "sample", "eps": 0}, "advantages"),
    "rloo-advantages": ({"rewards": [[1, 0, 3]]}, "advantages"),
    "reinforce-pp-advantages": (
        {"rewards": [1, 0], "kl": [[0.1, 0.2], [0, 0]], "kl_coef": 0.1, "gamma": 1, "mask": [[1, 1], [1, 0]]},
        "returns advantages",
    ),
    "reinforce-loss": (
        {"logits": [[[0, 1], [1, 0]]], "tokens": [[0, 1]], "mask": [[1, 1]], "rewards": [1], "baseline": 0.5},
        "loss grad_logits",
    ),
    "ppo-clip-loss": ({**TOKENS, "advantages": [[1, -1]]}, "loss grad_logp"),
    "value-loss": (
        {"values": [[1, 2]], "old_values": [[1, 1]], "returns": [[0, 1]], "mask": [[1, 1]], "clip_range": 0.2},
        "loss grad_values",
    ),
    "ppo-objective": (
        {
            "logits": [[0, 1]],
            "actions": [1],
            "old_logp": [-0.3],
            "advantages": [1],
            "values": [1],
            "old_values": [1],
            "returns": [2],
            "clip_range": 0.2,
            "value_clip": 0.2,
            "value_coef": 0.5,
            "entropy_coef": 0.01,
        },
        "policy_loss value_loss entropy loss grad_logits grad_values",
    ),
    "a2c-loss": (
        {
            "logits": [[0, 1]],
            "actions": [1],
            "rewards": [1],
            "terminated": [0],
            "values": [1, 2],
            "gamma": 0.9,
            "n_step": 1,
            "value_coef": 0.5,
            "entropy_coef": 0.01,
        },
        "returns advantages policy_loss value_loss entropy loss grad_logits grad_values",
    ),
    "grpo-loss": (
        {
            **TOKENS,
            "ref_logp": [[-1, -1.8]],
            "advantages": [1],
            "beta": 0.1,
            "ratio": "token",
            "aggregation": "constant",
            "max_length": 4,
        },
        "loss grad_logp kl",
    ),
    "trpo-step": (
        {
            "theta": [[0, 1]],
            "states": [0],
            "actions": [1],
            "advantages": [1],
            "delta": 0.01,
            "damping": 0.1,
            "backtrack_coef": 0.8,
            "max_backtracks": 10,
        },
        "grad search_direction new_theta kl accepted",
    ),
    "importance-sampling": (
        {"logp_target": [[-1, -2]], "logp_behaviour": [[-1, -1]], "rewards": [[1, 2]], "gamma": 0.9},
        "sequence_weights ordinary weighted per_decision ess",
    ),
    "kl-estimate": ({"logp": [-1, -2], "ref_logp": [-1, -1], "estimator": "k3"}, "values grad_logp"),
    "kl-exact": ({"logits_p": [0, 1], "logits_q": [1, 0]}, "kl_pq kl_qp grad_logits_p"),
    "bradley-terry-loss": (
        {"chosen": [1, 2], "rejected": [0, 3], "margin": [0.1, 0.2]},
        "loss grad_chosen grad_rejected accuracy",
    ),
    "dpo-loss": (
        {
            "policy_chosen": [-1],
            "policy_rejected": [-2],
            "ref_chosen": [-1.5],
            "ref_rejected": [-1.5],
            "beta": 0.1,
            "label_smoothing": 0.1,
        },
        "loss grad_policy_chosen grad_policy_rejected chosen_rewards rejected_rewards",
    ),
    "ipo-loss": (
        {
            "chosen_logp": [[-1, -2]],
            "rejected_logp": [[-1, -3]],
            "ref_chosen_logp": [[-1, -1]],
            "ref_rejected_logp": [[-1, -1]],
            "chosen_mask": [[1, 1]],
            "rejected_mask": [[1, 0]],
            "tau": 0.1,
            "average": True,
        },
        "loss grad_chosen_logp grad_rejected_logp",
    ),
    "prm-returns": ({"length": 3, "step_ends": [0, 2], "step_rewards": [1, 2], "gamma": 1}, "token_rewards returns"),
    "best-of-n": ({"logits": [0, 1], "rewards": [1, 2], "n": 2}, "distribution expected_reward kl"),
    "pass-at-k": ({"n": 5, "correct": 2, "k": 3}, "pass_at_k"),
    "sft-loss": (
        {"logits": [[[0, 1]]], "tokens": [[1]], "mask": [[1]], "label_smoothing": 0.1},
        "loss grad_logits perplexity",
    ),
    "entropy": ({"logits": [[[0, 1]]], "mask": [[1]]}, "entropy mean"),
    "sampling-distribution": (
        {"logits": [0, 1], "temperature": 1, "top_k": 2, "top_p": 0.9, "min_p": 0.1},
        "probs",
    ),
    "gpt-logits": (
        {"weights": GPT, "n_head": 1, "activation": "gelu", "layer_norm_eps": 1e-5, "ids": [[0, 1]]},
        "logits loss",
    ),
    "equivalent": ({"a": "x^2", "b": "x*x", "symbols": {"x": "real"}}, "verdict witness proved"),
    "policy-evaluation": ({**PAIR, "policy": [[1.0]]}, "v q"),
    "value-iteration": (PAIR, "v q optimal_actions"),
    "td0": ({**LEARN, "v0": [0, 1]}, "v td_errors"),
    "sarsa": ({**LEARN, "q0": Q0}, "q td_errors"),
    "q-learning": ({**LEARN, "q0": Q0}, "q td_errors"),
    "expected-sarsa": ({**LEARN, "q0": Q0, "epsilon": 0.1}, "q td_errors"),
    "double-q-learning": ({**LEARN, "q0": Q0, "q0_second": Q0, "coins": [1]}, "q q_second td_errors"),
    "exact-policy-gradient": (
        {
            "theta": [[0, 1]],
            "P": [[[0.5, 0.5], [0, 1]]],
            "R": [[1, 2]],
            "start": [1.0],
            "gamma": 0.9,
            "horizon": 2,
            "weighting": "return",
            "baseline": [0.5],
        },
        "expected_return gradient variance",
    ),
    "baseline-variance": (
        {
            "logits": [[0, 1], [1, 0]],
            "rewards": [[1, 2], [0, 3]],
            "prompts": [0.5, 0.5],
            "baseline": "value",
            "samples": 2,
            "constant": 0.5,
            "history": 4,
        },
        "gradient variance",
    ),
    "stale-gradient-ascent": (
        {"logits": [0, 1], "rewards": [1, 0], "learning_rate": 0.5, "delay": 1, "steps": 3},
        "logits objective errors",
    ),
    "fisher-vector-product": (
        {"theta": [[0, 1]], "states": [0], "vector": [[1, 2]], "damping": 0.1},
        "product fisher",
    ),
    "conjugate-gradient": ({"matrix": [[2, 1], [1, 3]], "vector": [1, 2], "iterations": 1}, "x residual"),
    "vtrace": (
        {
            "logp_target": [-1, -2],
            "logp_behaviour": [-1.5, -1],
            "rewards": [1, 2],
            "values": [0, 1, 2],
            "discounts": [0.9, 0],
            "rho_cap": 1,
            "c_cap": 1,
            "lam": 1,
        },
        "targets advantages",
    ),
    "off-policy-ppo-loss": (
        {
            "logp": [[-1, -2]],
            "proximal_logp": [[-1.1, -1.9]],
            "behaviour_logp": [[-1.2, -1.7]],
            "advantages": [[1, -1]],
            "clip_low": 0.2,
            "clip_high": 0.2,
            "weight_cap": 2,
            "mask": [[1, 1]],
        },
        "loss grad_logp",
    ),
    "soft-q": (
        {"ref_logits": [[0, 1], [[0, 1], [1, 0]]], "rewards": [[1, 0], [0, 2]], "beta": 0.5},
        "v q probs answer_probs",
    ),
    "psi-po": (
        {
            "preferences": [[0.5, 0.7], [0.3, 0.5]],
            "behaviour": [0.5, 0.5],
            "ref_logits": [0, 1],
            "tau": 0.5,
            "psi": "logit",
        },
        "rewards probs objective",
    ),
    "kl-gradients": (
        {"logits": [0, 1], "ref_logits": [1, 0], "estimator": "k3", "placement": "loss"},
        "gradient grad_kl grad_reverse_kl",
    ),
    "grpo-variant-loss": (
        {
            "variant": "dapo",
            "logp": [[-1, -2], [-1, -1]],
            "old_logp": [[-1.1, -1.9], [-1, -1]],
            "ref_logp": [[-1, -2], [-1, -1]],
            "rewards": [1, 0],
            "max_length": 4,
            "mask": [[1, 1], [1, 0]],
        },
        "loss grad_logp",
    ),
    "cispo-loss": (
        {**TOKENS, "clip_high": 2, "advantages": [1], "aggregation": "constant", "max_length": 4},
        "loss grad_logp",
    ),
    "dual-clip-loss": ({**TOKENS, "advantages": [[1, -1]], "ratio_cap": 3}, "loss grad_logp"),
    "gspo-ratio": ({"logp": [[-1, -2]], "old_logp": [[-1.1, -1.9]], "mask": [[1, 1]]}, "ratios"),
    "dapo-filter": ({"rewards": [[1, 0], [1, 1]]}, "keep share"),
    "overlong-penalty": ({"lengths": [5, 9], "max_length": 10, "cache": 4}, "penalties"),
    "her": (
        {"achieved_goals": [[0, 0], [1, 1]], "desired_goal": [1, 1], "chosen": [0], "tolerance": 0.1},
        "original_rewards goals rewards",
    ),
    "mc-prediction": ({**EPISODES, "visits": "first"}, "v counts"),
    "batch-td": (EPISODES, "v counts"),
    "n-step-td": ({**WALK, "v0": [0, 1]}, "v"),
    "n-step-sarsa": ({**WALK, "actions": [0, 1, 0], "q0": Q0}, "q"),
    "n-step-target": ({**PAIR, "policy": [[1.0]], "v": [2], "n": 2}, "mean bias variance"),
    "watkins-q-lambda": (
        {
            **{key: value for key, value in WALK.items() if key != "n"},
            "lam": 0.9,
            "actions": [0, 1, 0],
            "q0": Q0,
            "trace": "replacing",
        },
        "q td_errors",
    ),
    "dqn-target": (
        {"rewards": [1], "terminated": [0], "next_q_target": [[1, 2]], "next_q_online": [[2, 1]], "gamma": 0.9},
        "targets double_targets",
    ),
    "dqn-loss": ({"q": [[1, 2]], "actions": [1], "targets": [3], "penalty": "huber"}, "loss grad_q"),
    "potential-shaping": (
        {**PAIR, "potential": [2]},
        "shaped_rewards q shaped_q optimal_actions shaped_optimal_actions",
    ),
    "count-bonus": ({"visits": [0, 1, 0], "beta": 0.1}, "counts bonuses"),
    "curiosity-bonus": (
        {
            "features": [[1, 0], [0, 1]],
            "next_features": [[1], [2]],
            "weights": [[0, 0]],
            "learning_rate": 0.5,
            "scale": 1,
        },
        "bonuses weights",
    ),
    "behavioural-cloning": (
        {"states": [0, 1], "actions": [1, 0], "n_states": 2, "n_actions": 2, "smoothing": 0.5},
        "policy",
    ),
    "behavioural-cloning-error": ({"epsilon": 0.1, "horizon": 10}, "compounding recovering bound"),
    "imitation-gap": (
        {
            "P": [[[1, 0], [0.5, 0.5]]],
            "costs": [[0, 1]],
            "expert": [0],
            "learner": [[0.9, 0.1]],
            "start": [1],
            "horizon": 3,
        },
        "error expert_cost learner_cost bound",
    ),
    "expert-iteration": ({**CHAIN, "accepted": [[0, 1], [1, 1]], "rounds": 2}, "success initial following"),
    "beam-search": ({**CHAIN, "length": 3, "width": 2}, "sequences log_probs"),
    "majority-vote": ({"probs": [0.6, 0.4], "n": 3}, "distribution"),
    "self-consistency": ({**CHAIN, "length": 2, "n": 3}, "answer_probs voted likeliest_chain"),
    "learned-model-planning": (
        {**COLUMNS, "n_states": 2, "n_actions": 2, "gamma": 0.9, "untried_value": 1},
        "P R counts v q optimal_actions",
    ),
    "dyna-q": (
        {**COLUMNS, "planned": [[[0, 1]], [[0, 1], [1, 0]]], "alpha": 0.5, "gamma": 0.9, "q0": Q0},
        "q td_errors",
    ),
    "expected-td": (
        {
            "features": [[1, 0], [1, 2]],
            "P": [[0, 1, 0], [0.5, 0, 0.5]],
            "rewards": [1, 0],
            "state_weights": [0.5, 0.5],
            "alpha": 0.1,
            "gamma": 0.9,
            "w0": [1, 1],
            "steps": 5,
        },
        "update_matrix spectral_radius w",
    ),
    "baird": (
        {"alpha": 0.01, "gamma": 0.99, "steps": 5, "w0": [1, 1, 1, 1, 1, 1, 10, 1]},
        "update_matrix spectral_radius w",
    ),
    "pointwise-rm-loss": ({"scores": [1, 2], "targets": [0, 3]}, "loss grad_scores"),
    "orm-loss": ({"logits": [[0, 1]], "labels": [1], "scored": "every", "mask": [[1, 1]]}, "loss grad_logits"),
    "prm-loss": ({"logits": [[0, 1]], "labels": [[1, 0]], "mask": [[1, 1]]}, "loss grad_logits"),
    "prm-score": ({"logits": [[0, 1]], "reduction": "minimum", "mask": [[1, 1]]}, "scores"),
}
MAY_BE_NULL = {
    *((name, key) for name, (inputs, _) in EXAMPLES.items() for key in inputs if key.endswith("mask")),
    ("value-loss", "clip_range"),
    ("ppo-objective", "value_clip"),
    ("grpo-loss", "max_length"),
    ("bradley-terry-loss", "margin"),
    ("exact-policy-gradient", "baseline"),
    ("baseline-variance", "constant"),
    ("baseline-variance", "history"),
    ("off-policy-ppo-loss", "weight_cap"),
    ("grpo-variant-loss", "max_length"),
    ("cispo-loss", "clip_low"),
    ("cispo-loss", "max_length"),
    *(("sampling-distribution", key) for key in ("top_k", "top_p", "min_p")),
    ("baird", "w0"),
    ("gpt-parameters", "n_inner"),
}
MAY_BE_LEFT_OUT = MAY_BE_NULL | {
    ("grpo-advantages", "std"),
    ("grpo-advantages", "eps"),
    ("behavioural-cloning", "smoothing"),
    ("learned-model-planning", "untried_value"),
    ("orm-loss", "scored"),
}
# Parts of a transition that a solver does not look at.
NOT_READ = {"td0": ("a", "a2"), "q-learning": ("a2",), "expected-sarsa": ("a2",), "double-q-learning": ("a2",)}

# Nonsense as a whole input, whatever the input is.
NONSENSE: list[Any] = [
    math.nan,
    math.inf,
    -math.inf,
    10**400,
    -(10**400),
    "nonsense",
    "",
    "1",
    [],
    [[]],
    [[], [1]],
    {},
    {"a": 1},
    [[1, 2], [3]],
    [[[1], [2]], [[3, 4], [5, 6]]],
    [math.nan],
    [[math.inf]],
    ["1"],
    [None],
    [[None, 1]],
    [[[[[[1]]]]]],
    [10**400],
    [{}],
]
# What is nonsense elsewhere but not there: an expression may be a plain number.
MAKES_SENSE = [("equivalent", "a", "1"), ("equivalent", "b", "1")]
# Nonsense in the place of one number inside an input.
HOSTILE: list[Any] = [math.nan, math.inf, -math.inf, 10**400, "1", "", None, [], [1], {}, {"s": 1}]
# Values that some inputs allow: refused or computed, but never anything else.
DOUBTFUL: list[Any] = [None, True, False, 0, -1, 0.5, 1, 3, 1e308, -1e308, 5e-324, 2**63, [0], [[0]], [True], [1e308]]

INPUTS = [(name, key) for name, (inputs, _) in EXAMPLES.items() for key in inputs]


def refused(name: str, inputs: Any) -> str:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the sentence is looked at below
        solve(name, inputs)
    sentence = str(caught.value)
    assert type(caught.value) in (ValueError, UnknownSolver)
    assert_one_sentence(sentence)
    return sentence


def assert_one_sentence(sentence: str) -> None:
    assert sentence.endswith((".", "?"))
    assert "\n" not in sentence
    assert len(sentence) < 400


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to the first few scalars inside nested lists and objects."""
    if isinstance(value, dict):
        return [p for key, inner in value.items() for p in places(inner, (*path, key))[:1]]
    if isinstance(value, list):
        return places(value[0], (*path, 0)) + (places(value[-1], (*path, -1)) if len(value) > 1 else [])
    return [path]


def replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    if not path:
        return by
    changed = copy.copy(value)
    changed[path[0]] = replaced(value[path[0]], path[1:], by)
    return changed


def test_there_is_an_example_of_every_solver() -> None:
    assert set(EXAMPLES) == set(SOLVERS)


@pytest.mark.parametrize("name", SOLVERS)
def test_names_of_inputs_and_outputs(name: str) -> None:
    inputs, outputs = EXAMPLES[name]
    module, _, attribute = SOLVERS[name][0].partition(":")
    parameters = inspect.signature(getattr(importlib.import_module(module), attribute)).parameters
    assert set(parameters) == set(inputs)
    optional = {p.name for p in parameters.values() if p.default is not p.empty}
    assert {(name, key) for key in optional} == {pair for pair in MAY_BE_LEFT_OUT if pair[0] == name}
    result = solve(name, inputs)
    assert set(result) == set(outputs.split())
    assert json.loads(json.dumps(result, allow_nan=False)) == result


@pytest.mark.parametrize(("name", "key"), INPUTS)
def test_null_and_nothing(name: str, key: str) -> None:
    inputs = EXAMPLES[name][0]
    without = {k: v for k, v in inputs.items() if k != key}
    aggregation = {"aggregation": "token-mean"} if key == "max_length" and "aggregation" in inputs else {}
    if (name, key) in MAY_BE_NULL:
        assert solve(name, {**inputs, **aggregation, key: None}) == solve(name, {**without, **aggregation})
    else:
        refused(name, {**inputs, key: None})
    if (name, key) not in MAY_BE_LEFT_OUT:
        assert key in refused(name, without)


@pytest.mark.parametrize(("name", "key"), INPUTS)
def test_nonsense_is_refused_with_one_sentence(name: str, key: str) -> None:
    inputs = EXAMPLES[name][0]
    for value in NONSENSE:
        if (name, key, value) not in MAKES_SENSE:
            refused(name, {**inputs, key: value})
    for path in places(inputs[key]):
        for value in HOSTILE:
            if path and path[-1] not in NOT_READ.get(name, ()):
                refused(name, {**inputs, key: replaced(inputs[key], path, value)})


@pytest.mark.parametrize(("name", "key"), INPUTS)
def test_what_is_doubtful_is_computed_or_refused_but_nothing_else(name: str, key: str) -> None:
    inputs = EXAMPLES[name][0]
    candidates = [*DOUBTFUL, *(replaced(inputs[key], path, v) for path in places(inputs[key]) for v in DOUBTFUL)]
    for value in candidates:
        try:
            result = solve(name, {**inputs, key: value})
        except ValueError as problem:
            assert_one_sentence(str(problem))
        else:
            json.dumps(result, allow_nan=False)


@pytest.mark.parametrize(("name", "key"), [pair for pair in INPUTS if pair[1].endswith("mask")])
def test_a_mask_of_zeros_is_refused(name: str, key: str) -> None:
    inputs = EXAMPLES[name][0]
    zeros = [[0] * len(row) for row in inputs[key]]
    assert "mask" in refused(name, {**inputs, key: zeros})


def test_an_unknown_solver_is_met_with_the_nearest() -> None:
    with pytest.raises(UnknownSolver, match="did you mean grpo-advantages"):
        solve("grpo-advantage", {})
    assert "--list" in refused("zzz", {})
    for name in (None, 3, [], {}):
        assert "name" in refused(name, {})  # type: ignore[arg-type]


def test_unknown_inputs_are_met_with_the_nearest_or_with_all() -> None:
    assert "did you mean gamma?" in refused("discounted-returns", {"rewards": [1], "gama": 1})
    assert "rewards, gamma" in refused("discounted-returns", {"rewards": [1], "gamma": 1, "zzz": 1})
    for inputs in ([], None, "text", 3, [1]):
        assert "object" in refused("discounted-returns", inputs)


def test_a_result_that_is_not_finite_is_an_error() -> None:
    assert "finite" in refused("discounted-returns", {"rewards": [1e308, 1e308], "gamma": 1})
    assert "finite" in refused("kl-estimate", {"logp": [-2000], "ref_logp": [0], "estimator": "k3"})


def test_negative_zero_is_printed_as_zero() -> None:
    assert math.copysign(1, solve("discounted-returns", {"rewards": [-0.0], "gamma": 1})["returns"][0]) == 1
