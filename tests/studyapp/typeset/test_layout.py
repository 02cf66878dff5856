"""Formulas in two dimensions, against drawings made by hand, and against their own sources."""

from textwrap import dedent

import pytest
from latex_letters import letters, promised
from wcwidth import wcswidth

from studyapp.typeset import formula
from studyapp.typeset.colour import without
from studyapp.typeset.latex import parse
from studyapp.typeset.linear import write
from studyapp.typeset.small_scripts import Style, lowered_letters


def one_row(source: str) -> str:
    return without(write(parse(source), Style(lowered_letters(source))))


DRAWINGS = {
    r"\hat{A}_i = \frac{r_i - \mu}{\sigma + \varepsilon}": """
             rᵢ − μ
        Âᵢ = ──────
             σ + ε
    """,
    r"r_t(\theta) = \frac{\pi_\theta(a_t \mid s_t)}{\pi_{\theta_{\text{old}}}(a_t \mid s_t)}": """
                 π (aₜ | sₜ)
                  θ
        rₜ(θ) = ──────────────
                π    (aₜ | sₜ)
                 θ
                  old
    """,
    r"\sum_{t=0}^{T} \gamma^t r_t": """
         T
         ∑ γᵗ rₜ
        t=0
    """,
    r"\left[\frac{p(x)}{q(x)}\right]^2": """
        ┌ p(x) ┐²
        │ ──── │
        └ q(x) ┘
    """,
    r"V^\pi(s) = \max_{a} \left(r + \gamma V^\pi(s')\right)": """
         π                π
        V (s) = max(r + γV (s′))
                 a
    """,
    r"f(x) = \begin{cases} 1 & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}": """
               ╭ 1  if x > 0
        f(x) = ┤
               ╰ 0  otherwise
    """,
    r"f = \begin{cases} 1-\epsilon & x < 1-\epsilon \\ x & |x-1| \le \epsilon \\ 2 & \text{else} \end{cases}": """
            ╭ 1 − ϵ  x < 1 − ϵ
        f = ┤ x      |x − 1| ≤ ϵ
            ╰ 2      else
    """,
    r"F = \begin{bmatrix} p(1-p) & -pq \\ -pq & q(1-q) \end{bmatrix}": """
            ┌ p(1 − p)    −pq    ┐
        F = │                    │
            └   −pq     q(1 − q) ┘
    """,
    r"\begin{pmatrix} a \\ b \\ c \end{pmatrix}": """
        ╭ a ╮
        │ b │
        ╰ c ╯
    """,
    r"\begin{aligned} a &= b + c \\ &\le d \end{aligned}": """
        a = b + c
          ≤ d
    """,
    r"\begin{aligned} a &= \frac{1}{2} \\ b &= 3 \end{aligned}": """
            1
        a = ─
            2

        b = 3
    """,
    r"\sqrt{\frac{\ln t}{N_t(a)}}": """
         ┌──────
         │ ln t
         │ ─────
        ╲│ Nₜ(a)
    """,
    r"\sqrt{x+1}": """
         ┌─────
        ╲│x + 1
    """,
    r"\underbrace{r_t + b}_{\text{reward}}": """
        rₜ + b
        ╰─┬──╯
        reward
    """,
    r"\overbrace{a + b}^{n}": """
          n
        ╭─┴─╮
        a + b
    """,
    r"\frac{\frac{a}{b}}{c}": """
         a
         ─
         b
        ───
         c
    """,
    r"\binom{n}{k}": """
        ╭n╮
        │ │
        ╰k╯
    """,
    r"a \xrightarrow{d} b \stackrel{\text{def}}{=} c": """
           d    def
        a ──→ b  =  c
    """,
    r"\left\{\begin{matrix} a \\ b \end{matrix}\right.": """
        ╭ a
        ┤
        ╰ b
    """,
    r"\nabla_\theta \sum_{i=1}^n x_i": """
            n
        ∇   ∑ xᵢ
         θ i=1
    """,
    r"\boxed{E = mc^2}": """
        ┌─────────┐
        │ E = mc² │
        └─────────┘
    """,
    r"\widehat{XY} + \overline{abc}": """
        ^    ───
        XY + abc
    """,
    r"\left. \frac{a}{b} \right|_{x=0}": """
        a │
        ─ │
        b │ₓ₌₀
    """,
    r"\left\{ x \middle| \frac{a}{b} \right\}": """
        ╭   │ a ╮
        ┤ x │ ─ ├
        ╰   │ b ╯
    """,
    r"\left\langle \frac{a}{b} \right\rangle": """
        ╱ a ╲
        ⟨ ─ ⟩
        ╲ b ╱
    """,
    r"\min_{\substack{i<j\\ j \ne k}} d_{ij}": """
        min dᵢⱼ
        i<j
        j≠k
    """,
    r"\begin{array}{lr} a & bb \\ \hline ccc & d \end{array}": """
        a    bb
        ───────
        ccc   d
    """,
}


