"""Steps of derivations: right ones by many routes, near misses of every rule, and what is said of the rest."""

from __future__ import annotations

import dataclasses
import math
import pickle
from pathlib import Path

import pytest

from solvers.symbolic.chain import Chain
from solvers.symbolic.decide import Witness
from solvers.symbolic.setting import Setting
from solvers.symbolic.steps import StepVerdict, check_step, split_line, where

POLICY = Setting(
    (
        ("theta", "indexed"),
        ("R", "indexed"),
        ("B", "real"),
        ("K", "integer >= 2"),
        ("a", "integer in [1, K]"),
        ("k", "integer in [1, K]"),
    ),
    ("pi(a) = exp(theta_a) / sum_{b=1..K} exp(theta_b)",),
)
REWARDS = Setting(
    (
        ("phi", "real"),
        ("r_w", "real depending on phi"),
        ("r_l", "real depending on phi"),
        ("p", "distribution depending on phi"),
        ("f", "indexed"),
        ("x", "(0, inf)"),
        ("rho", "(0, inf)"),
        ("A", "real"),
        ("eps", "(0, 1)"),
    )
)
PREFERENCES = Setting(
    (
        ("pi", "indexed (0, 1)"),
        ("pi_ref", "indexed (0, 1)"),
        ("r", "indexed"),
        ("beta", "(0, inf)"),
        ("Z", "(0, inf)"),
    ),
    givens=("r(y) = beta log(pi(y)/pi_ref(y)) + beta log Z",),
)
BEST = Setting(
    (
        ("pi_ref", "distribution"),
        ("q", "distribution"),
        ("r", "indexed"),
        ("beta", "(0, inf)"),
        ("tau", "(0, inf)"),
        ("h", "real"),
        ("p", "(0, 1)"),
    )
)
SETTINGS = {"policy": POLICY, "rewards": REWARDS, "preferences": PREFERENCES, "best": BEST}


def _steps() -> list[tuple[str, str, str, str]]:
    found, setting = [], ""
    for line in (Path(__file__).parent / "steps.txt").read_text("utf-8").splitlines():
        if line.startswith("## "):
            setting = line[3:]
        elif line and not line.startswith("#"):
            verdict, before, typed = line.split(" | ")
            found.append((setting, verdict, before, typed))
    return found


STEPS = _steps()


def test_there_are_enough_of_each_kind() -> None:
    verdicts = [verdict for _, verdict, *_ in STEPS]
    assert min(verdicts.count("accepted"), verdicts.count("refused")) >= 40


@pytest.mark.parametrize(("setting", "verdict", "before", "typed"), STEPS, ids=[f"{b} | {t}" for *_, b, t in STEPS])
def test_verdict(setting: str, verdict: str, before: str, typed: str) -> None:
    found = check_step(before, typed, SETTINGS[setting], prove=False)
    assert found.verdict == verdict, found.says
    assert found.says.endswith(".")
    if verdict == "accepted":
        assert found.badge == "proved" or found.badge.startswith("checked at ")
    elif found.witness is not None and not typed.count("imise over"):
        assert not math.isclose(found.witness.a, found.witness.b, rel_tol=1e-12)


def test_a_witness_of_a_gradient_is_one() -> None:
    """The values that are shown give the two sides, by arithmetic of our own."""
    found = check_step("grad_k log pi(a)", "1[a = k] - pi(a)", POLICY, prove=False)
    assert found.witness is not None
    at = found.witness.symbols
    weights = [math.exp(at[f"theta[{b}]"]) for b in range(1, int(at["K"]) + 1)]
    pi = {b + 1: weight / sum(weights) for b, weight in enumerate(weights)}
    is_k = float(at["a"] == at["k"])
    assert math.isclose(found.witness.a, is_k - pi[int(at["k"])], rel_tol=1e-9, abs_tol=1e-12)
    assert math.isclose(found.witness.b, is_k - pi[int(at["a"])], rel_tol=1e-9, abs_tol=1e-12)
    assert "K = " in where(found.witness)


ADVICE = [
    (POLICY, "E_pi[R(a)]", "pi(k) (R(k) - E_pi[R(a)])", "differentiate by theta_k"),
    (REWARDS, "sigmoid(x)", "sigmoid(x) (1 - sigmoid(x))", "differentiate by x"),
    (PREFERENCES, "r(y_w) - r(y_l)", "beta log(pi(y_w)/pi_ref(y_w)) + beta log Z - r(y_l)", "substitute"),
    (BEST, "r(y)", "E_{y~q}[r(y)]", "expectation under q"),
]


