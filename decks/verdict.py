"""What grading says of one typed answer, as a plain value: nothing here reads or computes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from solvers.tolerance import Answer


@dataclass(frozen=True, slots=True)
class Verdict:
    """`says`: the mistake in a sentence, or what was not understood. `expected` stays hidden while unreadable."""

    verdict: Literal["right", "wrong", "unreadable"]
    mistake: str | None
    says: str | None
    expected: Answer | None
    read_as: str | None
