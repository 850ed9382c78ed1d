"""What a scenario says. The fields of these classes are the format of the files.

A field's type says what a file may hold there; `Span` is a duration such as "5s", kept in
milliseconds. `FORMAT` grows when a reader of today would misunderstand a file; a newer format is
refused.
"""

from __future__ import annotations

import enum
from typing import Annotated, Any

import attrs

from dwf_sim.duration import format_duration
from dwf_sim.faults import Fault
from dwf_sim.invariants import EVERY_INVARIANT

FORMAT = 1
STATUSES = ("completed", "failed", "cancelled", "running", "scheduled", "skipped")

INVARIANT_NAMES = tuple(kind.name for kind in EVERY_INVARIANT)

Span = Annotated[int, "span"]
InvariantName = Annotated[str, "invariant"]
Json = Annotated[Any, "json"]


class Absent(enum.Enum):
    """A field that is not given, where null says something."""

    ABSENT = "absent"


class FieldError(ValueError):
    """A field says something that cannot be."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@attrs.frozen(kw_only=True)
class Moment:
    """Something that happens at an instant, counted from the start: exactly one of these."""

    at: Span = 0
    send: str | None = None
    data: Json = None
    id: str | None = None
    ts: int | None = None
    signal: str | None = None
    cancel: str | None = None
    rerun: str | None = None
    pause: str | None = None
    resume: str | None = None
    deploy: str | None = None

    def __attrs_post_init__(self) -> None:
        what = [name for name in ACTIONS if getattr(self, name) is not None]
        if len(what) != 1:
            said = " and ".join(what) or "nothing"
            raise FieldError("at", f"it says {said}; say one of {', '.join(ACTIONS)}")
        if self.at < 0:
            raise FieldError(
                "at", f"at is {format_duration(self.at)}; nothing happens before the start"
            )
        for name, actions in (("data", ("send", "signal")), ("id", ("send",)), ("ts", ("send",))):
            if getattr(self, name) is not None and what[0] not in actions:
                raise FieldError(name, f"{name} goes with {' or '.join(actions)}, not {what[0]}")
        if self.send is not None and not isinstance(self.data, dict | None):
            raise FieldError("data", "the data of an event is a table")


ACTIONS = ("send", "signal", "cancel", "rerun", "pause", "resume", "deploy")


@attrs.frozen(kw_only=True)
class StepExpected:
    """What a step is expected to have done; what is not given is not looked at."""

    executions: int | None = None
    output: Json = Absent.ABSENT
    error: str | None = None


@attrs.frozen(kw_only=True)
class RunExpected:
    """What a run, named by its label such as `shop-order#1`, is expected to come to.

    `error` is a part of its text. `after` and `before` bound the instant at which it ends, counted
    from the start.
    """

    run: str
    status: str | None = None
    output: Json = Absent.ABSENT
    error: str | None = None
    steps: dict[str, StepExpected] = attrs.field(factory=dict)
    after: Span | None = None
    before: Span | None = None

    def __attrs_post_init__(self) -> None:
        if self.status is not None and self.status not in STATUSES:
            raise FieldError(
                "status", f"status is {self.status!r}; it is one of {', '.join(STATUSES)}"
            )


@attrs.frozen(kw_only=True)
class EffectExpected:
    """How often something outside is expected to have been changed, repeats of a key left out."""

    ledger: str
    operation: str | None = None
    key: str | None = None
    count: int = 1


@attrs.frozen(kw_only=True)
class EventExpected:
    """How many events of a name are expected, the engine's own included."""

    name: str
    count: int = 1


@attrs.frozen(kw_only=True)
class InvariantsExpected:
    """Which invariants are checked, besides those that always hold, and which are not.

    Those in `hold` must hold, too; those in `off` are not looked at; those in `broken` are expected
    to be broken, and it is a failure if they hold.
    """

    hold: list[InvariantName] = attrs.field(factory=list)
    off: list[InvariantName] = attrs.field(factory=list)
    broken: list[InvariantName] = attrs.field(factory=list)

    def __attrs_post_init__(self) -> None:
        seen: dict[str, str] = {}
        for field in ("hold", "off", "broken"):
            for name in getattr(self, field):
                if name in seen:
                    raise FieldError(
                        field, f"{name!r} is in {seen[name]} and in {field}; name it once"
                    )
                seen[name] = field


@attrs.frozen(kw_only=True)
class Expected:
    """What is expected when all is over.

    `order` names steps whose bodies begin in this order, over all runs; others may come between.
    `run_count` is the number of all runs. `all_faults_strike` makes a fault that never strikes a
    failure, as it is by default.
    """

    runs: list[RunExpected] = attrs.field(factory=list)
    run_count: int | None = None
    effects: list[EffectExpected] = attrs.field(factory=list)
    events: list[EventExpected] = attrs.field(factory=list)
    order: list[str] = attrs.field(factory=list)
    all_faults_strike: bool = True
    invariants: InvariantsExpected = attrs.field(factory=InvariantsExpected)


@attrs.frozen(kw_only=True)
class Scenario:
    """One run of the world: functions, what happens to them, and what is expected of it.

    `functions` names apps or lists of functions as `package.module:name`. `for_` is how long time
    goes on after the last moment; without it, until nothing is left to happen. Each row of
    `parameters` makes a scenario of its own, in which `${name}` stands for the row's value.
    """

    format: int
    about: str = ""
    functions: list[str]
    seed: int = 0
    interleave: str = "fifo"
    start: str | None = None
    moments: list[Moment]
    for_: Span | None = None
    faults: list[Fault] = attrs.field(factory=list)
    expect: Expected
    parameters: list[dict[str, Json]] = attrs.field(factory=list)

    def __attrs_post_init__(self) -> None:
        if self.format != FORMAT:
            newer = "; install a newer dwf_sim" if self.format > FORMAT else ""
            raise FieldError(
                "format", f"format is {self.format}; this version reads {FORMAT}{newer}"
            )
        if not self.functions:
            raise FieldError("functions", "functions is empty; name an app, as package.module:name")
        for place in self.functions:
            module, _, name = place.partition(":")
            if not module or not name:
                raise FieldError("functions", f"functions has {place!r}; write package.module:name")
        if self.for_ is not None and self.for_ < 0:
            raise FieldError("for", f"for is {format_duration(self.for_)}; time only goes forward")
        if self.interleave not in ("fifo", "random"):
            raise FieldError(
                "interleave", f"interleave is {self.interleave!r}; it is fifo or random"
            )
