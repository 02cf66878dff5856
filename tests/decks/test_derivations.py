"""Derivations in decks: how they read, what is wrong with one and where, and that the shipped ones hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from decks.derivation_checks import chain_of, check_derivation, problems_of
from decks.items import Derivation
from decks.library import DERIVATIONS, SHIPPED, load_library
from decks.lint import lint_deck
from decks.reading import parse_deck

TEXT = r"""# Sums
topic: sums
week: 2

## derive-square
importance: must
covers: one, two
source: A book
symbols: x: real; y: real
symbols: K: integer >= 2
define: s = x + y
given: y = 2 x
gradient: z
start: s^2
goal: x^2 + 2 x y + y^2

Multiply out $s^2$,
where `s` is a sum.

---

- `(x + y)^2`
  nudge: What is s?
  hint: $s = x + y$.
  By definition.
- ``x^2 + 2 x y + y^2``  # rule: algebra
  nudge: Two times two products,
  of which two are the same.
  hint: $(a+b)^2 = a^2 + 2ab + b^2$.

  First line.

  Second line.
"""


def read(text: str) -> Derivation:
    deck = parse_deck(text, "sums.md")
    assert not deck.problems
    assert not deck.items
    return deck.derivations[0]


def test_every_part_is_read() -> None:
    found = read(TEXT)
    assert (found.id, found.topic, found.week, found.importance) == ("derive-square", "sums", 2, "must")
    assert found.covers == ("one", "two")
    assert found.symbols == {"x": "real", "y": "real", "K": "integer >= 2"}
    assert (found.definitions, found.givens, found.gradient) == (("s = x + y",), ("y = 2 x",), "z")
    assert (found.start, found.goal) == ("s^2", "x^2 + 2 x y + y^2")
    assert found.task == "Multiply out $s^2$,\nwhere `s` is a sum."
    assert found.summary == ""
    assert read(TEXT.replace("gradient: z", "gradient: z\nsummary: square-in-words")).summary == "square-in-words"
    first, second = found.steps
    assert (first.line, first.rule, first.nudge) == ("(x + y)^2", "", "What is s?")
    assert (first.hint, first.reason) == ("$s = x + y$.", "By definition.")
    assert second.typed == "x^2 + 2 x y + y^2  # rule: algebra"
    assert second.nudge == "Two times two products, of which two are the same."
    assert second.reason == "First line.\n\nSecond line."
    assert TEXT.splitlines()[second.number - 1].startswith("- ``x^2")


# what is replaced, by what, the line of the problem, a part of the sentence
WRONG = [
    ("goal: x^2 + 2 x y + y^2", "goal:", 5, "no goal"),
    ("symbols: K: integer >= 2", "symbols: K integer", 10, "declares no symbol"),
    ("symbols: K: integer >= 2", "symbols: x: real", 10, "declared twice"),
    ("define: s", "defines: s", 11, "did you mean `define`"),
    ("\n---\n", "\n", 5, "no solution"),
    ("Multiply out $s^2$,\nwhere `s` is a sum.", "", 5, "no task"),
    ("  nudge: What is s?\n", "", 22, "no nudge"),
    ("  hint: $s = x + y$.\n", "", 22, "no hint"),
    ("  By definition.\n", "", 22, "no reason"),
    ("- `(x + y)^2`", "- (x + y)^2", 22, "begins no step"),
]


@pytest.mark.parametrize(("old", "new", "line", "part"), WRONG, ids=[part for *_, part in WRONG])
def test_what_cannot_be_read_is_said_with_its_line(old: str, new: str, line: int, part: str) -> None:
    assert old in TEXT
    deck = parse_deck(TEXT.replace(old, new, 1), "sums.md")
    assert not deck.derivations
    (problem,) = deck.problems
    assert part in problem.message
    assert problem.line == line


# likewise, of what reads well and does not hold
FALSE = [
    ("- `(x + y)^2`", "- `(x - y)^2`", 22, "refused"),
    ("- `(x + y)^2`", "- `(x + z)^2`", 22, "unreadable"),
    ("- `(x + y)^2`", "- `log(x + y) (x + y)^2 / log(x + y)`", 22, "undecided"),
    ("goal: x^2 + 2 x y + y^2", "goal: (x + y) (x + y)", 26, "not the form of the goal"),
    ("goal: x^2 + 2 x y + y^2", "goal: (x + y)^2", 22, "the goal already"),
    ("start: s^2", "start: y^2 + x^2 + 2 x y", 5, "start already"),
    ("start: s^2", "start: q^2", 5, "cannot be read"),
    ("define: s = x + y", "define: s = s + y", 5, "defined by itself"),
    ("symbols: K: integer >= 2", "symbols: K: integre", 5, "domain"),
]


@pytest.mark.parametrize(("old", "new", "line", "part"), FALSE, ids=[part for *_, part in FALSE])
def test_what_does_not_hold_is_said_with_its_line(old: str, new: str, line: int, part: str) -> None:
    (problem,) = problems_of(read(TEXT.replace(old, new, 1)))
    assert part in problem.message
    assert problem.line == line


def test_one_that_holds() -> None:
    derivation = read(TEXT)
    assert problems_of(derivation) == []
    assert [verdict.verdict for verdict in check_derivation(derivation)] == ["accepted", "accepted"]
    assert [verdict.milestone for verdict in check_derivation(derivation)] == [0, 1]


def test_the_library_has_derivations_beside_its_items(tmp_path: Path) -> None:
    topics, derivations = tmp_path / "topics", tmp_path / DERIVATIONS
    for folder in (topics, derivations):
        folder.mkdir()
    (derivations / "sums.md").write_text(TEXT)
    own = tmp_path / "own"
    own.mkdir()
    (own / "mine.md").write_text(TEXT.replace("derive-square", "derive-mine"))
    (own / "taken.md").write_text(TEXT)
    library = load_library(own, shipped=topics)
    assert list(library.derivations) == ["derive-square", "derive-mine"]
    assert not library.items
    assert library.derivations["derive-square"].path == "derivations/sums.md"
    assert ["taken" in problem.message for problem in library.problems] == [True]


def test_lint_checks_derivations(tmp_path: Path) -> None:
    path = tmp_path / "sums.md"
    path.write_text(TEXT.replace("(x + y)^2", "(x + 2 y)^2").replace("derive-square", "derive-dpo-loss"))
    messages = [problem.message for problem in lint_deck(path).problems]
    assert len(messages) == 2
    assert any("refused" in message for message in messages)
    assert any("is taken" in message for message in messages)


SHIPPED_DERIVATIONS = load_library().derivations


@pytest.mark.parametrize("name", SHIPPED_DERIVATIONS)
def test_the_shipped_ones_hold(name: str) -> None:
    assert problems_of(SHIPPED_DERIVATIONS[name]) == []


# slips of the pen: what stands in a line, and what is written instead
SLIPS = [
    *((r" \+ ", " - "), (r" - ", " + "), (r"^-", ""), (r"\blog\b", "exp"), (r"\bexp\b", "log"), (r"\.\.K", "..K-1")),
    *((r"y_w", "y_l"), (r"\bpi_ref", "pi"), (r"\[a = k\]", "[a != k]"), (r"\bbeta ", ""), (r"\bpi\(k\)", "pi(a)")),
    *((r"sigmoid", "tanh"), (r"/", "*"), (r"\btheta_k", "theta_a"), (r"=1\.\.", "=2.."), (r"\^2", "")),
]
# a slip that changes nothing: what is summed is zero with either sign, and so on
HARMLESS = re.compile(r"^(B |0$|sum_\{a=)")


@pytest.mark.parametrize("name", ["derive-softmax-score", "derive-dpo-loss", "derive-baseline-no-bias"])
def test_slips_in_a_model_solution_are_not_accepted(name: str) -> None:
    derivation = SHIPPED_DERIVATIONS[name]
    chain = chain_of(derivation)
    refused = 0
    for step in derivation.steps:
        for pattern, instead in SLIPS if not HARMLESS.match(step.line) else ():
            for match in list(re.finditer(pattern, step.line))[:2]:
                slip = step.line[: match.start()] + instead + step.line[match.end() :]
                verdict = chain.check(slip + (f"  # rule: {step.rule}" if step.rule else ""), prove=False)
                assert verdict.verdict != "accepted", slip
                refused += verdict.verdict == "refused"
        chain = chain.and_then(chain.check(step.typed, prove=False))
    assert chain.is_done
    assert refused > 10 or name == "derive-baseline-no-bias"


def test_decks_lie_where_they_are_looked_for() -> None:
    assert {path.stem for path in (SHIPPED.parent / DERIVATIONS).glob("*.md")} >= {"policy-gradients", "dpo"}
