"""The release gate of the drills: over 200 seeds each, no wrong verdict, no answer that only our own code believes.

Every drill names here how to read its answer out of the solver's result, and a brute force in plain Python.
"""

import hashlib
import json
import math
import re
import statistics
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from itertools import combinations
from typing import Any, NamedTuple

import mpmath
import pytest

from decks.exercises import Exercise, generate, item_seed
from decks.grading import grade
from decks.items import Drill
from decks.library import load_library
from solvers.catalogue import solve

SEEDS = [str(seed) for seed in range(200)]


class Gate(NamedTuple):
    generator: str
    brute_force: Callable[[dict[str, Any]], list[Any]]
    solved: Callable[[dict[str, Any]], list[float]] | None  # None: no solver gives just this


def grpo(inputs: dict[str, Any]) -> list[float]:
    (rewards,) = inputs["rewards"]
    deviation = {"population": statistics.pstdev, "sample": statistics.stdev}[inputs["std"]](rewards)
    return [(r - statistics.mean(rewards)) / deviation for r in rewards]


def rloo(inputs: dict[str, Any]) -> list[float]:
    (rewards,) = inputs["rewards"]
    return [r - statistics.mean(rewards[:i] + rewards[i + 1 :]) for i, r in enumerate(rewards)]


def discounted(inputs: dict[str, Any]) -> list[float]:
    rewards, gamma = inputs["rewards"], inputs["gamma"]
    return [sum(gamma ** (k - t) * rewards[k] for k in range(t, len(rewards))) for t in range(len(rewards))]


def gae(inputs: dict[str, Any]) -> list[float]:
    steps = range(len(inputs["rewards"]))
    bootstraps = [not ended for ended in inputs["terminated"]]
    errors = [
        inputs["rewards"][t] + inputs["gamma"] * bootstraps[t] * inputs["next_values"][t] - inputs["values"][t]
        for t in steps
    ]
    decay = inputs["gamma"] * inputs["lam"]
    return [sum(decay**n * errors[t + n] for n in range(len(errors) - t)) for t in steps]


def ppo(inputs: dict[str, Any]) -> list[Any]:
    """By quadrant: a gain stops growing at 1 + ε, a loss stops shrinking at 1 − ε."""
    total = mpmath.mpf(0)
    columns = list(zip(inputs["logp"][0], inputs["old_logp"][0], inputs["advantages"][0], strict=True))
    for new, old, advantage in columns:
        ratio = mpmath.exp(new) / mpmath.exp(old)
        if advantage > 0:
            total += advantage * min(ratio, 1 + inputs["clip_high"])
        else:
            total += advantage * max(ratio, 1 - inputs["clip_low"])
    return [-total / len(columns)]


def kl(inputs: dict[str, Any]) -> list[Any]:
    ratios = [mpmath.exp(r) / mpmath.exp(p) for p, r in zip(inputs["logp"], inputs["ref_logp"], strict=True)]
    estimate = {
        "k1": lambda r: -mpmath.log(r),
        "k2": lambda r: mpmath.log(r) ** 2 / 2,
        "k3": lambda r: (r - 1) - mpmath.log(r),
    }[inputs["estimator"]]
    return [estimate(ratio) for ratio in ratios]


def bradley_terry(inputs: dict[str, Any]) -> list[Any]:
    pairs = zip(inputs["chosen"], inputs["rejected"], strict=True)
    return [mpmath.exp(c) / (mpmath.exp(c) + mpmath.exp(r)) for c, r in pairs]


def dpo(inputs: dict[str, Any]) -> list[Any]:
    """From the Bradley-Terry probability of the implicit rewards β·log(π/π_ref)."""
    chosen = (mpmath.exp(inputs["policy_chosen"][0]) / mpmath.exp(inputs["ref_chosen"][0])) ** inputs["beta"]
    rejected = (mpmath.exp(inputs["policy_rejected"][0]) / mpmath.exp(inputs["ref_rejected"][0])) ** inputs["beta"]
    assert inputs["label_smoothing"] == 0
    return [-mpmath.log(chosen / (chosen + rejected))]


GATES = {
    "grpo-advantages": Gate("advantages.grpo_advantages", grpo, lambda out: out["advantages"][0]),
    "rloo-advantages": Gate("advantages.rloo_advantages", rloo, lambda out: out["advantages"][0]),
    "discounted-returns": Gate("returns.discounted_returns", discounted, lambda out: out["returns"]),
    "gae": Gate("returns.gae", gae, lambda out: out["advantages"]),
    "ppo-clip-loss": Gate("policy.ppo_clip_loss", ppo, lambda out: [out["loss"]]),
    "kl-estimate": Gate("kl.kl_estimate", kl, lambda out: out["values"]),
    "bradley-terry-probability": Gate("preferences.bradley_terry_probability", bradley_terry, None),
    "dpo-loss": Gate("preferences.dpo_loss", dpo, lambda out: [out["loss"]]),
}
every_drill = pytest.mark.parametrize("name", GATES)


