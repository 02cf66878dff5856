"""One step of a derivation: does this line follow from the one before it?

Accepted, refused with a witness, or undecided and said to be so; what cannot be read is answered with one sentence.
Without a rule a line must equal the one before, by whatever route; a rule (`rules`) says what else it may be. A line
that does not follow as typed, but would by a rule, is refused with that rule named.
"""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from solvers.symbolic.characters import plain
from solvers.symbolic.decide import DIFFERENT, ENOUGH, EQUAL, UNDECIDED, Decision, Witness, decide
from solvers.symbolic.definitions import by_depth, split_equation
from solvers.symbolic.forms import same_form
from solvers.symbolic.optimise import Claim, check
from solvers.symbolic.prover import PROVER
from solvers.symbolic.questions import as_request, question_of
from solvers.symbolic.rules import EQUAL as EQUALITY
from solvers.symbolic.rules import NotGiven, Rule, read_rule
from solvers.symbolic.setting import Setting, understood
from solvers.symbolic.tree import Tree, Unreadable

ACCEPTED: Final = "accepted"
REFUSED: Final = "refused"
CANNOT_TELL: Final = "undecided"
UNREADABLE: Final = "unreadable"
STEPS = 150_000  # of computation for the verdict, about half a second
STEPS_FOR_ADVICE = 25_000
SECONDS, SECONDS_TO_DECIDE = 0.7, 0.25  # for a verdict with its proof and advice; for the verdict, if points suffice
SECONDS_TO_PROVE = 0.45
MAX_LINE = 1000
_RELATION = re.compile(r"^\s*(<=|>=|<|>|!=|~|≈|∝|≤|≥|\\le|\\ge|\\approx|\\propto)")
_ORDER = re.compile(r"(?<![A-Za-z_])[Oo]\s*\(")

Word = Literal["accepted", "refused", "undecided", "unreadable"]


@dataclass(frozen=True, slots=True)
class StepVerdict:
    """What is to be said of one line.

    `says`: one sentence; `badge`: `proved` or `checked at N points`; `place`: the index of the character that is not
    understood; `advice`: a rule that would make the line follow; `defines`: the abbreviation it introduces;
    `reaches_goal`: whether it is the goal, in the form asked for; `head`: the left side, if it was an equation; `kind`:
    of its rule; `milestone`: the number of the model solution's line that it is. `line` and `rule` are what was read.
    """

    verdict: Word
    says: str
    line: str
    rule: str = ""
    badge: str = ""
    witness: Witness | None = None
    place: int | None = None
    advice: str = ""
    defines: str = ""
    reaches_goal: bool = False
    head: str = ""
    kind: str = ""
    milestone: int = -1


def split_line(typed: str) -> tuple[str, str]:
    """The expression and the rule in `expression  # rule: NAME`."""
    line, mark, rule = typed.partition("#")
    if mark:
        rule = re.sub(r"^\s*rule\s*:?\s*", "", rule, flags=re.IGNORECASE)
    return line.strip(), " ".join(rule.split())


def check_step(
    before: str,
    typed: str,
    setting: Setting,
    goal: str = "",
    prove: bool = True,
    seconds: float = SECONDS_TO_DECIDE,
    origins: Sequence[tuple[str, str]] = (),
) -> StepVerdict:
    """The verdict on the line `typed`, which comes after the expression `before`. Never raises for what is typed.

    `goal` is the expression asked for; `prove=False` leaves SymPy out; `seconds` may be more where nobody
    waits for the verdict; `origins` are the expressions that were differentiated on the way, each with its rule.
    """
    began = time.monotonic()
    line, rule_text = split_line(typed)
    indent = len(typed) - len(typed.lstrip())
    try:
        _check_line(typed, line, indent)
        rule = read_rule(rule_text, setting)
        if rule.optimises:
            return _optimise(before, line, indent, rule, rule_text, setting, goal)
        return _equal(before, line, indent, rule, rule_text, setting, goal, prove, began, seconds, origins)
    except NotGiven as problem:
        return StepVerdict(REFUSED, str(problem), line, rule_text)
    except ValueError as problem:  # Unreadable, and names that cannot be declared
        return StepVerdict(UNREADABLE, str(problem), line, rule_text, place=_place(problem))


