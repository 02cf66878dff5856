"""What grading says of one typed answer, and what running evidence found, as plain values: nothing here computes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from solvers.tolerance import Answer


@dataclass(frozen=True, slots=True)
class Verdict:
    """`says`: the mistake in a sentence, or what was not understood. `expected` stays hidden while unreadable.

    `remark`: what else what was typed may have meant, where it is not right.
    """

    verdict: Literal["right", "wrong", "unreadable"]
    mistake: str | None
    says: str | None
    expected: Answer | None
    read_as: str | None
    remark: str | None = None


class Finding(NamedTuple):
    """Whether one piece of evidence holds; if not, what differs, in a sentence."""

    holds: bool
    message: str = ""
