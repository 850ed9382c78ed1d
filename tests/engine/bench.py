"""The bench: an engine to which a test is the rest of the world.

A test sends events, answers the engine's requests in the place of user code, and lets time pass;
the bench delivers timers and the engine's own events, and keeps whatever the engine has said.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from dwf_sim.engine import Engine
from dwf_sim.model.effects import Call, Effect, Publish, SetTimer
from dwf_sim.model.event import Event, StoredEvent, store_event
from dwf_sim.model.function import RETRIES_DEFAULT, FunctionConfig, TriggerEvent
from dwf_sim.model.ids import step_hash
from dwf_sim.model.limits import Limits
from dwf_sim.model.messages import (
    CONNECTION_CLOSED,
    Checkpointed,
    EventArrived,
    FunctionsServed,
    FunctionSwitched,
    ItemDue,
    LeaseExpired,
    Message,
    Ops,
    Replied,
    Request,
    Response,
    Returned,
    RunCancelled,
    SignalSent,
    Threw,
)
from dwf_sim.model.ops import (
    ErrorBody,
    InvokeFunction,
    Op,
    Sleep,
    StepErrored,
    StepPlanned,
    StepRun,
    WaitForEvent,
    WaitForSignal,
)
from dwf_sim.model.payload import decode, encode
from dwf_sim.model.quirks import Quirks
from dwf_sim.model.records import Record
from dwf_sim.model.run import Run

R = TypeVar("R")

START = 1_893_456_000_000  # 2030-01-01, a whole second.
SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def function(
    name: str = "f",
    *triggers: str | TriggerEvent,
    retries: int = RETRIES_DEFAULT,
    request_version: int = 2,
    **settings: Any,
) -> FunctionConfig:
    """Make a function `app-<name>` of these settings; without triggers it is started by `go`."""
    return FunctionConfig(
        f"app-{name}",
        "app",
        name,
        tuple(TriggerEvent(t) if isinstance(t, str) else t for t in triggers or ("go",)),
        retries,
        request_version,
        **settings,
    )


class Bench:
    """An engine and its surroundings. `jitter` is what every retry is delayed by, at most."""

    def __init__(
        self,
        *functions: FunctionConfig,
        quirks: Quirks | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.engine = Engine(quirks, limits)
        self.now = START
        self.jitter = 0
        self.records: list[tuple[int, Record]] = []
        self.requests: list[Request] = []
        self.published: list[StoredEvent] = []
        self._open: dict[int, Request] = {}
        self._timers: list[tuple[int, int]] = []
        self.tell(FunctionsServed(functions or (function(),)))

    # What the world tells the engine.

    def tell(self, message: Message) -> list[Effect]:
        """Let the engine handle a message, then its own events that follow from it."""
        effects = self.engine.handle(self.now, message)
        for effect in effects:
            self._take(effect)
        for effect in effects:
            if isinstance(effect, Publish):
                self.tell(EventArrived(effect.event))
        return effects

    def send(
        self,
        name: str = "go",
        data: dict[str, object] | None = None,
        event_id: str = "",
        ts: int = 0,
    ) -> list[Run]:
        """Send an event; returns the runs it created at once."""
        event = self.store(name, data, event_id=event_id, ts=ts)
        known = len(self.runs)
        self.tell(EventArrived(event))
        return self.runs[known:]

    def store(
        self, name: str, data: dict[str, object] | None = None, *, event_id: str = "", ts: int = 0
    ) -> StoredEvent:
        """Make an event as it is accepted now, without giving it to the engine."""
        internal_id = self.engine.state.mint.ulid(self.now)
        return store_event(
            Event(name, data or {}, id=event_id, ts=ts), internal_id=internal_id, now=self.now
        )

    def start(self, name: str = "go", data: dict[str, object] | None = None) -> Run:
        """Send an event that creates exactly one run."""
        (run,) = self.send(name, data)
        return run

    def signal(self, name: str, data: object = None) -> None:
        """Send a signal."""
        self.tell(SignalSent(name, encode(data)))

    def cancel(self, run: Run) -> None:
        """Ask for a run to be cancelled."""
        self.tell(RunCancelled(run.id))

    def pause(self, name: str = "f") -> None:
        """Pause a function."""
        self.tell(FunctionSwitched(f"app-{name}", is_paused=True))

    def resume(self, name: str = "f") -> None:
        """Resume a function."""
        self.tell(FunctionSwitched(f"app-{name}", is_paused=False))

    def expire(self, request: Request) -> None:
        """Let the engine lose the lease of a request."""
        self._open.pop(request.number, None)
        self.tell(LeaseExpired(request.number))

    def advance(self, ms: int) -> None:
        """Let time pass and deliver the timers that come due, in order."""
        until = self.now + ms
        while self._timers and min(self._timers)[0] <= until:
            self.advance_to_next_timer()
        self.now = until

    @property
    def has_timers(self) -> bool:
        """Whether the engine has asked for a timer that has not come due."""
        return bool(self._timers)

    def advance_to_next_timer(self) -> None:
        """Let time pass until the next timer, and deliver it."""
        timer = min(self._timers)
        self._timers.remove(timer)
        at, item = timer
        self.now = max(self.now, at)  # A timer can be late, never early.
        self.tell(ItemDue(item))

    def forget_dead_timers(self) -> None:
        """Drop the timers that the engine expects no more, as a simulation does."""
        self._timers = [timer for timer in self._timers if self.engine.expects(timer[1])]

    def pass_without_timers(self, ms: int) -> None:
        """Let time pass while the engine's timers are late."""
        self.now += ms

    # What user code answers.

    @property
    def request(self) -> Request:
        """The only request that waits for an answer."""
        (request,) = self.open
        return request

    @property
    def open(self) -> list[Request]:
        """The requests that wait for an answer, oldest first."""
        return list(self._open.values())

    def answer(self, *answer: Op | Response, to: Request | None = None) -> list[Effect]:
        """Answer a request, the only open one if it is not named, with ops or another response."""
        number = (to or self.request).number
        response = _response(answer)
        self._open.pop(number, None)
        return self.tell(Replied(number, response))

    def checkpoint(self, *steps: StepRun, of: Request | None = None) -> list[Effect]:
        """Report steps of a request, the only open one if it is not named, that goes on."""
        return self.tell(Checkpointed((of or self.request).number, steps))

    def answer_all(self, *answer: Op | Response) -> None:
        """Answer each request that is open now in the same way."""
        for request in self.open:
            self.answer(*answer, to=request)

    def answer_targets(self) -> None:
        """Let each step that has a request of its own run, in the order of the requests."""
        for request in self.open:
            if request.target is not None:
                run = self.engine.state.runs[request.run_id]
                name, _, index = run.labels[request.target].partition(":")
                self.answer(ran(f"{name}#{index}" if index else name), to=request)

    def targeted(self, label: str) -> Request:
        """Find the open request that is to run this step."""
        (request,) = (r for r in self.open if r.target == step_hash(label))
        return request

    # What can be seen.

    @property
    def runs(self) -> list[Run]:
        """All runs, oldest first."""
        return list(self.engine.state.runs.values())

    def seen(self, kind: type[R]) -> list[R]:
        """Pick the records of a kind."""
        return [record for _, record in self.records if isinstance(record, kind)]

    def times(self, kind: type[R]) -> list[int]:
        """Tell when the records of a kind were made, in milliseconds since the beginning."""
        return [at - START for at, record in self.records if isinstance(record, kind)]

    def system_events(self, name: str) -> list[StoredEvent]:
        """Pick the events of this name that the engine made: `finished`, `invoked` and so on."""
        return [event for event in self.published if event.name == f"inngest/function.{name}"]

    def _take(self, effect: Effect) -> None:
        if isinstance(effect, Call):
            self.requests.append(effect.request)
            self._open[effect.request.number] = effect.request
        elif isinstance(effect, SetTimer):
            self._timers.append((effect.at + min(self.jitter, effect.spread), effect.item))
        elif isinstance(effect, Publish):
            self.published.append(effect.event)
        else:
            self.records.append((self.now, effect))


