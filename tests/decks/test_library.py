"""All decks together: study order, clashing ids, broken files beside sound ones, and the shipped decks themselves."""

from __future__ import annotations

from pathlib import Path

from decks.library import SHIPPED, load_library
from decks.lint import lint_deck

CARD = (
    "# {0}\ntopic: {0}\nweek: {1}\n\n## {0}-must\nimportance: must\n\nQ?\n\n---\n\nA.\n\n"
    "## {0}-nice\nimportance: nice\n\nQ?\n\n---\n\nA.\n"
)


def test_study_order_is_by_week_then_importance(tmp_path: Path) -> None:
    for name, week in (("a", 2), ("b", 1), ("c", 2)):
        (tmp_path / f"{name}.md").write_text(CARD.format(name, week))
    library = load_library(shipped=tmp_path)
    assert list(library.items) == [
        "b-must", "b-nice", "a-must", "c-must", "a-nice", "c-nice",
    ]  # fmt: skip


def test_a_broken_deck_leaves_the_others(tmp_path: Path) -> None:
    (tmp_path / "good.md").write_text(CARD.format("good", 1))
    (tmp_path / "bad.md").write_text("no deck at all")
    (tmp_path / "binary.md").write_bytes(bytes(range(256)))
    library = load_library(tmp_path, shipped=tmp_path / "none")
    assert list(library.items) == ["good-must", "good-nice"]
    assert [Path(problem.path).name for problem in library.problems] == ["bad.md", "binary.md"]


def test_an_id_belongs_to_the_first_deck_that_has_it(tmp_path: Path) -> None:
    shipped, own = tmp_path / "shipped", tmp_path / "own"
    for folder in (shipped, own):
        folder.mkdir()
        (folder / "a.md").write_text(CARD.format("a", 1))
    library = load_library(own, shipped=shipped)
    assert len(library.items) == 2
    assert all("is taken by a.md" in problem.message for problem in library.problems)
    assert len(library.problems) == 2


def test_lint_finds_unknown_solvers_links_and_taken_ids(tmp_path: Path) -> None:
    taken = next(iter(load_library().items))
    (tmp_path / "mine.md").write_text(
        f"# Mine\ntopic: mine\n\n## {taken}\nsee: nowhere-at-all\n"
        'check: grpo-advantage {"rewards": [[1, 0]]} = {"advantages": [[1, -1]]}\n\nQ?\n\n---\n\nA.\n'
    )
    messages = " ".join(problem.message for problem in lint_deck(tmp_path / "mine.md").problems)
    assert "is taken by" in messages
    assert "`nowhere-at-all`, which no deck has" in messages
    assert "did you mean `grpo-advantages`" in messages


def test_the_shipped_decks_are_sound() -> None:
    for path in sorted(SHIPPED.glob("*.md")):
        assert lint_deck(path).problems == (), path.name


def test_every_shipped_item_has_evidence() -> None:
    for card in load_library().cards.values():
        assert card.checks or card.no_check or card.source, card.id
        if "$$" in card.answer:
            assert card.checks or card.no_check, f"{card.id} states a formula and has neither check nor no-check"


STARTING_QUESTIONS = {
    *(f"notes-q{n:02}" for n in range(1, 51)),
    *(f"selftest-{n}" for n in range(1, 9)),
    *(f"quickref-q{n}" for n in range(1, 7)),
    *(f"early-q{n}" for n in range(1, 4)),
}


def test_the_questions_to_start_on_are_all_asked() -> None:
    covered = {item for card in load_library().cards.values() for item in card.covers}
    assert covered >= STARTING_QUESTIONS
