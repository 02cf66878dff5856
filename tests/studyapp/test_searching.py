"""The search language against a reference that looks at one row and one character after the other."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.queries import Standing
from decks.items import Card, Drill
from studyapp.browsing import searched_text
from studyapp.searching import STATES, Row, fold, read_query

TOPICS = ["ppo", "grpo", "policy-gradients"]
TODAY = 739_677
DUE_DAYS = {"new": None, "due": TODAY, "scheduled": TODAY + 1, "suspended": TODAY - 1}


def row(id: str = "a", topic: str = "ppo", importance: Any = "must", question: str = "", answer: str = "", **more: Any):
    place = {"week": 1, "order": 1, "covers": (), "source": "", "see": (), "deck": "", "path": "", "line": 1}
    state, flagged, drill = more.get("state", "new"), more.get("flagged", False), more.get("drill", False)
    names: dict[str, Any] = {"id": id, "topic": topic, "importance": importance, **place}
    item: Card | Drill
    if drill:
        item = Drill(description=question, generator="a.b", version=1, **names)
    else:
        item = Card(question=question, answer=answer, checks=(), no_check="", **names)
    return Row(item, searched_text(item), Standing(DUE_DAYS[state], 0, 0, state == "suspended", flagged, 0), TODAY)


def reference_fold(text: str) -> str:
    out = ""
    for char in unicodedata.normalize("NFKD", text):
        for small in char.casefold():
            name = unicodedata.name(small, "")
            if name.startswith("GREEK SMALL LETTER ") and len(name.split()) == 4:
                out += {"lamda": "lambda"}.get(name.split()[3].lower(), name.split()[3].lower())
            elif small != "\\" and not unicodedata.combining(small):
                out += small
    return out


def reference_finds(typed: str, row: Row) -> bool:
    item = row.item
    fields = [item.id, item.topic]
    fields += [item.description] if isinstance(item, Drill) else [item.question, item.answer]
    for part in typed.split():
        word = reference_fold(part)
        name, colon, value = word.partition(":")
        if word in ("must", "should", "nice"):
            wanted = item.importance == word
        elif colon and name == "topic":
            wanted = value in item.topic
        elif colon and name == "is" and value in ("card", "drill"):
            wanted = isinstance(item, Drill) == (value == "drill")
        elif colon and name == "is" and value == "flagged":
            wanted = row.standing.flagged
        elif colon and name == "is" and value in ("new", "due", "scheduled", "suspended"):
            wanted = row.state == value
        elif colon and name.isalpha():
            wanted = True  # not understood: a hint, and no filter
        else:
            wanted = any(word in reference_fold(field) for field in fields)
        if not wanted:
            return False
    return True


LETTERS = "aAbBeEéÉñßZ1_-:. \\$^{}πΠλΛσςεϵϕφ𝔼Âü'ﬁ∑"
TEXT = st.text(LETTERS, max_size=12)
ROWS = st.lists(
    st.builds(
        row,
        id=st.text("ab-", min_size=1, max_size=3),
        topic=st.sampled_from(TOPICS),
        importance=st.sampled_from(["must", "should", "nice"]),
        question=TEXT,
        answer=TEXT,
        state=st.sampled_from(STATES),
        flagged=st.booleans(),
        drill=st.booleans(),
    ),
    max_size=12,
)
FILTERS = [
    "must",
    "SHOULD",
    "nice",
    "is:",
    "is:no",
    "who:me",
    "topic:",
    "topic:po",
    "Topic:PPO",
    "topic:none",
    "is:drill",
]
FILTERS += [f"is:{name}" for name in (*STATES, "flagged", "card")]


@settings(max_examples=300, deadline=None)
@given(rows=ROWS, parts=st.lists(st.one_of(st.sampled_from(FILTERS), TEXT, st.text(LETTERS, max_size=2)), max_size=4))
def test_what_is_found_is_what_the_reference_finds(rows: list[Row], parts: list[str]) -> None:
    typed = " ".join(parts)
    found = read_query(typed, TOPICS).among(rows)
    assert found == [row for row in rows if reference_finds(typed, row)]


@given(rows=ROWS, words=st.lists(TEXT, max_size=4))
def test_the_order_of_words_does_not_count(rows: list[Row], words: list[str]) -> None:
    once = read_query(" ".join(words), TOPICS).among(rows)
    assert read_query(" ".join(reversed(words)), TOPICS).among(rows) == once


@given(st.text(max_size=60))
def test_nothing_typed_is_an_error(typed: str) -> None:
    query = read_query(typed, TOPICS)
    assert all(isinstance(hint, str) for hint in query.hints)
    query.among([row()])


@given(st.text(LETTERS, max_size=30))
def test_folding_agrees_with_the_reference_and_folds_once(text: str) -> None:
    assert fold(text) == reference_fold(text) == fold(fold(text))


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("naive", "A naïve estimate"),
        ("NAÏVE", "a naive estimate"),
        ("pi", "the policy $\\pi_\\theta$"),
        ("π_θ", "the policy $\\pi_\\theta$"),
        ("λ", "GAE's $\\lambda$"),
        ("epsilon", "clipped at 1 − ε"),
        ("\\frac{1}", "$\\frac{1}{2}$"),
        ("E[", "the mean 𝔼[x]"),
        ("clip ratio", "the ratio is clipped"),
        ("strasse", "Straße"),
    ],
)
def test_a_word_finds_its_text(typed: str, text: str) -> None:
    assert read_query(typed, TOPICS).among([row(question=text)])
    assert read_query(typed, TOPICS).among([row(answer=text)])
    assert not read_query(typed, TOPICS).among([row(question="something else")])


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("is:du", "is:du … due"),
        ("is:d", "is:d … due, drill, derivation"),
        ("is:", "is: … new, due, scheduled, suspended, flagged, card, drill, derivation"),
        ("is:odd", "is:odd … new, due, scheduled"),
        ("deck:ppo", "deck:ppo … is:, topic:, must, should, nice"),
        ("topic:dpo", "topic:dpo … ppo, grpo, policy-gradients"),
        ("topic:", "topic: … ppo, grpo, policy-gradients"),
    ],
)
def test_what_is_not_understood_gets_a_hint(typed: str, says: str) -> None:
    hints = read_query(f"is:due {typed} must", TOPICS).hints
    assert len(hints) == 1
    assert hints[0].startswith(says)


def test_what_is_understood_gets_none() -> None:
    assert read_query("is:due IS:DRILL topic:po must a:b? 1:2 clip", TOPICS).hints == (
        "a:b? … is:, topic:, must, should, nice",
    )
    assert read_query("is:due is:flagged topic:ppo nice 1:2 (p:q)", TOPICS).hints == ()
