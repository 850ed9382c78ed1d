"""Messages: what the engine is told, and the requests and responses between it and a driver."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import attrs

from dwf_sim.model.event import StoredEvent
from dwf_sim.model.function import FunctionConfig
from dwf_sim.model.ops import ErrorBody, Op, StepRun
from dwf_sim.model.value import value


@value
class Request:
    """One call of a handler (A1, W1).

    `memos` maps step hashes to JSON text in the order in which the steps were done (A15): those
    done when the request was made, whatever the engine learns later. `target` is the hash of the
    one step to run, or None (A30).
    """

    number: int
    function_id: str
    run_id: str
    attempt: int
    attempts_max: int
    events: tuple[StoredEvent, ...]
    memos: Mapping[str, str]
    target: str | None
    plan_only: bool  # `disable_immediate_execution` on the wire (A28).


@value
class Ops:
    """The handler was interrupted and reports these ops (W3).

    `retry_at` is the instant of a Retry-After header, in milliseconds.
    """

    ops: tuple[Op, ...]
    retry_at: int | None = None


@value
class Returned:
    """The function is done; `output` is JSON text (W4).

    `steps` are those it has not reported before: a checkpointed request buffers them (A203).
    """

    output: str
    steps: tuple[StepRun, ...] = ()


@value
class Threw:
    """An error left the handler (W4): `status` 500, or 400 for some SDKs."""

    error: ErrorBody
    retriable: bool
    retry_at: int | None = None
    status: int = 500


@value
class Broken:
    """No answer of an SDK came: the connection closed, or something in front answered (A80)."""

    error: ErrorBody
    is_body: bool = False  # Whether the error stands for an answer's body (A222).


Response: TypeAlias = Ops | Returned | Threw | Broken

CONNECTION_CLOSED = Broken(ErrorBody("Error", "Unable to reach SDK URL"))


@attrs.frozen
class FunctionsServed:
    """An app registers its functions; they take part in what arrives from now on."""

    functions: tuple[FunctionConfig, ...]


@value
class EventArrived:
    """An accepted event reaches the engine."""

    event: StoredEvent


@value
class Replied:
    """The answer to a request reaches the engine."""

    number: int
    response: Response


@value
class Checkpointed:
    """A request reports steps that are done, and goes on (A202)."""

    number: int
    steps: tuple[StepRun, ...]


@value
class ItemDue:
    """The time of a queue item, or of another timer, has come."""

    item: int


@attrs.frozen
class LeaseExpired:
    """The engine lost the item of this request: it died before it saw an answer (A223)."""

    number: int


@attrs.frozen
class OnlySaved:
    """The engine saved what these ops of an answer report and died right then (A225)."""

    number: int
    ops: tuple[Op, ...]


@attrs.frozen
class SignalSent:
    """A signal was sent; `data` is JSON text (A124)."""

    signal: str
    data: str


@attrs.frozen
class RunCancelled:
    """Somebody asked for this run to be cancelled (A152)."""

    run_id: str


@attrs.frozen
class RunRerun:
    """Somebody asked for a new run for the event of this run (B132)."""

    run_id: str


@attrs.frozen
class FunctionSwitched:
    """Somebody paused a function, or resumed it (B134)."""

    function_id: str
    is_paused: bool


Message: TypeAlias = (
    FunctionsServed
    | EventArrived
    | Replied
    | Checkpointed
    | ItemDue
    | LeaseExpired
    | OnlySaved
    | SignalSent
    | RunCancelled
    | RunRerun
    | FunctionSwitched
)
