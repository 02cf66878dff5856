"""How expressions may be written: many spellings of the same, and sentences that point at what is not understood."""

from __future__ import annotations

import pytest

from solvers.symbolic.equivalence import equivalent
from solvers.symbolic.tree import Unreadable

SYMBOLS = {
    **dict.fromkeys(("x", "y", "tau"), "real"),
    **dict.fromkeys(("beta", "gamma", "lam", "eps"), "(0, 1)"),
    **dict.fromkeys(("R", "V", "z", "Q"), "indexed"),
    "K": "integer >= 2",
    "i": "integer >= 1",
    "j": "integer >= 1",
    "r_w": "real",
    "r_l": "real",
}

SPELLINGS = [
    ("2*beta*x", ["2beta x", "2 beta x", "2β x", "β·2·x", "(2)(beta)(x)", "2β×x", "2\\beta \\cdot x", "beta(2x)"]),
    ("x^2*y", ["x**2 y", "x²y", "x^{2} y", "x·x·y", "𝑥^2 y", "x^(2)y"]),
    ("(x - y)/2", ["x/2 - y/2", "(x − y) ÷ 2", "\\frac{x-y}{2}", "½(x-y)", "[x - y]/2", "1/2 (x-y)", "{x-y}/2"]),
    ("sqrt(x^2 + 1)", ["√(x²+1)", "\\sqrt{x^2+1}", "(x^2+1)^(1/2)", "(x^2+1)^0.5"]),
    ("exp(-x)", ["e^-x", "e^(-x)", "e^{-x}", "1/e^x", "exp{-x}", "1/exp(x)", "exp[-x]"]),
    ("log(beta)", ["ln(beta)", "log beta", "ln β", "\\log β"]),
    ("sigmoid(beta*x)", ["σ(βx)".replace("βx", "β x"), "sigma(beta x)", "1/(1 + e^(-β x))", "\\sigma(\\beta x)"]),
    ("lam + eps", ["λ + ε", "lambda + epsilon", "\\lambda + \\varepsilon", "lam + eps"]),
    ("R_i + R_{i+1}", ["R[i] + R[i+1]", "R(i) + R(i + 1)", "R_{i} + R_{1+i}", "Rᵢ + R_(i+1)"]),
    ("R_{i,j}", ["R_ij", "R[i, j]", "R[i][j]", "R_{ij}"]),
    (
        "sum_{i=1..K} R_i",
        [
            "sum_{i=1}^{K} R_i",
            "sum_{i=1}^K R_i",
            "∑_{i=1}^K R_i",
            "\\sum_{i=1}^{K} R_i",
            "sum(R_i, i, 1, K)",
            "sum(R_j, j=1..K)",
            "sum_{i in 1..K} R_i",
            "sum_{i=1,...,K} R_i",
            "sum_{i=1…K} R_i",
            "Σ_{i=1}^K R_i",
            "sum_(i=1..K) R_i",
            "\\sum\\limits_{i=1}^{K} R_i",
            "R_1 + sum_{k=2..K} R_k",
            "sum(R[i], i in 1..K)",
            "sum(R_i, (i, 1, K))",
            "Sum(R_j, (j, 1, K))",
            "sum(R_i for i in 1..K)",
            "sum_{i=1:K} R_i",
            "sum_{i=1 to K} R_i",
            "sum_{1 <= i <= K} R_i",
            "sum_{0 < i < K+1} R_i",
            "∑_{i≠1}^K R_i + R_1",
            "$\\sum_{i=1}^K R_i$",
        ],
    ),
    ("prod_{i=1..3} R_i", ["R_1 R_2 R_3", "∏_{i=1}^{3} R_i", "product(R_i, i, 1, 3)", "\\prod_{i=1}^3 R_i"]),
    (
        "pi(y_w|x)/pi_ref(y_w|x)",
        [
            "π(y_w|x)/π_ref(y_w|x)",
            "pi(y_{w} | x) / pi_{ref}(y_w|x)",
            "\\pi(y_w\\mid x)/\\pi_\\text{ref}(y_w|x)",
            "\\pi\\left(y_w \\mid x\\right) / \\pi_{\\text{ref}} \\bigl( y_w \\mid x \\bigr)",
        ],
    ),
    (
        "E_{a~pi(.|s)}[Q(s,a)]",
        ["sum_a pi(a|s) Q(s,a)", "E_{a ∼ π(·|s)}[Q(s,a)]", "\\mathbb{E}_{a\\sim\\pi(\\cdot|s)}[Q(s,a)]"],
    ),
    ("E_pi[R(a)]", ["E_{pi}[R(a)]", "𝔼_π[R(a)]", "E_{a~pi}[R(a)]", "sum_{a} pi(a) R(a)", "E_{b~pi}[R(b)]"]),
    ("max_a Q(s,a) + x", ["x + max_{a} Q(s,a)", "max_b Q(s,b) + x", "\\max_a Q(s,a) + x"]),
    (
        "softmax(z)_i",
        ["softmax(z)[i]", "softmax_i(z)", "softmax(z, i)", "exp(z_i)/sum_j exp(z_j)", "exp(log_softmax(z)_i)"],
    ),
    ("1[i != K]", ["1[i \\neq K]", "1[i \\ne K]", "1 - 1[i = K]", "1[i != K, i \\leq K] + 1[i > K]"]),
    ("1[x < y]", ["1{x<y}", "I[x < y]", "𝟙[x<y]", "1[y > x]", "1 - 1[x >= y]"]),
    (
        "clip(x, 1-eps, 1+eps)",
        ["clamp(x, 1-ε, 1+ε)", "min(max(x, 1-eps), 1+eps)", "\\text{clip}(x, 1-\\epsilon, 1+\\epsilon)"],
    ),
    ("r_w - r_l", ["-(r_l - r_w)", "r_{w} - r_{l}"]),
    ("K(K-1)", ["K^2 - K", "K (K-1)", "(K-1)K"]),
    ("log(beta/gamma)", ["\\log\\frac{\\beta}{\\gamma}", "\\log \\frac{beta}{gamma}", "log beta - log gamma"]),
    ("2 pi x", ["2π x", "x*2*pi"]),
    ("-x^2", ["-(x^2)", "0 - x*x", "−x²"]),
    ("2^3^2", ["512", "2^(3^2)"]),
    (
        "x/2 + 1/K",
        ["\\frac12 x + \\frac1K", "\\tfrac{1}{2}x + \\dfrac 1 K", "\\frac1{2}x+1/K"],
    ),
    ("abs(x - y)", ["|x - y|", "\\left|x - y\\right|", "\\lvert x-y \\rvert", "|x-y|^2/|x - y|", "||x-y||"]),
    ("2 abs(x) abs(y)", ["2|x||y|", "2|x| |y|", "|2x y|", "2|x|·|y|"]),
    (
        "1[abs(x) > 1]",
        ["1[|x| > 1]", "1_{|x| > 1}", "\\mathbb{1}[|x|>1]", "\\mathbf{1}_{|x|>1}", "\\mathbf 1\\{|x|>1\\}"],
    ),
    ("1[x > 0] y", ["[x > 0] y", "I(x > 0) y", "1(x>0) y", "\\mathbb{I}[x>0] y", "\\mathbb I[x>0] y"]),
    ("\\mathbb E_{a\\sim\\pi}[R(a)]", ["E_pi[R(a)]", "\\mathbf{E}_{\\boldsymbol{\\pi}}\\Bigl[R(a)\\Bigr]"]),
    ("exp(-x)", ["\\exp\\{-x\\}", "\\exp\\left\\{-x\\right\\}", "\\frac{1}{e^x}"]),
    ("sqrt(2) x", ["\\sqrt2 x", "√2 x", "\\sqrt{2}\\quad x"]),
    ("sum_{i in A} R_i", ["\\sum_{i\\in\\mathcal{A}} R_i", "sum_{i ∈ 𝒜} R_i"]),
    ("x 1[x > 0]", ["x\\mathbf{1}[x>0]", "x𝟙[x > 0]", "max(x, 0)"]),
    ("beta^K R_i", ["βᴷ R_i", "β^{K}·Rᵢ", "beta**K R_i"]),
    ("x^(i-1)", ["xⁱ⁻¹", "x^{i-1}", "xⁱ/x"]),
    ("sum_{t=0..inf} beta^t", ["Σ_{t=0}^{∞} βᵗ", "sum(beta^t, t, 0, oo)", "sum_{t>=0} beta^t", "1 + sum_{t>0} beta^t"]),
    ("pi_theta_old(y|x)", ["\\pi_{\\theta_{old}}(y|x)", "π_θ_old(y|x)", "\\pi_{\\theta_{\\text{old}}}(y\\mid x)"]),
    ("log2(beta)", ["log_2(beta)", "\\log_2 \\beta", "log(beta)/log(2)"]),
    ("sigmoid(x)", ["expit(x)", "logistic(x)"]),
    ("K*2^(K-1)", ["K 2^(K-1)", "2^K K/2", "(K) 2^{K-1}"]),
    (
        "K(K-1)/2",
        [
            "binom(K, 2)",
            "\\binom{K}{2}",
            "choose(K, 2)",
            "K!/(2 (K-2)!)",
            "factorial(K)/factorial(K-2)/2!",
        ],
    ),
    ("x/y/2", ["x/(2y)", "(x/y)/2"]),
    ("sum_{i=1..K} R_i/K + x", ["(sum_{i=1..K} R_i)/K + x", "1/K sum_{i=1..K} R_i + x", "sum_{i=1..K} (R_i/K) + x"]),
]