def _response(answer: tuple[Op | Response, ...]) -> Response:
    if len(answer) == 1 and isinstance(answer[0], Response):
        return answer[0]
    return Ops(tuple(op for op in answer if not isinstance(op, Response)))


# The answers of user code, short enough to be read as one.


def ran(label: str, output: object = None, *, race: bool = False) -> StepRun:
    """A step ran and returned this."""
    return StepRun(*_named(label), encode(output), race)


def failed(label: str, *, final: bool = False, race: bool = False) -> StepErrored:
    """A step raised; `final` is one the SDK gives up on."""
    return StepErrored(*_named(label), ErrorBody("Boom", f"{label} broke", "stack"), final, race)


def planned(label: str, *, race: bool = False) -> StepPlanned:
    """A step to be run in a request of its own."""
    return StepPlanned(*_named(label), race)


def sleep(label: str, until: int | str, *, race: bool = False) -> Sleep:
    """A sleep, for a text or until an instant."""
    return Sleep(*_named(label), until, race)


def wait(
    label: str,
    event: str,
    timeout: str = "1h",
    expression: str | None = None,
    *,
    race: bool = False,
) -> WaitForEvent:
    """A wait for an event."""
    return WaitForEvent(*_named(label), event, timeout, expression, race)


def wait_signal(
    label: str, signal: str, timeout: str = "1h", conflict: str = "fail", *, race: bool = False
) -> WaitForSignal:
    """A wait for a signal."""
    return WaitForSignal(*_named(label), signal, timeout, conflict, race)


