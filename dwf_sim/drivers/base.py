"""The contracts between a driver, the worker it runs on, and the surroundings of user code."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Protocol

import attrs

from dwf_sim.model.event import Event
from dwf_sim.model.messages import Request, Response
from dwf_sim.model.ops import StepRun
from dwf_sim.model.records import Record

# The label of the step whose body the code that asks is part of, in a task of it too.
BODY: ContextVar[str | None] = ContextVar("dwf_sim_body", default=None)


class WorkerKilled(BaseException):
    """The worker died here. Only plain `def` handlers see it: their stack has to be unwound."""


@attrs.frozen
class Ask:
    """A step that a handler asks for, whether it has a memo or not: `kind` is one of run, sleep,
    wait, signal, invoke and ai. `given` has what it is given, as JSON by name; `place` the line."""

    step: str
    kind: str
    given: Mapping[str, str]
    body: Callable[..., object] | None
    place: str


class Bench(Protocol):
    """The place on a worker where one request is worked on; it belongs to that request alone."""

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The virtual event loop."""
        ...

    @property
    def now(self) -> int:
        """The virtual time in milliseconds since 1970."""
        ...

    @property
    def clock(self) -> int:
        """What the worker's own clock shows, in milliseconds since 1970; a fault may set it."""
        ...

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run the handler's coroutine as the request's first task."""
        ...

    @property
    def is_alone(self) -> bool:
        """Whether no other task than the first one was made, so that nothing else can happen."""
        ...

    @property
    def has_timers(self) -> bool:
        """Whether a timer of the request can still wake something."""
        ...

    @property
    def is_in_order(self) -> bool:
        """Whether what the request's tasks do has the same order at every entry of a handler."""
        ...

    @property
    def place(self) -> str:
        """The line of user code at which the handler stands, or "" if that is not known."""
        ...

    # By run, what its handler has asked for: see `drivers/replay.py`.
    replays: dict[
        str, tuple[tuple[str, ...], Mapping[str, str], int, Mapping[str, Mapping[str, str]]]
    ]
    is_watched: bool  # Whether mistakes are looked for that cost time to find.
    on_ask: Callable[[Request, Ask], None] | None  # While that is so, who hears of each step.
    is_closing: bool  # Whether the tasks of the request are being ended just now.
    late_ms: int  # How much later than now the answer will be sent.

    def when_quiet(self, callback: Callable[[], None]) -> None:
        """Call this each time none of the request's tasks can run without something happening."""
        ...

    def enter(self) -> bool:
        """Note that the handler is entered; False when the worker dies before that."""
        ...

    def leave(self, how: str) -> None:
        """Note how the handler was left."""
        ...

    def begin_step(self, label: str) -> bool:
        """Note that a step's body begins; False when the worker dies before that."""
        ...

    def stand_in(self, name: str, index: int, body: Callable[[], object]) -> Callable[[], object]:
        """Give what is to be run as a step's body: another than its own, if a test wants that."""
        ...

    def end_step(self, label: str, how: str) -> bool:
        """Note how a step's body ended; False when the worker dies before it can be told."""
        ...

    def step_latency_ms(self, label: str) -> int:
        """Say how long a step's body takes besides what it does (zero by default)."""
        ...

    def delay(self, ms: int) -> None:
        """Send the answer so much later: a plain `def` handler cannot wait by itself."""
        ...

    def emit(self, record: Record) -> None:
        """Add a fact to the trace."""
        ...

    def checkpoint(self, steps: tuple[StepRun, ...]) -> bool:
        """Report steps while the request goes on; False when nobody waits for it any more."""
        ...

    def answer(self, response: Response) -> None:
        """Send the response; the request is over and whatever it left behind is closed."""
        ...


class Driver(Protocol):
    """Runs the handler for a request, and answers through the bench."""

    def begin(self, request: Request, bench: Bench) -> None:
        """Start to work on a request."""
        ...


class Habitat(Protocol):
    """What user code sees of the world: its clock, its chance, and what it may not touch."""

    def enter(self, now: int) -> None:
        """Put the virtual world in place of the real one."""
        ...

    def move_to(self, now: int) -> None:
        """Set the clock."""
        ...

    def shift(self, ahead: int) -> None:
        """Let the clock show so many milliseconds more from the next move on."""
        ...

    def nudge(self) -> None:
        """Let the clock show a microsecond more than at the nudge before at this instant."""
        ...

    def leave(self) -> None:
        """Put the real world back, whatever has happened."""
        ...


@attrs.frozen
class EffectPlace:
    """Where user code makes an effect: the run, by id and by label, its step, None outside of one,
    and the effect's number in this execution of the step, or in this entry of the handler."""

    run: str | None
    label: str | None
    step: str | None
    nth: int


NOWHERE = EffectPlace(None, None, None, 0)  # Outside of any run.


@attrs.frozen
class Pulse:
    """Who does something just now, in words, and whether that worker is still alive.

    All pulses of one request have the same `owner`; outside of requests it is None.
    """

    owner: object
    who: str
    is_alive: Callable[[], bool]


OUTSIDER = Pulse(None, "code outside of runs", lambda: True)


class Outlet(Protocol):
    """Where user code's own events and signals go: the simulation it runs in."""

    def send(self, events: Sequence[Event]) -> list[str]:
        """Send events; returns their internal ids in order. Raises `SendEventsError`."""
        ...

    def signal(self, signal: str, data: object) -> str | None:
        """Send a signal; returns the id of the run that was waiting, None if nobody was."""
        ...

    def place_effect(self) -> EffectPlace:
        """Count an effect that user code is about to note. Raises `WorkerKilled` for the dead."""
        ...

    def note_effect(
        self,
        ledger: str,
        operation: str,
        key: str | None,
        place: EffectPlace,
        *,
        is_repeat: bool,
        may_repeat: bool,
    ) -> None:
        """Note that something outside was changed: the one place that hears of every effect.

        Raises `WorkerKilled` when the worker is made to die right after it.
        """
        ...

    def note_outside(self, what: str) -> None:
        """Report something that is done just now, if a handler does it outside of steps."""
        ...

    def refuse_the_dead(self) -> None:
        """Raise `WorkerKilled` in a worker that is dead and whose stack is being unwound."""
        ...

    def pulse(self) -> Pulse:
        """Say who runs this now; it can be asked later whether that worker is still alive."""
        ...

    def complain(self, text: str) -> None:
        """Note a mistake of user code, which may hide the error it gets for it."""
        ...