@pytest.mark.parametrize(("a", "others"), SPELLINGS, ids=[a for a, _ in SPELLINGS])
def test_spellings(a: str, others: list[str]) -> None:
    for b in others:
        assert equivalent(a, b, SYMBOLS, prove=False).verdict == "equal", b


# text, the character that the sentence points at (from 1; None: no place), a part of the sentence
ERRORS = [
    ("gama*x", 1, "did you mean gamma?"),
    ("x + lgo(y)", 5, "did you mean log?"),
    ("x + sofmax(z)_i", 5, "did you mean softmax?"),
    ("xy", 1, "did you mean x*y?"),
    ("r_v - r_l", 1, "did you mean r_w?"),
    ("foo(x)", 1, "`foo` is not a symbol"),
    ("x + х", 5, "CYRILLIC SMALL LETTER HA"),
    ("x'", 2, "s2 or s_next"),
    ("(x + y", 1, "is not closed"),
    ("x + y)", 6, "no bracket is open"),
    ("(x + y]", 7, "`)` is expected"),
    ("x +* y", 4, "`*` does not fit"),
    ("x +", 4, "stops"),
    ("x = y", 3, "not an equation"),
    ("|x", 1, "`|` at character 1 is not closed"),
    ("(x|y)", 5, "`|` is expected"),
    ("KL(pi||mu)", 6, "E_pi[log(pi(a)/mu(a))]"),
    ("E_{a~pi} Q(i,a)", 10, "what the expectation is of in brackets"),
    ("log^2(beta)", 4, "(log(x))^2"),
    ("sum_{t<K} beta^t", 6, "where this sum starts"),
    ("sum_i^K R_i", 7, "where the range starts"),
    ("3 2^x", 3, "sign such as *"),
    ("binom(K, x)", 10, "whole number"),
    ("x!!!x", 1, "whole number"),
    ("{x", 1, "`{` at character 1 is not closed"),
    ("x 2", 3, "sign such as *"),
    ("1/2x", 4, "under the division"),
    ("\\sqrt[3]{x}", 1, "x^(1/3)"),
    ("1½ x", 2, "1.5"),
    ("x \\leq y", 3, "`\\leq` does not fit"),
    ("x/y(x+1)", 4, "under the division"),
    ("log x y", 7, "how far log reaches"),
    ("prod_{i=1..K} R_i x", 19, "whether this prod reaches"),
    ("prod_{i=1..K} R_i * prod_{i=1..K} z_i", 21, "whether this prod reaches"),
    ("prod_{i=1..K} R_i / prod_{i=1..K} z_i", 21, "whether this prod reaches"),
    ("x/sum_{i=1..K} R_i x", 20, "sum under a division"),
    ("z + 1", 1, "needs an index"),
    ("sum_{i=1..x} R_i", 11, "whole numbers"),
    ("sum_{i=1} R_i", 8, "no end"),
    ("sum", 1, "sum_{i=1..K} R_i"),
    ("E[x]", 1, "E_pi[f(a)]"),
    ("softmax(z)", 9, "softmax(z)_i"),
    ("softmax(x)_i", 1, "indexed name"),
    ("clip(x, 1)", 6, "3 arguments"),
    ("max(x)", 5, "at least 2 arguments"),
    ("x/0", 3, "division by zero"),
    ("x + 9^9^9^9", 5, "too large"),
    ("x + log(-1)", 5, "not a real number"),
    ("1" * 31, 1, "digits"),
    ("1e999", 1, "power of ten"),
    ("x" * 401, None, "400 characters"),
    ("(" * 0 + "abs(" * 41 + "x" + ")" * 41, None, "nested deeper"),
    ("  ", None, "Nothing was typed"),
]