def drill(name: str) -> Drill:
    return Drill(
        id=name, topic="t", week=1, order=1, importance="must", covers=(), source="", see=(), deck="D", path="p",
        line=1, description="d", generator=GATES[name].generator, version=1,
    )  # fmt: skip


@cache
def exercises(name: str) -> list[Exercise]:
    return [generate(drill(name), seed) for seed in SEEDS]


def flat(answer: float | list[float]) -> list[float]:
    return answer if isinstance(answer, list) else [answer]


def typed(answer: float | list[float], separator: str = " ") -> str:
    """The answer to three significant digits, as a learner would round it."""
    return separator.join(f"{a:.3g}" for a in flat(answer))


def numbers_in(value: Any) -> set[float]:
    if isinstance(value, dict):
        return set().union(*map(numbers_in, value.values()))
    if isinstance(value, list):
        return set().union(*map(numbers_in, value))
    return set() if isinstance(value, (bool, str)) else {float(value)}


def test_every_shipped_drill_passes_this_gate() -> None:
    shipped = {name: item.generator for name, item in load_library().drills.items()}
    gated = {name: gate.generator for name, gate in GATES.items()}
    assert shipped.items() <= gated.items()


@every_drill
def test_a_seed_is_one_exercise(name: str) -> None:
    for exercise in exercises(name)[:20]:
        again = generate(drill(name), exercise.seed)
        assert again == exercise
        assert json.dumps(again.as_json(True), allow_nan=False) == json.dumps(exercise.as_json(True), allow_nan=False)


@every_drill
def test_the_answer_is_what_brute_force_gives(name: str) -> None:
    for exercise in exercises(name):
        expected = GATES[name].brute_force(exercise.inputs)
        assert len(flat(exercise.answer)) == len(expected)
        for have, want in zip(flat(exercise.answer), expected, strict=True):
            assert math.isclose(have, want, rel_tol=1e-9, abs_tol=1e-12), exercise.seed


@every_drill
def test_the_solver_reproduces_the_answer_from_the_inputs(name: str) -> None:
    solved = GATES[name].solved
    for exercise in exercises(name):
        inputs = json.loads(json.dumps(exercise.inputs))
        if solved is None:
            assert exercise.solver is None
        else:
            assert exercise.solver == name
            assert flat(exercise.answer) == pytest.approx(solved(solve(name, inputs)), rel=1e-12, abs=1e-12)


@every_drill
def test_the_rounded_answer_is_right_in_every_spelling(name: str) -> None:
    for exercise in exercises(name):
        answer = flat(exercise.answer)
        spellings = [
            typed(answer),
            f"[{typed(answer, ', ')}]",
            f"({typed(answer, '; ')})",
            typed(answer, ",").replace("-", "−"),
            "  ".join(map(repr, answer)),
            ", ".join(f"{a:.2e}" for a in answer),
            ", ".join(f"{a * 100:.6g}%" for a in answer),
            ", ".join(str(Fraction(a).limit_denominator(10**6)) for a in answer),
            ", ".join(f"{a:.4f}" if abs(a) > 0.01 else f"{a:.6f}" for a in answer),
        ]
        for spelling in spellings:
            verdict = grade(exercise, spelling)
            assert verdict.verdict == "right", (exercise.seed, spelling, answer, verdict)


@every_drill
def test_every_mistake_is_refused_by_its_own_name(name: str) -> None:
    for exercise in exercises(name):
        assert len(exercise.mistakes) >= 3
        assert len({mistake.name for mistake in exercise.mistakes}) == len(exercise.mistakes)
        for mistake in exercise.mistakes:
            for spelling in (typed(mistake.answer), ", ".join(map(repr, flat(mistake.answer)))):
                verdict = grade(exercise, spelling)
                assert (verdict.verdict, verdict.mistake) == ("wrong", mistake.name), (exercise.seed, spelling)
                assert verdict.says == mistake.says