def invoke(
    label: str,
    function_id: str,
    data: dict[str, object] | None = None,
    timeout: str = "",
    *,
    race: bool = False,
) -> InvokeFunction:
    """An invoke of another function."""
    return InvokeFunction(*_named(label), function_id, encode(data or {}), None, timeout, race)


def returned(output: object = None, *steps: StepRun) -> Returned:
    """The function is done; `steps` are those it has not reported before."""
    return Returned(encode(output), steps)


def threw(
    name: str = "Boom", message: str = "bad", *, retriable: bool = True, retry_at: int | None = None
) -> Threw:
    """An error left the handler."""
    return Threw(ErrorBody(name, message, "stack", "unknown"), retriable, retry_at)


def retry_after(retry_at: int, *ops: Op) -> Ops:
    """Ops with a Retry-After header."""
    return Ops(ops, retry_at)


CLOSED = CONNECTION_CLOSED


# How memos read.


def memos(run: Run) -> dict[str, object]:
    """Show a run's memos by the labels of their steps, in the order of their completion."""
    return {run.labels[key]: decode(memo) for key, memo in run.memos.items()}


def memos_sent(run: Run, request: Request) -> dict[str, object]:
    """Show the memos a request carries, in the same way."""
    return {run.labels[key]: decode(memo) for key, memo in request.memos.items()}


def targets(run: Run, requests: Iterable[Request]) -> list[str | None]:
    """Name the steps that requests are to run; None for one that discovers what is next."""
    return [None if r.target is None else run.labels[r.target] for r in requests]


def data_of(event: StoredEvent) -> dict[str, object]:
    """Read an event's data."""
    data = decode(event.data)
    assert isinstance(data, dict), "the data of an event is an object"
    return data


def _named(label: str) -> tuple[str, str, int]:
    name, _, index = label.partition("#")
    nth = int(index or 0)
    return step_hash(f"{name}:{nth}" if nth else name), name, nth
