"""A history: what one run was given and has remembered, and where it stood at each boundary.

Memos come in the order in which they were made, so a boundary is a number of them, and what the
run was waiting for then. All of it is JSON; the file's form is in `writing` and `reading`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import attrs

from dwf_sim.model.event import StoredEvent
from dwf_sim.model.ids import step_hash

FORMAT = 1
"""The number of the format of histories, raised when a reader of it would misread a newer one."""
ENDING = ".history.json"

RUN, SLEEP, WAIT, SIGNAL, INVOKE, AI = KINDS = ("run", "sleep", "wait", "signal", "invoke", "ai")
# What came of a step: output, error, or what a wait ended with.
OUTCOMES = ("data", "error", "sleep", "timeout", "event", "signal", "invoke")


@attrs.frozen
class Memo:
    """What is remembered of a step: `memo` is JSON text in the shape the engine keeps (A13).

    `kind` is that of the step, `outcome` what came of it, `at` milliseconds since 1970. `fits`
    says whether it was what the step's own annotation promised, when it was recorded.
    """

    step: str
    kind: str
    outcome: str
    at: int
    memo: str
    fits: bool = True

    @property
    def hash(self) -> str:
        """The key under which the engine keeps it (A10)."""
        return step_hash(self.step)


@attrs.frozen
class Awaited:
    """A step that was reported and is not done: planned, a sleep, a wait, a signal, an invoke.

    `until` is when it ends by itself, in milliseconds since 1970; `awaits` names the event or
    the signal, `condition` the expression that must be true for the event.
    """

    step: str
    kind: str
    until: int | None = None
    awaits: str | None = None
    condition: str | None = None


@attrs.frozen
class Asked:
    """A step that the recorded code asks for next; `awaits` names the event or signal of a wait."""

    step: str
    kind: str
    awaits: str | None = None


@attrs.frozen
class Boundary:
    """Where a run stood: `at` this instant, after so many memos, waiting for these steps.

    `asks` is what the recorded code asks for when it is entered here, `ends` how it ends instead:
    "return", or the name of an error. `unread` are memos it does not ask for, as a race's losers.
    Instants are in milliseconds since 1970.
    """

    memos: int
    at: int
    waits_for: tuple[Awaited, ...] = ()
    asks: tuple[Asked, ...] = ()
    ends: str | None = None
    unread: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class History:
    """One recorded run of a function.

    `calls` are its steps in the order in which the code asks for them; `module` is where the
    function was found, `source` the digest of its source, None if that is not known.
    """

    function: str
    name: str
    module: str | None
    source: str | None
    versions: Mapping[str, str | None]
    events: tuple[StoredEvent, ...]
    calls: tuple[str, ...]
    memos: tuple[Memo, ...]
    boundaries: tuple[Boundary, ...]
    place: str = "a history"  # The file it was read from.

    def known_at(self, boundary: Boundary) -> tuple[Memo, ...]:
        """List what the run remembers at a boundary."""
        return self.memos[: boundary.memos]

    def title(self, boundary: Boundary) -> str:
        """Name a boundary for people: "start", "after charge", "at cool-off"."""
        if boundary.waits_for:
            return "at " + " + ".join(step.step for step in boundary.waits_for)
        return f"after {self.memos[boundary.memos - 1].step}" if boundary.memos else "start"

    @property
    def file_name(self) -> str:
        """What its file is called; an app's id may hold what no file's name can."""
        return re.sub(r"[^A-Za-z0-9._-]+", "-", f"{self.function}.{self.name}") + ENDING