@pytest.mark.parametrize(("source", "drawing"), DRAWINGS.items())
def test_a_formula_is_drawn_as_by_hand(source: str, drawing: str) -> None:
    assert "\n".join(formula(source)) == dedent(drawing).strip("\n").rstrip(" ").removesuffix("\n")


ONE_ROW = {
    r"\theta_{t+1} = \theta_t - \alpha \hat m_t": "θₜ₊₁ = θₜ − αm̂ₜ",
    r"f''(x) - g'(x)": "f″(x) − g′(x)",
    r"\mathbf{x}^\top \boldsymbol{\theta} \in \mathbb{R}^d": "𝐱ᵀ 𝛉 ∈ ℝᵈ",
    r"\mathbb{1}[x > 0] + \mathbf{1}": "𝟙[x > 0] + 𝟏",
    r"\mathcal{L} = -\log p(x)": "L = −log p(x)",
    r"\sqrt{d_k} + \sqrt[3]{x} + \sqrt[n]{2}": "√dₖ + ³√x + ⁿ√2",
    r"x \not= y \not\in Z": "x ≠ y ∉ Z",
    r"a\,b\;c\quad d\!e": "a b c   de",
    r"\lVert x \rVert_2^2 + \|y\|": "‖x‖₂² + ‖y‖",
    r"D(p \| q)": "D(p ‖ q)",
    r"p \| q": "p ‖ q",
    r"x \to 0+, y": "x → 0+, y",
    r"\operatorname{arg\,max} f": "arg max f",
    r"\operatorname{clip}(r, 1-\epsilon, 1+\epsilon)": "clip(r, 1 − ϵ, 1 + ϵ)",
    r"\textcolor{red}{x} + \color{blue} y": "x + y",
    r"x \tag{3}": "x    (3)",
    r"\int_0^1 p(x)\,dx": "∫₀¹ p(x) dx",
    r"a \bmod n, a \pmod n": "a mod n, a (mod n)",
    r"\{1, \dots, n\}": "{1, …, n}",
    r"-x, (-y), a = -b, a - b, e^{-1}": "−x, (−y), a = −b, a − b, e⁻¹",
    r"\phantom{ab}c": "  c",
    r"\bigl(a\bigr) + \Big| b \Big|": "(a) + |b|",
    r"x_{\text{max}} + T^{\top} + a^{(i)} + Q^*": "xₘₐₓ + Tᵀ + a⁽ⁱ⁾ + Q*",
    r"\rho_{i,t}A_i": "ρᵢ,ₜ Aᵢ",
    r"50\% \text{ of } \$5": "50% of $5",
    r"s' \sim P(\cdot|s,a)": "s′ ∼ P(·|s, a)",
    r"\displaystyle x \limits": "x",
}


@pytest.mark.parametrize(("source", "row"), ONE_ROW.items())
def test_what_fits_one_row_stays_on_it(source: str, row: str) -> None:
    assert formula(source) == [row]


def test_subscripts_of_one_letter_look_alike() -> None:
    assert formula("y_l") == ["yₗ"]
    assert formula("y_w - y_l") == ["y  − y", " w    l"]
    assert formula(r"\hat r_w - \hat r_l + a_l") == ["r̂  − r̂  + aₗ", " w    l"]


