"""A run while the engine works on it, the items it has queued and the pauses it waits on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from dwf_sim.model.event import StoredEvent
from dwf_sim.model.function import FunctionConfig
from dwf_sim.model.gate import Gate

if TYPE_CHECKING:
    from dwf_sim.expressions import Expression

START, EDGE, EDGE_ERROR, SLEEP, PAUSE_TIMEOUT = "start", "edge", "edge-error", "sleep", "timeout"
RUN_TIMEOUT = "run-timeout"

SCHEDULED, RUNNING = "scheduled", "running"
COMPLETED, FAILED, CANCELLED = "completed", "failed", "cancelled"


@attrs.define(eq=False)
class Run:
    """One execution of a function for given events.

    `memos` maps step hashes to JSON text in the order of completion, which is the stack (A15).
    `pending` holds the hashes of steps reported together and not yet done (A31).
    """

    id: str
    label: str
    function: FunctionConfig
    events: tuple[StoredEvent, ...]
    created_at: int
    status: str = SCHEDULED
    result: str = "null"  # JSON text: the output, or the error of a failed run.
    started_at: int | None = None
    ended_at: int | None = None
    memos: dict[str, str] = attrs.field(factory=dict)
    labels: dict[str, str] = attrs.field(factory=dict)
    state_size: int = 0  # Of the memos, in bytes.
    events_size: int | None = None  # The same of the events, counted when it matters.
    pending: dict[str, None] = attrs.field(factory=dict)
    join_key: str = ""
    plan_only: bool = False
    jobs: dict[str, None] = attrs.field(factory=dict)
    items: dict[int, Item] = attrs.field(factory=dict)
    pauses: dict[str, Pause] = attrs.field(factory=dict)
    cancellations: tuple[Cancellation, ...] = ()
    nth: int = 0  # How many runs of any function were created before it.
    head_start_ms: int = 0  # How much earlier than it was it counts as created (B117).
    gates: tuple[Gate, ...] = ()  # What its items pass to reach a worker,
    lane: str = ""  # and under which name they wait for it together with others.
    start_gates: tuple[Gate, ...] = ()  # The same for its first request.
    start_lane: str = ""

    @property
    def is_ended(self) -> bool:
        """Whether the run has reached a terminal status."""
        return self.ended_at is not None


@attrs.define(eq=False)
class Item:
    """A queue item: one request to make, or one timeout to take (A1).

    `step` is the hash of the step it is about; a targeted item runs that step (A30).
    """

    seq: int
    run: Run
    kind: str
    due: int
    step: str | None = None
    race: bool = False
    attempt: int = 0
    pause: Pause | None = None
    score: int = 0  # Its place in the order of its function, lowest first (B135).
    gates: tuple[Gate, ...] = ()  # Those it has passed, while a worker has it.

    @property
    def target(self) -> str | None:
        """The hash of the one step its request is to run, if it is for one (A30)."""
        return self.step if self.kind == EDGE else None

    @property
    def target_label(self) -> str | None:
        """The label of that step."""
        target = self.target
        return None if target is None else self.run.labels.get(target)


@attrs.define(eq=False)
class Pause:
    """A stored wait of a run: for an event, a signal, or an invoked function.

    `key` is what it is found by: the event's name, the signal, or the correlation id.
    """

    id: str
    kind: str
    run: Run
    step: str
    key: str
    created_at: int
    expires_at: int
    race: bool = False
    expression: Expression | None = None
    first_event: Mapping[str, object] = attrs.field(factory=dict)  # Of the run, as then (A103).
    timeout_item: int = 0


@attrs.define(eq=False)
class Cancellation:
    """A run's readiness to be cancelled by an event of this name, until `expires_at` (A150)."""

    run: Run
    event: str
    expires_at: int
    expression: Expression | None
    first_event: Mapping[str, object]  # Of the run, as when it was scheduled (A103).
