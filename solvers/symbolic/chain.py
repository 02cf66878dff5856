"""The lines of a derivation so far: what the next one is compared with, and what has been abbreviated on the way."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass

from solvers.symbolic.setting import Setting
from solvers.symbolic.steps import ACCEPTED, SECONDS_TO_DECIDE, StepVerdict, check_step, reaches, right_side, split_line
from solvers.symbolic.tree import Unreadable

_DERIVATIVE = re.compile(r"grad|nabla|∇|∂|\\partial|\bd\s*/\s*d")


@dataclass(frozen=True, slots=True)
class Chain:
    """From `start` towards `goal`; `lines` are the accepted ones. A new chain comes of every line; none is changed."""

    setting: Setting
    start: str
    goal: str
    lines: tuple[StepVerdict, ...] = ()
    milestones: tuple[str, ...] = ()  # the lines of the model solution

    @property
    def present(self) -> str:
        """The expression that the next line is compared with."""
        return self.lines[-1].line if self.lines else self.start

    @property
    def in_force(self) -> Setting:
        """The setting with the abbreviations of the lines so far."""
        setting = self.setting
        for line in self.lines:
            setting = setting.defining(line.defines) if line.defines else setting
        return setting

    @property
    def is_done(self) -> bool:
        """Whether the last line is the goal."""
        return bool(self.lines) and self.lines[-1].reaches_goal

    def check(self, typed: str, prove: bool = True, seconds: float = SECONDS_TO_DECIDE) -> StepVerdict:
        """The verdict on the next line, which is not added by this."""
        line = self._without_head(typed)
        verdict = check_step(self.present, line, self.in_force, self.goal, prove, seconds, self._origins())
        if verdict.verdict != ACCEPTED:
            return verdict
        met = [at for at, line in enumerate(self.milestones) if self._meets(verdict.line, line)]
        return dataclasses.replace(verdict, milestone=met[-1] if met else -1)

    def _origins(self) -> list[tuple[str, str]]:
        """What was differentiated so far: at its kinks the lines since then need not be equal."""
        texts = [self.start, *(line.line for line in self.lines)]
        by_rule = [
            (before, line.rule) for before, line in zip(texts, self.lines, strict=False) if line.kind == "differentiate"
        ]
        return by_rule + [(text, "") for text in texts if _DERIVATIVE.search(text)]

    def _meets(self, line: str, milestone: str) -> bool:
        try:
            return reaches(line, milestone, self.in_force)
        except Unreadable:  # a line of the model solution may be; that is said of that line
            return False

    def and_then(self, verdict: StepVerdict) -> Chain:
        """The chain with an accepted line more; with any other line, itself."""
        if verdict.verdict != ACCEPTED:
            return self
        return dataclasses.replace(self, lines=(*self.lines, verdict))

    def without_last(self) -> Chain:
        """The chain before its last line."""
        return dataclasses.replace(self, lines=self.lines[:-1])

    def _without_head(self, typed: str) -> str:
        """After `pi(y) = …` was found to be best, people go on writing `pi(y) =`."""
        line, rule = split_line(typed)
        for found in self.lines:
            expression = right_side(line, found.head) if found.head and not rule.startswith(("max", "min")) else line
            if expression != line:
                at = typed.rindex(expression, 0, typed.index(line) + len(line))
                return " " * at + typed[at:]
        return typed