@pytest.mark.parametrize(("setting", "before", "line", "rule"), ADVICE, ids=[rule for *_, rule in ADVICE])
def test_a_line_that_needs_a_rule_is_told_so(setting: Setting, before: str, line: str, rule: str) -> None:
    found = check_step(before, line, setting, prove=False)
    assert (found.verdict, found.advice) == ("refused", rule)
    assert f"# rule: {rule}" in found.says
    assert check_step(before, f"{line}  # rule: {found.advice}", setting, prove=False).verdict == "accepted"


def test_a_rule_too_much_is_told_so() -> None:
    found = check_step("x + x", "2 x  # rule: differentiate by x", REWARDS, prove=False)
    assert found.verdict == "refused"
    assert "leave out the rule" in found.says


UNREADABLE = [
    ("grad_k lgo(pi(a))", 7, "did you mean log"),
    ("  1[a = k] - pii(k)", 13, "did you mean pi"),
    ("= 1[a = k] - pii(k)", 13, "At character 14, `pii`"),
    ("  =  lgo(pi(a))", 5, "At character 6, `lgo`"),
    ("<= pi(k)", 0, "equalities"),
    ("pi(k) <= 1", 6, "equalities"),
    ("pi(k) + O(B^2)", 8, "not offered"),
    ("pi(k) # rule: diferentiate by theta_k", None, "did you mean differentiate"),
    ("pi(k) # rule: differentiate", None, "differentiate by x"),
    ("pi(k) # rule: differentiate by thta_k", None, "did you mean theta"),
    ("pi(k) # rule: expectation", None, "under which distribution"),
    ("pi(k) # rule: maximise over R", None, "equation"),
    ("pi(k) # rule: hope", None, "the rules are"),
    ("R(a) = 1 # rule: maximise over pi subject to sum pi = 1", None, "must be the same"),
    ("pi(a) = 1/K # rule: maximise over pi subject to sum pi = 1", None, "defined"),
    ("R(a) = 1/K # rule: maximise over R", None, "sum R = 1"),
    ("grad_1 pi(a)", 4, "by a symbol"),
    ("grad pi(a)", 0, "by what"),
    ("grad_k pi(a) R(a)", 13, "how far grad_k reaches"),
    ("pi(a, k)", 0, "pi(a)"),
    ("log pi(a) grad_k pi(a)", 10, "how far log reaches"),
    ("E_pi[grad_k (log pi(a))^2 / 2]", 24, "grad_x (f^2)"),
    ("grad_pi pi(a)", None, "what that is made of"),
    ("", None, "Nothing was typed"),
]


@pytest.mark.parametrize(("typed", "place", "part"), UNREADABLE, ids=[typed[:40] for typed, *_ in UNREADABLE])
def test_what_is_not_understood(typed: str, place: int | None, part: str) -> None:
    found = check_step("E_pi[R(a)]", typed, POLICY, prove=False)
    assert found.verdict == "unreadable"
    assert part in found.says
    assert found.says.endswith((".", "?"))
    if place is not None:
        assert found.place == place


def chain(*lines: str, setting: Setting = REWARDS, start: str = "-log sigmoid(r_w - r_l)", goal: str = "0") -> Chain:
    made = Chain(setting, start, goal)
    for line in lines:
        verdict = made.check(line, prove=False)
        assert verdict.verdict == "accepted", (line, verdict.says)
        made = made.and_then(verdict)
    return made


def test_an_abbreviation_holds_from_there_on() -> None:
    made = chain("-log sigmoid(u)  # rule: substitute u = r_w - r_l", "log(1 + exp(-u))", "log(1 + exp(r_l - r_w))")
    assert made.check("log(1 + exp(-u)) + 0 v", prove=False).verdict == "unreadable"
    assert made.check("-log sigmoid(-u)", prove=False).verdict == "refused"
    assert made.without_last().present == "log(1 + exp(-u))"
    assert chain().check("log(1 + exp(-u))", prove=False).verdict == "unreadable"


