"""What a derivation's screen shows of a sitting: the task, the lines with their verdicts, the helps, the solution."""

from __future__ import annotations

from decks.items import Derivation, DerivationStep
from solvers.symbolic.steps import ACCEPTED, CANNOT_TELL, REFUSED, UNREADABLE, StepVerdict
from studyapp.deriving import DerivationSitting
from studyapp.understanding import Understanding, joined, written, written_line
from studyapp.widgets.sheet import Caret, Formula, Note, Piece, Ruled, Said, Text
from studyapp.words import count, minutes

# verdict → its mark and style, readable without colour
MARKS = {
    ACCEPTED: ("✓", "bold $text-success"),
    REFUSED: ("✗", "bold $text-error"),
    CANNOT_TELL: ("?", "bold $text-warning"),
    UNREADABLE: ("?", "bold $text-warning"),
}
QUIET = "$dim"


def sheet(sitting: DerivationSitting, with_solution: bool) -> list[Piece]:
    """The whole page."""
    pieces = [*task(sitting), *lines(sitting)]
    if not sitting.is_over:
        pieces += helps(sitting)
    if with_solution:
        pieces += [Ruled(), *solution(sitting)]
    return pieces


def task(sitting: DerivationSitting) -> list[Piece]:
    """What is asked, what stands for what, and the goal."""
    derivation, setting = sitting.derivation, sitting.chain.setting
    pieces: list[Piece] = [Text(derivation.task)]
    for number, text in enumerate(derivation.definitions):
        pieces.append(Formula("" if number else "With", QUIET, written(setting, text)))
    for number, text in enumerate(derivation.givens):
        pieces.append(Formula("" if number else "Given", QUIET, written(setting, text), "for the rule substitute"))
    pieces.append(Note("Names", names(derivation)))
    pieces += [Formula("Goal", QUIET, written(setting, derivation.goal)), Ruled()]
    return pieces


def names(derivation: Derivation) -> str:
    """The symbols as they are typed, with their domains."""
    alike: dict[str, list[str]] = {}
    for name, domain in derivation.symbols.items():
        alike.setdefault(domain, []).append(f"`{name}`")
    return "; ".join(f"{', '.join(names)} {domain}" for domain, names in alike.items())


def lines(sitting: DerivationSitting) -> list[Piece]:
    """From the start to the last accepted line."""
    shown = {help.step: help.text for help in sitting.helps if help.strength == "show"}
    pieces: list[Piece] = [Formula("Start", QUIET, written(sitting.chain.setting, sitting.derivation.start))]
    for line in sitting.lines:
        mark, style = MARKS[ACCEPTED]
        pieces.append(Formula(mark, style, written_line(sitting.chain, line), badge(line), is_joined=True))
        if line.milestone in shown:
            pieces.append(Note("", shown[line.milestone]))
    return pieces


def badge(line: StepVerdict) -> str:
    return f"{line.rule}; {line.badge}" if line.rule else line.badge


def helps(sitting: DerivationSitting) -> list[Piece]:
    """The helps that were taken for the step that comes next; a step that does not follow from one's own line too."""
    pieces: list[Piece] = []
    for help in sitting.helps:
        if help.step != sitting.next_step:
            continue
        if help.strength == "show":
            step = sitting.derivation.steps[help.step]
            says = "the model solution's next line, which need not follow from yours"
            pieces += [Formula("·", QUIET, model_line(sitting, step), says, is_joined=True), Note("", help.text)]
        else:
            pieces.append(Note(help.strength.capitalize(), help.text))
    return pieces


def solution(sitting: DerivationSitting) -> list[Piece]:
    """The model solution, every line with its reason."""
    start = written(sitting.chain.setting, sitting.derivation.start)
    pieces: list[Piece] = [Text("**The model solution**"), Formula("Start", QUIET, start)]
    for step in sitting.derivation.steps:
        pieces += [Formula("·", QUIET, model_line(sitting, step), step.rule, is_joined=True), Note("", step.reason)]
    return pieces


def model_line(sitting: DerivationSitting, step: DerivationStep) -> str:
    return joined(step.typed, written(sitting.chain.setting, step.line))


def draft(typed: str, found: Understanding, verdict: StepVerdict | None) -> list[Piece]:
    """The line that is being typed as it is understood, and what is to be said of it.

    `verdict` is the one on exactly this text, if it was checked.
    """
    pieces: list[Piece] = []
    mark, style = MARKS[verdict.verdict] if verdict is not None else ("", QUIET)
    if found.latex:
        pieces.append(Formula(mark, style, joined(typed, found.latex), is_joined=True))
    if verdict is None and (found.is_open or not found.says):
        return pieces
    says = verdict.says if verdict is not None else found.says
    place = verdict.place if verdict is not None else found.place
    if place is not None:
        pieces.append(Caret(typed, place))
    return [*pieces, Said(says, style.removeprefix("bold ") if verdict is not None else "$text-warning")]


def summary(sitting: DerivationSitting) -> str:
    """How it went, in a sentence."""
    took = minutes(int(sitting.took_seconds * 1000))
    went = f"{count(len(sitting.lines), 'line')}, {count(len(sitting.helps), 'help')}"
    if sitting.refusals:
        went += f", {count(sitting.refusals, 'line')} refused"
    return f"{'Goal reached' if sitting.chain.is_done else 'Given up'} after {took}: {went}."