@every_drill
def test_answer_and_mistakes_stand_apart(name: str) -> None:
    """No two of them within the rule's distance of each other in all members, by the rule as the contract states it."""

    def reach(a: float) -> float:
        decimals = max(0, 2 - math.floor(math.log10(abs(a)))) if a else 2
        return max(0.005 * abs(a), 0.55 * 10**-decimals)

    for exercise in exercises(name):
        answers = [flat(exercise.answer), *(flat(mistake.answer) for mistake in exercise.mistakes)]
        assert all(math.isfinite(a) for answer in answers for a in answer)
        for one, other in combinations(answers, 2):
            assert any(abs(a - b) > reach(a) + reach(b) for a, b in zip(one, other, strict=True)), exercise.seed


@every_drill
def test_the_prompt_says_all_that_is_needed_in_76_columns(name: str) -> None:
    for exercise in exercises(name):
        printed = {float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", exercise.prompt)}
        assert numbers_in(exercise.inputs) <= printed, exercise.prompt
        assert "3 significant digits; within 0.5 % counts" in exercise.prompt
        for text in (exercise.prompt, exercise.solution):
            assert max(map(len, text.splitlines())) <= 76, text
            assert text.count("$") % 2 == 0
            assert text.count("{") == text.count("}")
            assert "e-1" not in text.replace("e^{-1", "")
        for mistake in exercise.mistakes:
            assert mistake.says.endswith(".")
            assert "$" not in mistake.says
            assert ". " not in mistake.says


@every_drill
def test_the_solution_ends_at_the_rounded_answer(name: str) -> None:
    """Every member of the answer stands in the solution, rounded to the digits asked for or one more."""
    for exercise in exercises(name):
        printed = {float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", exercise.solution)}
        for a in flat(exercise.answer):
            assert any(math.isclose(a, number, rel_tol=5e-3, abs_tol=1e-12) for number in printed), exercise.solution


@every_drill
def test_neighbouring_seeds_share_no_item(name: str) -> None:
    seeds = {item_seed(str(seed), i) for seed in range(10) for i in range(20)} | {"01", "1 ", "1-1-1", "-1", "１"}
    prompts = [generate(drill(name), seed).prompt for seed in sorted(seeds)]
    assert len(set(prompts)) == len(prompts)


HOSTILE = [
    "", " ", "(", "nan", "inf nan", "1e999999999", "9**9**9**9", "__import__('os').system('x')", "\x00", "0.5\u200f",
    "1" * 100_000, "(" * 399, "\u0435", "answer = 1", "1/0", "log(-1)", "[[1], [2]]", "1,,1", "exp(9^9)", "\udcff",
]  # fmt: skip


@every_drill
def test_hostile_input_never_gets_a_verdict(name: str) -> None:
    exercise = exercises(name)[0]
    count = len(flat(exercise.answer))
    for text in [*HOSTILE, typed(exercise.answer) + " 1", "1, " * (count - 1) + "x", "1 " * (count + 1)]:
        verdict = grade(exercise, text)
        assert (verdict.verdict, verdict.mistake, verdict.expected) == ("unreadable", None, None), text
        assert verdict.says


def test_both_standard_deviations_and_all_estimators_and_endings_are_drilled() -> None:
    assert {e.inputs["std"] for e in exercises("grpo-advantages")} == {"population", "sample"}
    assert {e.inputs["estimator"] for e in exercises("kl-estimate")} == {"k1", "k2", "k3"}
    assert {any(e.inputs["terminated"]) for e in exercises("gae")} == {True, False}


def test_ppo_s_tokens_lie_in_every_quadrant() -> None:
    for exercise in exercises("ppo-clip-loss"):
        inputs = exercise.inputs
        quadrants = set()
        for new, old, advantage in zip(inputs["logp"][0], inputs["old_logp"][0], inputs["advantages"][0], strict=True):
            ratio = math.exp(new - old)
            if not 1 - inputs["clip_low"] <= ratio <= 1 + inputs["clip_high"]:
                quadrants.add((ratio > 1, advantage > 0))
        assert len(quadrants) == 4


FROZEN = {
    "grpo-advantages": "1890d5ac98a8f975",
    "rloo-advantages": "875154bf630b2ab1",
    "discounted-returns": "94ee205f7e86f59d",
    "gae": "14dc74413eec7ced",
    "ppo-clip-loss": "dcf5015c04df77b6",
    "kl-estimate": "fd74b6526d6622a5",
    "bradley-terry-probability": "d89db7e2d5e461af",
    "dpo-loss": "07a4bd709ecd52cc",
}


@every_drill
def test_a_version_s_seeds_stay_the_same_exercises(name: str) -> None:
    """Whoever changes what a seed gives raises the drill's version: people pass DRILL@SEED on to one another."""
    inputs = json.dumps([exercise.inputs for exercise in exercises(name)])
    assert hashlib.sha256(inputs.encode()).hexdigest()[:16] == FROZEN[name]