@pytest.mark.parametrize(("text", "character", "part"), ERRORS, ids=[text[:30] for text, *_ in ERRORS])
def test_errors_point_at_the_character(text: str, character: int | None, part: str) -> None:
    for a, b, side in ((text, "x", "a"), ("x", text, "b")):
        with pytest.raises(Unreadable) as caught:
            equivalent(a, b, SYMBOLS)
        sentence = str(caught.value)
        assert part in sentence
        assert sentence.startswith(f"In {side}: ")
        assert sentence.endswith((".", "?"))
        assert caught.value.place == (None if character is None else character - 1)


def test_declared_names_win() -> None:
    for name in ("pi", "e", "sigma", "E", "sum", "max", "exp", "lambda", "class", "None", "log", "delta"):
        assert equivalent(f"2{name} - {name}", name, {name: "real"}, prove=False).verdict == "equal"
    assert equivalent("e", "exp(1)", {"e": "real"}, prove=False).verdict == "different"


def test_a_name_before_a_bracket_is_what_it_was_declared_as() -> None:
    assert equivalent("V(x)", "V*x", {"V": "real", "x": "real"}, prove=False).verdict == "equal"
    assert equivalent("V(s) + V(s2)", "V(s2) + V(s)", {"V": "indexed"}, prove=False).verdict == "equal"
    assert equivalent("V(s)", "V(s2)", {"V": "indexed"}, prove=False).verdict == "different"
    assert equivalent("pi(a, s)", "pi(a|s)", {}, prove=False).verdict == "different"
