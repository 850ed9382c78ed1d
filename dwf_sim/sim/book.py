"""The book: what workers did for each run; the engine cannot know it when answers are lost."""

from __future__ import annotations

import attrs


@attrs.define(eq=False)
class RunBook:
    """How often a run's handler was entered, and the attempt of each execution of each step.

    Attempts go from 0 to 20 and are kept as bytes, at which the garbage collector does not look.
    """

    entries: int = 0
    executions: dict[str, bytes] = attrs.field(factory=dict)

    def execute(self, label: str, attempt: int) -> None:
        """Count an execution of a step's body."""
        self.executions[label] = self.executions.get(label, b"") + bytes((attempt,))
