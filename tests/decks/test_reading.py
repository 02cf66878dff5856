"""The deck format: what is read, and what is said of what cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decks.items import Card, Check, Drill
from decks.reading import parse_deck, read_deck
from studyapp.typeset import plain

TEN_LINES = """\
# My deck
topic: kl

## k3-sign
source: Schulman 2020, Approximating KL divergence

Can the k3 estimator be negative on one sample?
---
Never: $e^x - 1 - x \\ge 0$ for every real $x$.
"""

FULL = """\
# Group methods
topic: grpo
week: 2
order: 30
source: Shao et al. 2024

## no-critic
importance: must
covers: notes-q29, notes-q30
see: scale
check: grpo-advantages {"rewards": [[1, 0]]} = {"advantages": [[1, -1]]}
check: grpo-advantages {"rewards": [[1, 0]], "std": "sample"} ~ {"advantages.0.0": 0.707}

Why no critic?

Think of the baseline.

---

The group's mean.

---

A rule stays in the answer.

```python
## not-an-item
```

## scale
no-check: a matter of taste
source: Liu et al. 2025

Scale?

---

By the standard deviation.

## a-drill
kind: drill
generator: advantages.grpo
version: 3

Standardise a group.
"""


def messages(text: str, **options: bool) -> list[tuple[int, str]]:
    return [(problem.line, problem.message) for problem in parse_deck(text, "my.md", **options).problems]


def test_a_whole_deck_in_ten_lines() -> None:
    deck = parse_deck(TEN_LINES, "my.md")
    assert not deck.problems
    (card,) = deck.items
    assert isinstance(card, Card)
    assert (card.id, card.topic, card.importance, card.week) == ("k3-sign", "kl", "should", 4)
    assert card.question == "Can the k3 estimator be negative on one sample?"
    assert card.answer.startswith("Never")


def test_everything_a_deck_can_say() -> None:
    deck = parse_deck(FULL, "my.md", shipped=True)
    assert not deck.problems
    card, plain, drill = deck.items
    assert isinstance(card, Card)
    assert isinstance(plain, Card)
    assert (card.week, card.order, card.source, card.see) == (2, 30, "Shao et al. 2024", ("scale",))
    assert card.covers == ("notes-q29", "notes-q30")
    assert card.question == "Why no critic?\n\nThink of the baseline."
    assert card.answer.startswith("The group's mean.\n\n---\n\nA rule")
    assert "## not-an-item" in card.answer
    assert card.checks == (
        Check("grpo-advantages", {"rewards": [[1, 0]]}, {"advantages": [[1, -1]]}, False, 11),
        Check("grpo-advantages", {"rewards": [[1, 0]], "std": "sample"}, {"advantages.0.0": 0.707}, True, 12),
    )
    assert (plain.source, plain.no_check) == ("Liu et al. 2025", "a matter of taste")
    assert isinstance(drill, Drill)
    assert (drill.generator, drill.version, drill.description) == ("advantages.grpo", 3, "Standardise a group.")


@pytest.mark.parametrize(
    ("change", "line", "says"),
    [
        (("# My deck", "My deck"), 1, "begins with its title"),
        (("topic: kl", ""), 1, "needs a topic"),
        (("topic: kl", "topic: KL loss"), 2, "needs a topic"),
        (("topic: kl", "topik: kl"), 2, "did you mean `topic`"),
        (("## k3-sign", "## K3 sign"), 4, "cannot be an id"),
        (("source:", "sourze:"), 5, "did you mean `source`"),
        (("source: Schulman 2020, Approximating KL divergence\n\n", ""), 5, "a blank line stands before the question"),
        (("---\n", ""), 4, "put a line `---`"),
        (("Can the k3 estimator be negative on one sample?\n", ""), 4, "has no question"),
        (("Never: $e^x - 1 - x \\ge 0$ for every real $x$.\n", ""), 8, "has no answer"),
        (("source: Sch", "importance: very\nsource: Sch"), 5, "must, should or nice"),
        (("source: Sch", "source: A\nsource: Sch"), 6, "stands twice"),
        (("source: Sch", "kind: drill\ngenerator: os.system\nsource: Sch"), 5, "holds cards only"),
        (("source: Sch", "kind: clove\nsource: Sch"), 5, "one of `card`, `cloze`, `spot`, `drill`"),
        (("source: Sch", "check: gae [1] = 2\nsource: Sch"), 5, "write a check as"),
        (("source: Sch", 'check: gae {"a": } = {"b": 1}\nsource: Sch'), 5, "is not JSON"),
        (("source: Sch", 'check: gae {"a": 1} = {}\nsource: Sch'), 5, "must expect something"),
        (("topic: kl", "topic: kl\nweek: soon"), 3, "whole number from 1 to 99"),
        (("topic: kl", "topic: kl\nweek: 0"), 3, "whole number from 1 to 99"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(change: tuple[str, str], line: int, says: str) -> None:
    assert change[0] in TEN_LINES
    (problem,) = messages(TEN_LINES.replace(*change, 1))
    assert problem[0] == line
    assert says in problem[1]


def test_one_broken_item_leaves_the_others() -> None:
    deck = parse_deck(FULL.replace("## scale", "## Scale!"), "my.md", shipped=True)
    assert [item.id for item in deck.items] == ["no-critic", "a-drill"]
    assert len(deck.problems) == 1


def test_an_id_stands_once() -> None:
    second = TEN_LINES + "\n" + TEN_LINES.split("\n\n", 1)[1]
    deck = parse_deck(second, "my.md")
    assert len(deck.items) == 1
    assert "is taken (line 4)" in deck.problems[0].message


def test_an_empty_deck_says_how_to_begin() -> None:
    assert "start one with a line" in messages("# Title\ntopic: a\n")[0][1]


def test_files_that_are_no_text(tmp_path: Path) -> None:
    for name, data, says in [
        ("latin.md", "# Prüfung".encode("latin-1"), "not UTF-8"),
        ("big.md", b"x" * 5_000_000, "larger than"),
        ("empty.md", b"", "begins with its title"),
    ]:
        (tmp_path / name).write_bytes(data)
        (problem,) = read_deck(tmp_path / name).problems
        assert says in problem.message
    (missing,) = read_deck(tmp_path / "missing.md").problems
    assert "cannot be read" in missing.message


def test_windows_files_read_the_same() -> None:
    assert (
        parse_deck(FULL.replace("\n", "\r\n"), "my.md", shipped=True).items
        == parse_deck(FULL, "my.md", shipped=True).items
    )


@given(st.text(st.characters(blacklist_categories=["Cs"]), max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    deck = parse_deck(text, "my.md")
    assert deck.items or deck.problems


@given(st.lists(st.sampled_from([*FULL.splitlines(), "```", "~~~", "## x", "---", ": :", "check:"]), max_size=40))
def test_no_shuffled_deck_breaks_the_reader(lines: list[str]) -> None:
    for shipped in (True, False):
        deck = parse_deck("\n".join(lines), "my.md", shipped=shipped)
        assert all(problem.line >= 1 and problem.message for problem in deck.problems)
        assert shipped or not any(isinstance(item, Drill) for item in deck.items)


def test_the_deck_in_the_readme_is_a_deck() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    example = readme.split("```markdown\n", 1)[1].split("```", 1)[0]
    deck = parse_deck(example, "readme.md")
    assert not deck.problems
    assert [item.id for item in deck.items] == ["k3-sign"]
    check = next(line.strip() for line in readme.splitlines() if line.strip().startswith("check: "))
    with_check = example.replace("source: Schulman", check + "\nsource: Schulman")
    (card,) = parse_deck(with_check, "readme.md").items
    assert isinstance(card, Card)
    assert len(card.checks) == 1


def card(text: str) -> Card:
    deck = parse_deck(f"# T\ntopic: t\n\n## an-id\n{text}", "t.md")
    assert deck.problems == ()
    (item,) = deck.items
    assert isinstance(item, Card)
    return item


@pytest.mark.parametrize(
    ("text", "question", "answer"),
    [
        ("the {{mean}} of them", "the [?] of them", "the mean of them"),
        (r"$\frac{a}{{{b}}}$", "a/([?])", "a/b"),
        (r"$x^{{{n + 1}}}$ and {{y}}", "x^[?] and [?]", "xⁿ⁺¹ and y"),
        (r"$a = {{\sqrt{b_{i}}}}$", "a = [?]", "a = √bᵢ"),
        ("`loss.{{backward}}()`", "loss.[?]()", "loss.backward()"),
        ("an {{answer}}.\n\n---\n\nA catch.", "an [?].", "an answer.\n\nA catch."),
    ],
)
def test_a_cloze_hides_what_stands_in_double_braces(text: str, question: str, answer: str) -> None:
    read = card(f"kind: cloze\n\n{text}\n")
    assert (plain(read.question, 60), plain(read.answer, 60)) == (question, answer)


@pytest.mark.parametrize("text", ["nothing hidden", "an {{open one", "an {{}} empty one", "{{a{b}}"])
def test_a_cloze_that_hides_nothing_is_refused(text: str) -> None:
    (problem,) = parse_deck(f"# T\ntopic: t\n\n## an-id\nkind: cloze\n\n{text}\n", "t.md").problems
    assert "double braces" in problem.message or "matching" in problem.message


def test_the_task_list_that_ends_an_answer_is_its_rubric() -> None:
    read = card("\nDerive it.\n\n---\n\n- [ ] not one\n\nFirst.\n\n- [ ] names the trick\n- [x] takes $E$\n")
    assert read.rubric == ("names the trick", "takes $E$")
    assert read.answer == "- [ ] not one\n\nFirst."


def test_a_spot_names_the_claims_it_catches() -> None:
    read = card("kind: spot\nclaims: ppo-a, ppo-b\n\nClipping never bites.\n\n---\n\nIt does.\n")
    assert (read.kind, read.claims) == ("spot", ("ppo-a", "ppo-b"))
