"""The book: what workers did for each run; the engine cannot know it when answers are lost.

What is kept of runs that have ended is texts, numbers and bytes only, at which the garbage
collector does not look: a simulation may have a hundred thousand of them.
"""

from __future__ import annotations

from collections.abc import Mapping

_NOTHING: Mapping[str, bytes] = {}


class Book:
    """How often handlers were entered, and the attempt (0 to 20) of each execution of each step."""

    def __init__(self) -> None:
        self._entries: dict[str, int] = {}
        self._executions: dict[str, dict[str, bytes]] = {}
        # What handlers have asked for, by run, until they return: see `drivers/replay.py`.
        self.replays: dict[
            str, tuple[tuple[str, ...], Mapping[str, str], int, Mapping[str, Mapping[str, str]]]
        ] = {}

    def begin_anew(self) -> None:
        """Compare no entry with those before now: other code is served, which may do otherwise."""
        self.replays = {}

    def enter(self, run_id: str) -> None:
        """Count an entry of a run's handler."""
        self._entries[run_id] = self._entries.get(run_id, 0) + 1

    def execute(self, run_id: str, label: str, attempt: int) -> None:
        """Count an execution of a step's body."""
        steps = self._executions.setdefault(run_id, {})
        steps[label] = steps.get(label, b"") + bytes((attempt,))

    def entries(self, run_id: str) -> int:
        """Say how often a run's handler was entered."""
        return self._entries.get(run_id, 0)

    def executions(self, run_id: str) -> Mapping[str, bytes]:
        """List the attempts with which each step of a run was executed, by label."""
        return self._executions.get(run_id, _NOTHING)
