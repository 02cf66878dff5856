"""Verdicts: right in every notation, wrong with the mistake's name, unreadable instead of a guess."""

import subprocess
import sys
from dataclasses import replace

import pytest

from decks.exercises import Exercise, Mistake
from decks.grading import grade
from decks.verdict import Verdict
from studyapp.texts import verdict_sentence


def exercise(answer: float | list[float], *mistakes: Mistake, **more: object) -> Exercise:
    return Exercise(
        drill="d", version=1, seed="1", topic="t", importance="must", covers=(), prompt="?", inputs={}, solver=None,
        answer=answer, asked="it", mistakes=mistakes, solution="!", **more,
    )  # type: ignore[arg-type]  # fmt: skip


SAMPLE = Mistake("sample-std", [0.8660254, -0.8660254, -0.8660254, 0.8660254], "Divided by the sample one.")
GROUP = exercise([1.0, -1.0, -1.0, 1.0], SAMPLE)


@pytest.mark.parametrize("typed", ["1 -1 -1 1", "[1, -1, -1, 1]", "(1.0; −1; -1; 2/2)", "100% -100% -100% 100%"])
def test_right_in_any_notation(typed: str) -> None:
    assert grade(GROUP, typed) == Verdict("right", None, None, [1.0, -1.0, -1.0, 1.0], "[1, -1, -1, 1]")


def test_a_mistake_is_named_if_every_member_matches_it() -> None:
    verdict = grade(GROUP, "0.866 -0.866 -0.866 0.866")
    assert (verdict.verdict, verdict.mistake, verdict.says) == ("wrong", "sample-std", "Divided by the sample one.")
    assert verdict.expected == [1.0, -1.0, -1.0, 1.0]
    assert verdict.read_as == "[0.866, -0.866, -0.866, 0.866]"
    assert grade(GROUP, "0.866 -0.866 -0.866 0.9").mistake is None


@pytest.mark.parametrize(
    ("typed", "doubted"),
    [
        ("0.12", True),  # 0.1234 with two digits, or the mistake
        ("0.120", False),
        ("3/25", False),  # no rounding of anything
        (".12", True),
    ],
)
def test_a_mistake_that_may_be_the_answer_with_too_few_digits_is_not_said_as_if_certain(
    typed: str, doubted: bool
) -> None:
    verdict = grade(exercise(0.1234, Mistake("halved", 0.12, "Halved it.")), typed)
    assert (verdict.verdict, verdict.mistake, verdict.says) == ("wrong", "halved", "Halved it.")
    doubt = "Unless it is the answer itself, rounded to fewer than the 3 digits asked for."
    assert verdict.remark == (doubt if doubted else None)
    assert (doubt in verdict_sentence(verdict, None)) == doubted


def test_a_rounding_with_too_few_digits_is_known_for_one() -> None:
    remark = "It is the answer itself, rounded to fewer than the 3 digits asked for."
    assert grade(exercise(0.1234), "0.12") == Verdict("wrong", None, None, 0.1234, "0.12", remark)
    assert grade(exercise(0.1234), "0.13").remark is None


def test_a_list_is_doubted_only_if_every_member_is_a_rounding_of_its_own() -> None:
    asked = exercise([0.1234, 2.5, -7.0], Mistake("a", [0.12, 2.5, -7.0], "A."), Mistake("b", [0.12, 2.9, -7.0], "B."))
    assert grade(asked, "0.12 2.5 -7").remark
    assert not grade(asked, "0.12 2.9 -7").remark
    assert not grade(exercise([0.2, 0.004], Mistake("c", [0.2, 0.0], "C.")), "0.2 0").remark  # nobody rounds to 0
    assert not grade(exercise(12, Mistake("d", 11, "D."), exact=True), "12.0001").remark


def test_another_wrong_answer_is_just_wrong() -> None:
    verdict = grade(GROUP, "2 2 2 2")
    assert (verdict.verdict, verdict.mistake, verdict.says) == ("wrong", None, None)


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("1 -1 -1", "4 numbers are asked for, 3 were typed"),
        ("1", "4 numbers are asked for, 1 was typed"),
        ("1 -1 -1 1 1", "4 numbers are asked for, 5 were typed"),
        ("1 - 1 - 1 1", "4 numbers are asked for, 2 were typed ([-1, 1])"),
        ("one", "`one`"),
        ("", "Nothing was typed"),
    ],
)
def test_a_list_of_another_length_is_unreadable_and_keeps_the_answer_hidden(typed: str, named: str) -> None:
    verdict = grade(GROUP, typed)
    assert (verdict.verdict, verdict.mistake, verdict.expected) == ("unreadable", None, None)
    assert verdict.says is not None
    assert named in verdict.says


def test_a_decimal_comma_is_not_guessed() -> None:
    verdict = grade(exercise(0.5), " −0,5 ")
    assert verdict.verdict == "unreadable"
    assert verdict.says is not None
    assert verdict.says.endswith("if you mean a decimal, write −0.5.")
    assert grade(exercise(0.5), "1 -1").verdict == "unreadable"


@pytest.mark.parametrize("typed", ["75", "75%", "75.0 %", "150/2", "3/4*100", "50% + 25%"])
def test_percent_where_percent_is_asked(typed: str) -> None:
    verdict = grade(exercise(75.0, Mistake("half", 37.5, "Halved."), unit="percent"), typed)
    assert (verdict.verdict, verdict.read_as) == ("right", "75 %")


def test_a_count_with_commas_is_told_to_do_without() -> None:
    verdict = grade(replace(exercise(860160.0), exact=True), "860,160")
    assert verdict.verdict == "unreadable"
    assert verdict.says is not None
    assert verdict.says.endswith("write 860160.")


def test_percent_of_mistakes_and_wrong_answers() -> None:
    asked = exercise(75.0, Mistake("half", 37.5, "Halved."), unit="percent")
    assert grade(asked, "37.5%").mistake == "half"
    assert grade(asked, "37.5").mistake == "half"
    assert grade(asked, "0.75").verdict == "wrong"
    assert grade(exercise(75.4, unit="percent"), "75.35%").verdict == "right"  # 0.5 % of 75.4 is 0.377
    assert grade(exercise(0.002, unit="percent"), "0.0021%").verdict == "wrong"


def test_percent_elsewhere_is_a_hundredth() -> None:
    assert grade(exercise(0.75), "75%").verdict == "right"
    assert grade(exercise(75.0), "75%").verdict == "wrong"


def test_exact_answers_allow_no_tolerance() -> None:
    count = exercise(4096, Mistake("one-off", 4095, "Off by one."), exact=True)
    assert grade(count, "2^12").verdict == "right"
    assert grade(count, "4095").mistake == "one-off"
    assert grade(count, "4096.001").verdict == "wrong"


def test_grading_needs_no_heavy_library() -> None:
    code = (
        "import sys, decks.grading; "
        "print([m for m in ('torch', 'sympy', 'numpy', 'textual', 'sqlite3') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
