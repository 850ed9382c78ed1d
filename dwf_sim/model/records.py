"""Records: one fact each. The trace is made of them, and whatever is checked is checked on them.

Fields are texts, numbers, None or tuples of those, so that a record has one spelling, which the
digest hashes. Ids of runs are ULIDs, steps are named by their label, times are milliseconds.
"""

from __future__ import annotations

from typing import TypeAlias

from dwf_sim.model.claims import Claimed
from dwf_sim.model.mistakes import MistakeFound
from dwf_sim.model.served import CronTicked, FunctionServed
from dwf_sim.model.value import value

# What came in.


@value
class AppServed:
    """Functions were registered."""

    functions: tuple[str, ...]


@value
class Doubted:
    """A function was registered with something that its author can hardly mean."""

    function: str
    text: str


@value
class EventReceived:
    """The engine took an event in; `data` and `user` are JSON text, `ts` is in milliseconds.

    Of an event that the engine sent about a run, only the run is kept: its data holds stacks,
    which differ between two machines.
    """

    event: str
    name: str
    id: str
    ts: int
    data: str = "{}"
    user: str = "{}"
    v: str | None = None
    about: str | None = None  # A run.


@value
class EventUnclaimed:
    """No function and no wait took the event."""

    event: str
    name: str


@value
class EventFiltered:
    """A trigger of this function has the event's name, and its expression is not true for it."""

    function: str
    event: str


@value
class SignalReceived:
    """A signal was sent; `run` is who was waiting for it, None when nobody was (A124)."""

    signal: str
    run: str | None


# Runs.


@value
class RunScheduled:
    """A run was created, to start at `start_at`, `head_start_ms` milliseconds ahead of others."""

    run: str
    function: str
    label: str  # It numbers the runs of a function.
    events: tuple[str, ...]
    start_at: int
    keys: tuple[str, ...] = ()  # What it is counted under by concurrency and throttle.
    head_start_ms: int = 0  # How much earlier than it was it counts as created (B117).
    by: str = "event"  # What made it: an event, an invoke, a cron or a re-run.
    is_batch: bool = False


@value
class RunSkipped:
    """No run was created for this event; `policy` says who refused it, `reason` why."""

    function: str
    event: str
    policy: str
    reason: str


@value
class EventHeld:
    """A policy keeps the event of a function `until` an instant in ms; it may change its mind."""

    function: str
    event: str
    policy: str
    until: int
    reason: str


@value
class ItemDelayed:
    """A queue item is due and cannot go to a worker yet; `policy` is "order" if it has to wait
    for older ones only."""

    run: str
    item: str
    step: str | None
    policy: str
    reason: str


@value
class FunctionPaused:
    """A function was paused, or resumed."""

    function: str
    is_paused: bool


@value
class RunCancelling:
    """A run is cancelled; `reason` says by what, `event` by which event if it was one."""

    run: str
    reason: str
    event: str | None = None


@value
class RunFinished:
    """A run reached its end: completed, failed or cancelled."""

    run: str
    status: str
    text: str


# Requests and what they report.


@value
class RequestSent:
    """A queue item was leased and its request sent; `step` is the target, if there is one."""

    run: str
    number: int
    item: str
    attempt: int
    step: str | None


@value
class ResponseReceived:
    """The answer to a request was folded into its run; `is_final`: its error is not retried."""

    run: str
    number: int
    answer: str
    is_final: bool = False


@value
class ResponseIgnored:
    """An answer came for a request nobody waits for any more: late, repeated, or run ended."""

    number: int
    reason: str


@value
class StepsCheckpointed:
    """A request reported these steps and goes on (A202)."""

    run: str
    number: int
    steps: tuple[str, ...]


@value
class CheckpointRefused:
    """A request nobody waits for any more reported steps; its handler is left (A207)."""

    number: int
    reason: str


@value
class LeaseLost:
    """The engine's lease on a request expired; its item is queued again, unless its run has ended
    (A223)."""

    run: str
    number: int


@value
class StepMemoized:
    """A step's outcome was stored for good; `kind` says what it is: data, error, sleep, timeout,
    event, signal or invoke, and `event` which event it was."""

    run: str
    step: str
    kind: str
    event: str | None = None


@value
class MemoRefused:
    """A second outcome for a step came in; the first one stands (A5)."""

    run: str
    step: str


@value
class StepReported:
    """A step was registered to happen later: planned, sleep, wait, invoke or signal wait.

    `awaits` names what it waits for: an event or a signal by its name, an invoked run by the id
    both know it by. `until` is in ms, `condition` an expression that must be true for the event.
    """

    run: str
    step: str
    kind: str
    until: int | None
    awaits: str | None = None
    condition: str | None = None


@value
class JobRepeated:
    """A queue item was asked for a second time and not queued again (A224)."""

    run: str
    job: str


@value
class RetryScheduled:
    """An attempt failed; the next is due at `earliest`, or up to `spread` ms later (A64)."""

    run: str
    step: str | None
    attempt: int
    earliest: int
    spread: int
    error: str
    is_unusable: bool = False  # The engine could make nothing of the answer (A25).


@value
class ItemDropped:
    """An item ran out of attempts without ending its run, which stays running (A25)."""

    run: str
    reason: str


# Workers.


@value
class HandlerEntered:
    """A worker began to run the handler for a request."""

    run: str
    number: int
    attempt: int


@value
class HandlerLeft:
    """The handler was left: `step` (interrupted), `return`, `error <name>` or `killed`."""

    run: str
    number: int
    how: str


@value
class StepStarted:
    """A worker began to run a step's body, for this request."""

    run: str
    step: str
    attempt: int
    number: int = 0


@value
class StepEnded:
    """A step's body was left: `ok`, `error <name>` or `killed`."""

    run: str
    step: str
    how: str


@value
class Logged:
    """User code logged a line through `ctx.logger` (A210)."""

    run: str
    level: str
    text: str


@value
class EffectCalled:
    """A ledger saw an external effect."""

    ledger: str
    operation: str
    key: str | None
    is_repeat: bool  # Its key was known, so it changed nothing.
    run: str | None
    step: str | None
    nth: int = 0  # Its number in this execution of the step.
    may_repeat: bool = False  # It has a key, or does the same however often it is done.


@value
class Complained:
    """The simulator noticed a mistake of the user's code, or knows a way round what stopped it."""

    run: str
    text: str


# Faults.


@value
class FaultStruck:
    """A fault of the plan happened, at this site: to a run, or to an event under way."""

    run: str | None
    fault: str
    site: str
    event: str | None = None


Record: TypeAlias = (
    AppServed
    | FunctionServed
    | CronTicked
    | Doubted
    | EventReceived
    | EventFiltered
    | EventUnclaimed
    | SignalReceived
    | RunScheduled
    | RunSkipped
    | EventHeld
    | ItemDelayed
    | FunctionPaused
    | RunCancelling
    | RunFinished
    | RequestSent
    | ResponseReceived
    | ResponseIgnored
    | StepsCheckpointed
    | CheckpointRefused
    | LeaseLost
    | StepMemoized
    | MemoRefused
    | StepReported
    | JobRepeated
    | RetryScheduled
    | ItemDropped
    | HandlerEntered
    | HandlerLeft
    | StepStarted
    | StepEnded
    | Logged
    | EffectCalled
    | Complained
    | Claimed
    | MistakeFound
    | FaultStruck
)
