"""Trees written as LaTeX: exact strings for what people type most, and read again for everything in the suites."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from decks.library import load_library
from solvers.symbolic.latex import HOLE, latex
from solvers.symbolic.setting import Setting, Understood, understood
from solvers.symbolic.steps import right_side
from solvers.symbolic.tree import Tree, Unreadable, node
from studyapp.typeset import formula

NAMES = {
    **dict.fromkeys(("x", "y", "A", "b", "c", "d"), "real"),
    **dict.fromkeys(("R", "z", "V", "Q", "r", "f", "G"), "indexed"),
    **dict.fromkeys(("beta", "rho"), "(0, inf)"),
    **dict.fromkeys(("gamma", "lam", "eps", "p", "q"), "(0, 1)"),
    **dict.fromkeys(("i", "T"), "integer >= 1"),
    "K": "integer >= 2",
    "theta": "indexed",
    "pi_ref": "indexed (0, 1)",
    "a": "integer in [1, K]",
    "k": "integer in [1, K]",
    "y_w": "real",
    "s2": "real",
}

WRITTEN = {
    "1 / (x + y)": r"\frac{1}{x + y}",
    "2 binom(K + 1, 2)": r"2 \, \binom{K + 1}{2}",
    "(K + 1)!^2": r"\left(\left(K + 1\right)!\right)^{2}",
    "|x|^2": r"\left|x\right|^{2}",
    "x/y/2": r"\frac{\frac{x}{y}}{2}",
    "exp(theta_k) / sum_{b=1..K} exp(theta_b)": (
        r"\frac{\exp\left(\theta_{k}\right)}{\sum_{b=1}^{K} \exp\left(\theta_{b}\right)}"
    ),
    "sum_{i=1..K} R_i": r"\sum_{i=1}^{K} R_{i}",
    "sum(R_i, i, 1, K)": r"\sum_{i=1}^{K} R_{i}",
    "(sum_{i=1..K} R_i) x": r"\left(\sum_{i=1}^{K} R_{i}\right) \, x",
    "sum_{i=1..K} (R_i - x)": r"\sum_{i=1}^{K} \left(R_{i} - x\right)",
    "sum_{j != i} R_j": r"\sum_{j \neq i} R_{j}",
    "sum_{j=1..K, j != i} R_j": r"\sum_{j=1,\, j \neq i}^{K} R_{j}",
    "sum_a pi(a)": r"\sum_{a} \pi\left(a\right)",
    "prod_{i=1..K} R_i": r"\prod_{i=1}^{K} R_{i}",
    "max_a Q(s, a)": r"\max_{a} Q\left(s, a\right)",
    "R_{i+1}": "R_{i + 1}",
    "R[i]": "R_{i}",
    "pi(y_w|x)": r"\pi\left(y_{w} \mid x\right)",
    "pi_ref(a)": r"\pi_{\text{ref}}\left(a\right)",
    "E_pi[R(a)]": r"\mathbb{E}_{\pi}\left[R\left(a\right)\right]",
    "E_{a~pi(.|s)}[Q(s, a)]": r"\mathbb{E}_{a \sim \pi\left(\cdot \mid s\right)}\left[Q\left(s, a\right)\right]",
    "Var_pi[R(a)]": r"\operatorname{Var}_{\pi}\left[R\left(a\right)\right]",
    "E_pi[R(a)^2] - E_pi[R(a)]^2": (
        r"\mathbb{E}_{\pi}\left[R\left(a\right)^{2}\right] - \mathbb{E}_{\pi}\left[R\left(a\right)\right]^{2}"
    ),
    "grad_k log pi(a)": r"\nabla_{k} \log \pi\left(a\right)",
    "grad_{theta_k} (x + R_k)": r"\nabla_{\theta_{k}}\left(x + R_{k}\right)",
    "(grad_k pi(a)) R(a)": r"\left(\nabla_{k} \pi\left(a\right)\right) \, R\left(a\right)",
    "softmax(z)_i": r"\operatorname{softmax}\left(z\right)_{i}",
    "log_softmax(z)_i": r"\log \operatorname{softmax}\left(z\right)_{i}",
    "1[i = j]": "1[i = j]",
    "-x": "-x",
    "x - (y - 2)": r"x - \left(y - 2\right)",
    "-(x + y)": r"-\left(x + y\right)",
    "2 beta x^2": r"2 \, \beta \, x^{2}",
    "x * 2": r"x \cdot 2",
    "K(K-1)": r"K \cdot \left(K - 1\right)",
    "(x + y)^2": r"\left(x + y\right)^{2}",
    "(x^2)^y": r"\left(x^{2}\right)^{y}",
    "log(x)^2": r"\left(\log x\right)^{2}",
    "log(x + y) b": r"\log\left(x + y\right) \, b",
    "log sigmoid(x)": r"\log \sigma\left(x\right)",
    "sqrt(x) abs(y)": r"\sqrt{x} \, \left|y\right|",
    "clip(rho, 1 - eps, 1 + eps)": r"\operatorname{clip}\left(\rho, 1 - \epsilon, 1 + \epsilon\right)",
    "1e-5 + 2.5e3": r"10^{-5} + 2.5 \cdot 10^{3}",
    "s2": "s2",
}


def names(declared: dict[str, str]) -> Understood:
    return understood(Setting(tuple({**NAMES, **declared}.items())))


@pytest.mark.parametrize("typed", WRITTEN)
def test_written(typed: str) -> None:
    assert latex(names({}).read(typed)) == WRITTEN[typed]


def test_a_declared_sigma_is_not_taken_for_the_sigmoid() -> None:
    tree = names({"sigma": "(0, inf)"}).read("sigma sigmoid(x)")
    assert latex(tree) == r"\sigma \, \operatorname{sigmoid}\left(x\right)"


def test_what_is_still_to_be_typed_is_a_box() -> None:
    assert latex(names({}).read(f"x + {HOLE}")) == r"x + \square"


# what the grammar reads otherwise: |x|, log softmax as one function, a logarithm's base, a power of ten, π_{ref, i}
NOT_READ = (r"\left|", r"\log \operatorname{softmax}", r"\log_", "10^", r"\text{ref}, ")
SPELLINGS = {"lam": "lambda", "eps": "epsilon"}


def as_read_again(written: str) -> str:
    """LaTeX in the spelling that the grammar reads."""
    for latex_sign, sign in ((r"\left", ""), (r"\right", ""), (r"\neq", "!="), (r"\leq", "<="), (r"\geq", ">=")):
        written = written.replace(latex_sign, sign)
    return written


def normal(tree: Tree) -> Tree:
    """−a b as −(a b), log σ as one function, one spelling of every Greek letter: the same to every eye, two trees."""
    tree = dataclasses.replace(tree.map(normal), text=SPELLINGS.get(tree.text, tree.text))
    if tree.op == "mul" and tree.args[0].op == "neg":
        return node("neg", node("mul", tree.args[0].args[0], *tree.args[1:]))
    if tree.op == "call" and tree.text == "log" and tree.args[0].text == "sigmoid":
        return node("call", *tree.args[0].args, text="logsigmoid")
    return tree


def typed_lines() -> list[tuple[str, Understood]]:
    """Every expression of the suite of pairs and of the decks."""
    lines = []
    for line in (Path(__file__).parent / "pairs.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            _, a, b, *more = line.split(" | ")
            declared = dict(part.split(": ") for part in more[0].split("; ")) if more else {}
            lines += [(a, names(declared)), (b, names(declared))]
    for derivation in load_library().derivations.values():
        setting = Setting(tuple(derivation.symbols.items()), derivation.definitions, derivation.givens)
        steps = [right_side(step.line, step.line.partition("=")[0]) for step in derivation.steps]
        lines += [(text, understood(setting)) for text in (derivation.start, derivation.goal, *steps)]
    return lines


def test_what_is_written_reads_as_the_same_tree_and_can_be_laid_out() -> None:
    read = 0
    for text, known in typed_lines():
        try:
            tree = known.read(text)
        except Unreadable:
            continue
        read += 1
        written = latex(tree)
        assert formula(written), text
        if not any(sign in written for sign in NOT_READ):
            assert normal(known.read(as_read_again(written))) == normal(tree), (text, written)
    assert read > 400


def test_no_hostile_line_that_can_be_read_fails_to_be_written() -> None:
    known, read = names({}), 0
    for text in (Path(__file__).parent / "hostile.txt").read_text("utf-8").splitlines():
        try:
            tree = known.read(text)
        except Unreadable:
            continue
        read += 1
        assert latex(tree)
    assert read > 20
