"""The book: what workers did for each run; the engine cannot know it when answers are lost."""

from __future__ import annotations

import attrs


@attrs.define(eq=False)
class RunBook:
    """How often a run's handler was entered, and the attempt of each execution of each step."""

    entries: int = 0
    executions: dict[str, tuple[int, ...]] = attrs.field(factory=dict)

    def execute(self, label: str, attempt: int) -> None:
        """Count an execution of a step's body."""
        self.executions[label] = (*self.executions.get(label, ()), attempt)