@pytest.mark.parametrize(("start", "rule"), [("", "  # rule: differentiate by rho"), ("grad_rho ", "")])
def test_at_a_kink_no_form_of_a_derivative_is_wrong(start: str, rule: str) -> None:
    slope = "1[A > 0] A 1[rho < 1 + eps] + 1[A < 0] A 1[rho > 1 - eps]"
    goal = slope.replace("rho <", "rho <=")
    made = chain(slope + rule, start=f"{start}min(rho A, clip(rho, 1 - eps, 1 + eps) A)", goal=goal)
    assert made.check(goal, prove=False).reaches_goal
    assert made.check(goal.replace("1 + eps", "1"), prove=False).verdict == "refused"
    assert check_step(slope, goal, REWARDS, prove=False).verdict == "refused"  # without that history


def test_what_was_differentiated_by_may_be_put_in_afterwards() -> None:
    setting = dataclasses.replace(REWARDS, givens=("x = 2",))
    made = chain("2 x  # rule: differentiate by x", "4  # rule: substitute x = 2", setting=setting, start="x^2")
    assert made.present == "4"
    assert made.check("5", prove=False).verdict == "refused"


def test_a_model_solution_that_cannot_be_read_does_not_stop_another_line() -> None:
    made = dataclasses.replace(chain(), milestones=("log x y", "log(1 + exp(r_l - r_w))"))
    assert made.check("log(1 + exp(r_l - r_w))", prove=False).milestone == 1


def test_after_a_maximiser_its_name_may_be_repeated() -> None:
    best = "pi_ref(y) exp(r(y)/beta) / sum_z pi_ref(z) exp(r(z)/beta)"
    made = chain(
        f"q(y) = {best}  # rule: maximise over q subject to sum q = 1",
        "q(y) = exp(log pi_ref(y) + r(y)/beta) / sum_z pi_ref(z) exp(r(z)/beta)",
        f"= {best}",
        best,
        setting=BEST,
        start="E_q[r(y)] - beta sum_y q(y) log(q(y)/pi_ref(y))",
        goal=best,
    )
    assert made.is_done
    assert made.lines[0].reaches_goal


def test_after_a_maximiser_its_name_may_stand_before_a_rule() -> None:
    symbols = (("x", "real"), ("g", "(0, inf)"), ("lam", "(0, inf)"), ("F", "(0, inf)"))
    setting = Setting(symbols, givens=("lam = g",))
    lines = ("x = g/(lam F)  # rule: maximise over x", "x = 1/F  # rule: substitute lam", " x =  1/F")
    made = chain(*lines, setting=setting, start="g x - lam F x^2/2", goal="1/F")
    assert made.is_done
    wrong = made.check(" x = 1/F + ff # rule: substitute lam", prove=False)
    assert (wrong.verdict, wrong.place) == ("unreadable", 11)
    assert made.check("x = 2/F # rule: minimise over x", prove=False).verdict == "unreadable"


def test_the_goal_must_have_its_form() -> None:
    """Lines that only equal the goal do not reach it; spellings of it do."""
    start, goal = "grad_k log pi(a)", "1[a = k] - pi(k)"
    for line in (
        "grad_k theta_a - pi(k)",
        "1[a = k] - exp(theta_k)/sum_{b=1..K} exp(theta_b)",
        "(1[a=k]/2 - pi(k)/2) * 2",
    ):
        assert not chain(line, setting=POLICY, start=start, goal=goal).is_done
    for line in (
        "-pi(k) + 1[k = a]",
        "1[a = k] + -π(k)",
        "1*(1[a=k] - pi(k))",
        "-(pi(k) - 1{a = k})",
        "delta_{ak} - pi(k)",
    ):
        assert chain(line, setting=POLICY, start=start, goal=goal).is_done, line


def test_rule_and_line_are_told_apart() -> None:
    assert split_line("x + 1  # rule: differentiate by x") == ("x + 1", "differentiate by x")
    assert split_line("x#RULE:  substitute  u = x ") == ("x", "substitute u = x")
    assert split_line(" x ") == ("x", "")


def test_verdicts_and_chains_travel_between_processes() -> None:
    made = chain("log(1 + exp(-u))  # rule: substitute u = r_w - r_l")
    again: Chain = pickle.loads(pickle.dumps(made))
    assert again == made
    verdict: StepVerdict = pickle.loads(pickle.dumps(again.check("log(1 + exp(u))", prove=False)))
    assert verdict.verdict == "refused"


def test_the_values_of_a_witness_stand_in_order() -> None:
    shuffled = {"theta[10]": 0.5, "b": 2.0, "theta[2]": 1.0, "outcomes": 3.0, "theta[1]": 4.0}
    assert where(Witness(shuffled, 0.0, 1.0, 1.0)) == "at theta[1] = 4, theta[2] = 1, theta[10] = 0.5, b = 2"