def test_long_words_and_loose_commas_are_never_small() -> None:
    assert formula(r"x_{\text{pixels}}") == ["x", " pixels"]
    assert formula(r"x_{i,}") == ["x", " i,"]


def test_a_script_written_out_ends_where_the_next_letter_begins() -> None:
    assert one_row("e^{y_w z}") == "e^(y_w z)"


def test_brackets_grow_with_fractions_but_not_with_scripts() -> None:
    assert formula(r"\left(\pi_\theta\right)") == ["(π )", "  θ"]
    assert len(formula(r"\left(\frac{a}{b}\right)")[0]) == 5
    assert formula(r"\Big(\frac{a}{b}\Big)") == formula(r"\left(\frac{a}{b}\right)")


def test_a_line_of_equations_without_an_environment_is_aligned() -> None:
    assert formula(r"a &= b \\ &= c") == ["a = b", "  = c"]


RL_FORMULAS = {
    "return": (r"G_t = \sum_{k=0}^{\infty} \gamma^k R_{t+k+1}", "Gₜ = ∑ₖ₌₀^∞ γᵏ Rₜ₊ₖ₊₁"),
    "bellman": (
        r"V^\pi(s) = \sum_a \pi(a|s) \sum_{s'} P(s'|s,a)\left[R + \gamma V^\pi(s')\right]",
        "V^π(s) = ∑ₐ π(a|s) ∑ₛ′ P(s′|s, a)[R + γV^π(s′)]",
    ),
    "optimality": (r"Q^*(s,a) = \mathbb{E}[r + \gamma \max_{a'} Q^*(s',a')]", "Q*(s, a) = 𝔼[r + γ maxₐ′ Q*(s′, a′)]"),
    "td error": (r"\delta_t = r_t + \gamma V(s_{t+1}) - V(s_t)", "δₜ = rₜ + γV(sₜ₊₁) − V(sₜ)"),
    "td update": (r"V(s) \leftarrow V(s) + \alpha\,\delta", "V(s) ← V(s) + α δ"),
    "q-learning": (
        r"Q(s,a) \gets Q(s,a) + \alpha\big[r + \gamma\max_{a'}Q(s',a') - Q(s,a)\big]",
        "Q(s, a) ← Q(s, a) + α[r + γ maxₐ′ Q(s′, a′) − Q(s, a)]",
    ),
    "lambda return": (
        r"G_t^\lambda = (1-\lambda)\sum_{n=1}^{\infty}\lambda^{n-1}G_{t:t+n}",
        "Gₜ^λ = (1 − λ) ∑ₙ₌₁^∞ λⁿ⁻¹ G_(t:t+n)",
    ),
    "objective": (r"J(\theta) = \mathbb{E}_{\tau\sim\pi_\theta}[R(\tau)]", "J(θ) = 𝔼_(τ∼π_θ)[R(τ)]"),
    "log trick": (
        r"\nabla_\theta p_\theta(x) = p_\theta(x)\nabla_\theta\log p_\theta(x)",
        "∇_θ p_θ(x) = p_θ(x) ∇_θ log p_θ(x)",
    ),
    "policy gradient": (
        r"\nabla_\theta J = \mathbb{E}\left[\sum_{t=0}^T \nabla_\theta\log\pi_\theta(a_t|s_t) A_t\right]",
        "∇_θ J = 𝔼[∑ₜ₌₀ᵀ ∇_θ log π_θ(aₜ|sₜ) Aₜ]",
    ),
    "baseline": (r"\mathbb{E}_{a\sim\pi}[\nabla\log\pi(a|s)\,b(s)] = 0", "𝔼_(a∼π)[∇ log π(a|s) b(s)] = 0"),
    "advantage": (r"A^\pi(s,a) = Q^\pi(s,a) - V^\pi(s)", "A^π(s, a) = Q^π(s, a) − V^π(s)"),
    "gae": (
        r"\hat{A}_t^{\text{GAE}(\gamma,\lambda)} = \sum_{l=0}^{\infty}(\gamma\lambda)^l\delta_{t+l}",
        "Âₜ^(GAE(γ,λ)) = ∑ₗ₌₀^∞ (γλ)ˡ δₜ₊ₗ",
    ),
    "gae recursion": (r"\hat A_t = \delta_t + \gamma\lambda(1-d_t)\hat A_{t+1}", "Âₜ = δₜ + γλ(1 − dₜ) Âₜ₊₁"),
    "ratio": (r"r_t = \frac{\pi_\theta(a_t|s_t)}{\pi_{\text{old}}(a_t|s_t)}", "rₜ = π_θ(aₜ|sₜ)/π_old(aₜ|sₜ)"),
    "ppo": (
        r"L^{\text{CLIP}} = \hat{\mathbb{E}}_t[\min(r_t\hat A_t, \operatorname{clip}(r_t,1-\epsilon,1+\epsilon)A)]",
        "L^CLIP = 𝔼̂ₜ[min(rₜ Âₜ, clip(rₜ, 1 − ϵ, 1 + ϵ) A)]",
    ),
    "value clip": (r"L^V = \max\left((V-R)^2, (V_c-R)^2\right)", "Lⱽ = max((V − R)², (V_c − R)²)"),
    "entropy": (r"H(\pi) = -\sum_a \pi(a)\log\pi(a)", "H(π) = −∑ₐ π(a) log π(a)"),
    "trpo": (r"\bar{D}_{\text{KL}}(\pi_{\theta_k}\|\pi_\theta) \le \delta", "D̄_KL(π_θₖ ‖ π_θ) ≤ δ"),
    "natural gradient": (r"\theta_{k+1} = \theta_k + \alpha F^{-1} g", "θₖ₊₁ = θₖ + αF⁻¹ g"),
    "trpo step": (r"\Delta = \sqrt{\frac{2\delta}{x^\top H x}}\,x", "Δ = √(2δ/(xᵀ Hx)) x"),
    "grpo advantage": (r"\hat{A}_i = \frac{r_i - \text{mean}(r)}{\text{std}(r)}", "Âᵢ = (rᵢ − mean(r))/std(r)"),
    "group std": (r"\sigma = \sqrt{\frac{1}{G}\sum_{j=1}^G (r_j-\mu)^2}", "σ = √((1/G) ∑ⱼ₌₁ᴳ (rⱼ − μ)²)"),
    "grpo": (
        r"\frac{1}{G}\sum_{i=1}^G\frac{1}{|o_i|}\sum_{t=1}^{|o_i|}\min(\rho_{i,t}A_i, \bar\rho A_i)",
        "(1/G) ∑ᵢ₌₁ᴳ (1/|oᵢ|) ∑ₜ₌₁^(|oᵢ|) min(ρᵢ,ₜ Aᵢ, ρ̄Aᵢ)",
    ),
    "rloo": (r"r_i - \frac{1}{k-1}\sum_{j\ne i} r_j", "rᵢ − (1/(k − 1)) ∑_(j≠i) rⱼ"),
    "gspo": (
        r"s_i = \exp\left(\frac{1}{|y_i|}\sum_t \log\frac{\pi_\theta(y_{i,t})}{\pi_{\text{old}}(y_{i,t})}\right)",
        "sᵢ = exp((1/|yᵢ|) ∑ₜ log(π_θ(yᵢ,ₜ)/π_old(yᵢ,ₜ)))",
    ),
    "kl": (r"D_{\mathrm{KL}}(p\|q) = \sum_x p(x)\log\frac{p(x)}{q(x)}", "D_KL(p ‖ q) = ∑ₓ p(x) log(p(x)/q(x))"),
    "k1": (r"k_1 = -\log r", "k₁ = −log r"),
    "k2": (r"k_2 = \tfrac12(\log r)^2", "k₂ = (1/2) (log r)²"),
    "k3": (r"k_3 = (r-1)-\log r", "k₃ = (r − 1) − log r"),
    "kl in reward": (
        r"R = r_\phi(x,y) - \beta\log\frac{\pi(y|x)}{\pi_{\text{ref}}(y|x)}",
        "R = r_ϕ(x, y) − β log(π(y|x)/π_ref(y|x))",
    ),
    "optimal policy": (
        r"\pi^*(y|x) = \frac{1}{Z(x)}\pi_{\text{ref}}(y|x)e^{r(x,y)/\beta}",
        "π*(y|x) = (1/Z(x)) π_ref(y|x) e^(r(x,y)/β)",
    ),
    "partition": (r"Z(x) = \sum_y \pi_{\text{ref}}(y|x)\exp(r/\beta)", "Z(x) = ∑_y π_ref(y|x) exp(r/β)"),
    "implicit reward": (
        r"\hat r = \beta\log\frac{\pi_\theta(y|x)}{\pi_{\text{ref}}(y|x)}",
        "r̂ = β log(π_θ(y|x)/π_ref(y|x))",
    ),
    "bradley-terry": (r"P(y_w \succ y_l) = \sigma(r_w - r_l)", "P(y_w ≻ y_l) = σ(r_w − r_l)"),
    "sigmoid": (r"\sigma(z) = \frac{1}{1+e^{-z}}", "σ(z) = 1/(1 + e⁻ᶻ)"),
    "dpo": (
        r"-\log\sigma\left(\beta\log\frac{\pi(y_w)}{\rho(y_w)} - \beta\log\frac{\pi(y_l)}{\rho(y_l)}\right)",
        "−log σ(β log(π(y_w)/ρ(y_w)) − β log(π(y_l)/ρ(y_l)))",
    ),
    "ipo": (r"\left(h - \frac{1}{2\tau}\right)^2", "(h − 1/(2τ))²"),
    "kto": (r"v(x,y) = \lambda_D\sigma(\beta(r - z_0))", "v(x, y) = λ_D σ(β(r − z₀))"),
    "simpo": (r"\frac{\beta}{|y_w|}\log\pi(y_w|x) - \gamma", "(β/|y_w|) log π(y_w|x) − γ"),
    "reward model": (r"\mathcal L(\phi) = -\mathbb E_{\mathcal D}[\log\sigma(\Delta)]", "L(ϕ) = −𝔼_D[log σ(Δ)]"),
    "importance": (r"\mathbb{E}_p[f] = \mathbb{E}_q\left[\frac{p}{q}f\right]", "𝔼_p[f] = 𝔼_q[(p/q) f]"),
    "variance": (r"\operatorname{Var}[X] = \mathbb{E}[X^2] - (\mathbb{E}[X])^2", "Var[X] = 𝔼[X²] − (𝔼[X])²"),
    "effective size": (r"n_{\text{eff}} = \frac{(\sum_i w_i)^2}{\sum_i w_i^2}", "n_eff = (∑ᵢ wᵢ)²/(∑ᵢ wᵢ²)"),
    "softmax": (r"\pi(a) = \frac{e^{z_a/\tau}}{\sum_b e^{z_b/\tau}}", "π(a) = e^(z_a/τ)/(∑_b e^(z_b/τ))"),
    "softmax gradient": (
        r"\frac{\partial\log\pi_i}{\partial z_j} = \delta_{ij} - \pi_j",
        "(∂ log πᵢ)/(∂zⱼ) = δᵢⱼ − πⱼ",
    ),
    "ucb": (r"\arg\max_a\left[Q(a) + c\sqrt{\frac{\ln t}{N(a)}}\right]", "arg maxₐ[Q(a) + c √((ln t)/N(a))]"),
    "adam": (r"\theta \leftarrow \theta - \frac{\alpha\hat m}{\sqrt{\hat v}+\epsilon}", "θ ← θ − αm̂/(√v̂ + ϵ)"),
    "bias correction": (r"\hat m_t = \frac{m_t}{1-\beta_1^t}", "m̂ₜ = mₜ/(1 − β₁ᵗ)"),
    "attention": (
        r"\text{softmax}\left(\frac{QK^\top}{\sqrt{d_k}}\right)V",
        "softmax(QKᵀ/√dₖ) V",
    ),
    "perplexity": (r"\exp\left(-\frac{1}{N}\sum_i \log p_i\right)", "exp(−(1/N) ∑ᵢ log pᵢ)"),
    "best of n": (r"\text{KL} \le \log n - \frac{n-1}{n}", "KL ≤ log n − (n − 1)/n"),
    "pass at k": (
        r"1 - \frac{\binom{n-c}{k}}{\binom{n}{k}}",
        "1 − C(n − c, k)/C(n, k)",
    ),
    "v-trace": (r"c_i = \lambda\min\left(\bar c, \frac{\pi(a_i)}{\mu(a_i)}\right)", "cᵢ = λ min(c̄, π(aᵢ)/μ(aᵢ))"),
    "polyak": (r"\bar\theta \gets \tau\theta + (1-\tau)\bar\theta", "θ̄ ← τθ + (1 − τ) θ̄"),
    "sac": (r"J = \mathbb{E}\Big[\sum_t r_t + \alpha\mathcal{H}(\pi(\cdot|s_t))\Big]", "J = 𝔼[∑ₜ rₜ + αH(π(·|sₜ))]"),
    "simplex": (r"\sum_i p_i = 1,\quad p_i \ge 0\ \forall i", "∑ᵢ pᵢ = 1,   pᵢ ≥ 0 ∀i"),
    "trajectory": (
        r"p(\tau) = p(s_0)\prod_{t=0}^{T-1}\pi(a_t|s_t)P(s_{t+1}|s_t,a_t)",
        "p(τ) = p(s₀) ∏ₜ₌₀ᵀ⁻¹ π(aₜ|sₜ) P(sₜ₊₁|sₜ, aₜ)",
    ),
    "contraction": (r"\|TV - TU\|_\infty \le \gamma\|V-U\|_\infty", "‖TV − TU‖_∞ ≤ γ‖V − U‖_∞"),
    "occupancy": (r"d^\pi(s) = (1-\gamma)\sum_t\gamma^t P(s_t=s)", "d^π(s) = (1 − γ) ∑ₜ γᵗ P(sₜ = s)"),
    "performance difference": (
        r"J(\pi') - J(\pi) = \frac{1}{1-\gamma}\mathbb{E}_{s\sim d^{\pi'}}[A^\pi(s,a)]",
        "J(π′) − J(π) = (1/(1 − γ)) 𝔼_(s∼d^π′)[A^π(s, a)]",
    ),
    "jensen": (r"\mathbb{E}[\log X] \le \log\mathbb{E}[X]", "𝔼[log X] ≤ log 𝔼[X]"),
    "limit": (r"\lim_{\tau\to 0^+}\pi_\tau(a) = \mathbf{1}\{a=a^*\}", "lim_(τ→0⁺) π_τ(a) = 𝟏{a = a*}"),
    "dapo": (
        r"\frac{1}{\sum_{i=1}^G |o_i|}\sum_{i=1}^G\sum_{t=1}^{|o_i|} \ell_{i,t}",
        "(1/(∑ᵢ₌₁ᴳ |oᵢ|)) ∑ᵢ₌₁ᴳ ∑ₜ₌₁^(|oᵢ|) ℓᵢ,ₜ",
    ),
}


@pytest.mark.parametrize(("source", "row"), RL_FORMULAS.values(), ids=RL_FORMULAS)
def test_a_formula_of_the_field_in_one_row(source: str, row: str) -> None:
    assert one_row(source) == row


ALL_SOURCES = [*DRAWINGS, *ONE_ROW, *(source for source, _ in RL_FORMULAS.values())]


@pytest.mark.parametrize("source", ALL_SOURCES)
def test_no_letter_of_a_source_is_lost(source: str) -> None:
    assert not promised(source) - letters("".join(formula(source)))


@pytest.mark.parametrize("source", ALL_SOURCES)
def test_a_terminal_counts_the_same_cells(source: str) -> None:
    """Rows put beside one another only line up if terminals give each character the cells that we count."""
    from studyapp.typeset.cells import width

    for row in formula(source):
        assert wcswidth(row) == width(row)


@pytest.mark.parametrize("source", [source for source in ALL_SOURCES if len(formula(source)) == 1])
def test_both_forms_agree_where_one_row_is_enough(source: str) -> None:
    assert formula(source)[0].strip() == one_row(source).rstrip()
