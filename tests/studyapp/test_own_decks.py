"""Decks of the learner's own: added whole or not at all, removed without loss, and cards written down in the app."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decks.items import Card
from decks.library import Library, load_library
from studyapp import own_decks, places
from studyapp.command_line import studyapp
from studyapp.own_decks import DeckError

DECK = "# Mine\ntopic: mine\n\n## my-first\n\nQ?\n\n---\n\nA.\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STUDYAPP_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    path = tmp_path / "mine.md"
    path.write_text(DECK)
    return path


def library() -> Library:
    return load_library(places.own_decks())


def test_an_added_deck_is_there_and_a_second_time_it_is_refused(deck: Path) -> None:
    own_decks.add(deck, library())
    assert "my-first" in library().cards
    with pytest.raises(DeckError, match="--replace"):
        own_decks.add(deck, library())
    deck.write_text(DECK.replace("A.", "Another."))
    own_decks.add(deck, library(), replace=True)
    assert library().cards["my-first"].answer == "Another."
    assert [path.name for path in places.own_decks().iterdir()] == ["mine.md"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("---", ""), "put a line `---`"),
        (("my-first", "grpo-what"), "is taken by grpo.md"),
        (("A.", r"$\frac{1}{2$"), "cannot be laid out"),
        (("A.", "A.\n\n" * 20), "make two cards of it"),
        (("## my-first", "## my-first\ncheck: pass-at-c {} = {}"), "must expect something"),
    ],
)
def test_a_deck_with_problems_is_not_added(deck: Path, change: tuple[str, str], says: str) -> None:
    deck.write_text(DECK.replace(*change))
    with pytest.raises(DeckError, match=says):
        own_decks.add(deck, library())
    assert not places.own_decks().exists()


def test_an_id_of_another_own_deck_is_taken(deck: Path, tmp_path: Path) -> None:
    own_decks.add(deck, library())
    other = tmp_path / "other.md"
    other.write_text(DECK)
    with pytest.raises(DeckError, match="the id `my-first` is taken"):
        own_decks.add(other, library())


def test_a_removed_deck_is_out_of_use_and_its_file_is_kept(deck: Path) -> None:
    own_decks.add(deck, library())
    for name in ("mine", "mine.md", "Mine"):
        kept = own_decks.remove(name, library())
        assert kept.read_text() == DECK
        assert "my-first" not in library().items
        own_decks.add(deck, library())


def test_what_cannot_be_removed_is_said(deck: Path) -> None:
    with pytest.raises(DeckError, match="no deck mine"):
        own_decks.remove("mine", library())
    with pytest.raises(DeckError, match="comes with studyapp"):
        own_decks.remove("grpo", library())


TEXT = st.text(st.characters(blacklist_categories=["Cs", "Cc"], whitelist_characters="\n"), min_size=1).filter(
    str.strip
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(question=TEXT, answer=TEXT)
def test_any_text_becomes_one_card_that_reads_without_problems(question: str, answer: str) -> None:
    path = places.own_decks() / own_decks.QUICK
    path.unlink(missing_ok=True)
    name = own_decks.quick_add(question, answer, Library((), {}, ()))
    own = library()
    mine = [card for card in own.cards.values() if card.path == str(path)]
    assert own.problems == ()
    assert [card.id for card in mine] == [name]


def test_quick_cards_gather_in_one_deck_with_ids_of_their_own() -> None:
    names = [
        own_decks.quick_add("What is $\\gamma$?", "The discount.\n\n---\n\n## Not an item", library()) for _ in "ab"
    ]
    assert names == ["my-what-is-gamma", "my-what-is-gamma-2"]
    cards = [library().cards[name] for name in names]
    assert all(isinstance(card, Card) and card.topic == "quick-cards" for card in cards)
    assert cards[1].answer == "The discount.\n\n- - -\n\n### Not an item"


def test_an_empty_side_is_refused() -> None:
    with pytest.raises(DeckError, match="answer is empty"):
        own_decks.quick_add("Q?", " \n", library())


def test_lone_surrogates_are_refused_and_nothing_is_left_behind() -> None:
    with pytest.raises(DeckError, match="no file can keep"):
        own_decks.quick_add("a\udcff", "b", library())
    assert library().problems == ()


def test_the_commands_say_what_they_did(deck: Path) -> None:
    run = CliRunner().invoke
    assert "Mine: 1 card added." in run(studyapp, ["decks", "add", str(deck)]).output
    assert "Mine: 1 card" in run(studyapp, ["decks", "list"]).output
    assert "0 of 0 checks hold, on 1 card" in run(studyapp, ["verify", "--deck", "mine"]).output
    removed = run(studyapp, ["decks", "remove", "mine"])
    assert removed.exit_code == 0
    assert "removed" in removed.output
    again = run(studyapp, ["decks", "remove", "mine"])
    assert again.exit_code != 0


def test_a_pipe_is_no_deck(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    with pytest.raises(DeckError, match="not a file"):
        own_decks.add(tmp_path / "pipe.md", library())