def _check_line(typed: str, line: str, indent: int) -> None:
    if len(typed) > MAX_LINE:
        raise Unreadable(f"The line is longer than {MAX_LINE} characters; write it more simply.")
    relation = _RELATION.match(line)
    if relation is not None:
        raise Unreadable(
            f"Only equalities are offered, not `{relation[1]}`; type what the line before is equal to.", indent
        )
    order = _ORDER.search(line)
    if order is not None:
        raise Unreadable("Terms up to an order, O(…), are not offered; write the terms out.", indent + order.start())


def _place(problem: ValueError) -> int | None:
    """Where in what was typed."""
    known = isinstance(problem, Unreadable) and problem.place is not None and problem.place >= 0
    return problem.place if known else None  # type: ignore[attr-defined]


def _as_placed(expression: str, line: str, indent: int) -> str:
    """What stands at the end of `line`, with spaces for what stands before it: it is read where it was typed."""
    return " " * (indent + len(line) - len(expression)) + expression


def right_side(line: str, head: str = "") -> str:
    """The expression in `= expression`, or in `head = expression` if that is the head."""
    if line.startswith("=") and not line.startswith("=="):
        return line[1:].strip()
    sides = split_equation(line) if head else None
    return sides[1] if sides is not None and _squeezed(sides[0]) == _squeezed(head) else line


def _squeezed(text: str) -> str:
    return re.sub(r"[\s{}\\]", "", plain(text)[0])


def _equal(
    before: str,
    line: str,
    indent: int,
    rule: Rule,
    rule_text: str,
    setting: Setting,
    goal: str,
    prove: bool,
    began: float,
    seconds: float,
    origins: Sequence[tuple[str, str]],
) -> StepVerdict:
    expression = right_side(line)
    if rule.introduces:
        setting = setting.defining(rule.introduces)
        understood(setting)
    question = question_of(before, _as_placed(expression, line, indent), rule, setting, origins)
    same = by_depth(question.trees[0]) == by_depth(question.trees[1])
    decision = decide(question, f"{before}|{expression}", STEPS, seconds)
    if decision.verdict == DIFFERENT:
        advice = _advice(before, expression, rule, setting, began)
        says = _difference(question.trees[1], rule, decision) + (f" {advice[0]}" if advice else "")
        return StepVerdict(
            REFUSED, says, expression, rule_text, witness=decision.witness, advice=advice[1] if advice else ""
        )
    if decision.verdict == UNDECIDED:
        return StepVerdict(CANNOT_TELL, _cannot_decide(decision), expression, rule_text)
    left = SECONDS - (time.monotonic() - began)
    if not same and prove and left > 0.2:
        request = as_request(before, expression, rule_text if not rule.introduces else "", setting)
        same = PROVER.proves_step(request, min(left, SECONDS_TO_PROVE))
    return _accepted(
        expression, rule_text, "proved" if same else f"checked at {decision.points} points", rule, setting, goal
    )


def _accepted(expression: str, rule_text: str, badge: str, rule: Rule, setting: Setting, goal: str) -> StepVerdict:
    reached = bool(goal) and reaches(expression, goal, setting)
    says = "This is the goal." if reached else "This follows."
    return StepVerdict(
        ACCEPTED,
        says,
        expression,
        rule_text,
        badge=badge,
        defines=rule.introduces,
        reaches_goal=reached,
        kind=rule.kind,
    )


def reaches(expression: str, goal: str, setting: Setting) -> bool:
    """Whether an expression has the form of the goal."""
    known = understood(setting)
    question = known.question([known.read(expression), known.read(goal)])
    return same_form(*question.forms)


def _difference(line: Tree, rule: Rule, decision: Decision) -> str:
    witness = decision.witness
    assert witness is not None
    what = {
        "differentiate": "the derivative of the line before",
        "expectation": "the expectation of the line before",
        "substitute": "the line before, with that put in",
    }.get(rule.kind, "the line before")
    return f"This is not equal to {what}: {_shown(witness.a)} against {_shown(witness.b)} here, {where(witness)}."


def where(witness: Witness, most: int = 8) -> str:
    """`at x = 0.5, K = 3, …`: the values at which two sides differ."""
    names = [name for name in witness.symbols if name != "outcomes"]
    families = [name.partition("[")[0] for name in names]
    in_order = sorted(names, key=lambda name: (families.index(name.partition("[")[0]), _numbers(name)))
    shown = [f"{name} = {_shown(witness.symbols[name])}" for name in in_order]
    if not shown:
        return "whatever the values"
    return f"at {', '.join(shown[:most])}{', …' if len(shown) > most else ''}"


def _numbers(name: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", name)]


def _shown(value: float) -> str:
    return f"{value:.6g}"


def _cannot_decide(decision: Decision) -> str:
    if decision.points >= ENOUGH:
        return (
            "This cannot be decided: on a good part of their domains only one of the two lines has a value;"
            " take a step that keeps it."
        )
    return (
        f"This cannot be decided: at {decision.points} points only could both sides be computed and compared;"
        " try a smaller step, or another form."
    )


def _advice(before: str, line: str, rule: Rule, setting: Setting, began: float) -> tuple[str, str] | None:
    """A sentence on what the line is instead, and the rule that it needs, if one is found in time."""
    for advised in _rules_to_try(before, line, rule, setting):
        if time.monotonic() - began > SECONDS - 0.3:
            return None
        try:
            applied = read_rule(advised, setting)
            question = question_of(before, line, applied, setting)
            if decide(question, advised, STEPS_FOR_ADVICE, 0.1).verdict != EQUAL:
                continue
        except Unreadable:
            continue
        if applied == EQUALITY:
            return "But it equals the line before: leave out the rule.", ""
        return f"But it follows by a rule: add `# rule: {advised}`.", advised
    return None


def _rules_to_try(before: str, line: str, rule: Rule, setting: Setting) -> list[str]:
    known = understood(setting)
    if rule.kind != "equal":
        return [""]
    rules = ["substitute"] if known.givens else []
    domains = known.symbols.domains
    used = {part.text for text in (before, line) for part in known.read(text).walk()}
    family = known.symbols.find(known.known.gradient)
    if family is not None and domains[family].indexed:
        rules += [f"differentiate by {family}_{name}" for name in used & set(domains) if domains[name].integer]
    scalars = [name for name, domain in domains.items() if not domain.indexed and not domain.integer]
    defined = {definition.name for definition in (*known.known.definitions, *known.givens)}
    rules += [f"differentiate by {name}" for name in scalars if name not in defined][:8]
    families = [name for name in domains if name.startswith("pi") or domains[name].distribution]
    return [*rules, *(f"expectation under {name}" for name in families[:3])]


def _optimise(
    before: str, line: str, indent: int, rule: Rule, rule_text: str, setting: Setting, goal: str
) -> StepVerdict:
    known = understood(setting)
    assert rule.by is not None
    sides = split_equation(line)
    if sides is None:
        raise Unreadable(f"Type what is best as an equation, such as {rule.by.text}(y) = … or {rule.by.text} = ….")
    head = known.read(sides[0])
    if head.text != rule.by.text:
        raise Unreadable(f"The rule is about {rule.by.text}, the line about {head.text}; they must be the same.")
    claim = Claim(head, known.read(_as_placed(sides[1], line, indent)), rule.kind == "minimise")
    decision, objection = check(claim, known.read(before), rule.constraint, known, f"{before}|{line}")
    if decision.verdict == DIFFERENT and decision.witness is not None:
        witness = decision.witness
        says = (
            f"This is not what {rule.kind}s the line before: {objection}"
            f" ({_shown(witness.a)} against {_shown(witness.b)}, {where(witness)})."
        )
        return StepVerdict(REFUSED, says, sides[1], rule_text, witness=witness)
    if decision.verdict == UNDECIDED:
        return StepVerdict(CANNOT_TELL, _cannot_decide(decision), sides[1], rule_text)
    verdict = _accepted(sides[1], rule_text, f"checked at {decision.points} points", rule, setting, goal)
    return dataclasses.replace(verdict, head=sides[0])
