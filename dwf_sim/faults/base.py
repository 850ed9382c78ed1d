"""What every fault has: where it strikes, how often, and how it reads as a sentence."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Protocol, Self, TypedDict

import attrs

from dwf_sim.duration import format_duration, to_ms
from dwf_sim.errors import ConfigError
from dwf_sim.given import check_count, check_optional_text, check_text, shown
from dwf_sim.model.event import StoredEvent
from dwf_sim.model.messages import Response

# The phases of a site: of a worker before and inside a step and after its body, of the wire.
BEFORE, INSIDE, AFTER_EFFECT, RESPONSE = "before", "inside", "after_effect", "response"
EVENT = "event"  # On the way from a producer to the engine.
ACK = "ack"  # On the way back, when the engine has taken events.
EFFECT = "effect"  # Inside a step, right after one of its external effects.
DURATION = "duration"  # When it is settled how long a step takes.
TIMER = "timer"  # When the engine sets one.
REQUEST = "request"  # When a request reaches its worker.
AFTER_MEMO = "after_memo"  # In the engine, between saving a step and queueing what follows.
AFTER_ACK = "after_ack"  # When the engine has taken an answer.


class Harm(enum.Enum):
    """What a fault does to the work that goes on where it strikes."""

    KILL = "the worker of this request dies"
    RESTART = "the worker dies, with all its requests"
    CUT_OFF = "the worker of this request cannot reach the engine until its lease is over"
    ENGINE_RESTART = "the engine dies and comes back, without what was under way"


class Chance(TypedDict, total=False):
    """How probably a fault strikes."""

    chance: float


class Frequency(Chance, total=False):
    """How often a fault strikes, as the functions that make one at sites take it."""

    times: int | None


class Circumstances(Frequency, total=False):
    """Which run, attempt and visit a fault means, where it is about a step."""

    run: str | None
    attempt: int | None
    visit: int | None


@attrs.frozen
class Site:
    """A place where something can go wrong, with a name that is stable between runs.

    `run` is a run's label (`shop-order#1`), `step` a step's label ("" for the handler itself),
    `phase` what is happening there, `nth` counts the awaits inside a step. An event under way has
    no run; its name stands for the step, and `nth` counts the events of that name. Some places
    are come to again under the same name, such as the handler itself; `visit` counts that.
    """

    run: str
    step: str
    attempt: int
    phase: str
    nth: int = 0
    visit: int = 1

    def __str__(self) -> str:
        nth = f"@{self.nth}" if self.nth else ""
        visit = f"#{self.visit}" if self.visit > 1 else ""
        return f"{self.run}/{self.step}/{self.attempt}/{self.phase}{nth}{visit}"


@attrs.frozen
class Delayed:
    """One arrival of a response, so many milliseconds late."""

    response: Response
    delay: int = 0


@attrs.frozen
class Delivery:
    """One arrival of an event: so many milliseconds late, or right behind the next event."""

    event: StoredEvent
    delay: int = 0
    is_behind_next: bool = False


_OF_HANDLER = (BEFORE, REQUEST, RESPONSE, AFTER_ACK, TIMER)  # The phases of sites of no step.
_COMMON = ("step", "run", "attempt", "visit", "times")


def span(default: Any = 0) -> Any:
    """Make a field that is a duration: "5s", a timedelta or milliseconds; kept as the latter.

    `attrs.NOTHING` makes it one that has to be given.
    """
    converter = attrs.converters.optional(to_ms) if default is None else to_ms
    return attrs.field(default=default, converter=converter, metadata={"is_span": True})


@attrs.frozen(kw_only=True)
class Fault:
    """A fault at the sites that fit: of this step, run and attempt, where they are given.

    It strikes the first `times` sites that fit, all if that is None; each with this `chance`,
    between 0 and 1, which is drawn from a stream of the fault's own kind. `visit` means a site
    only when it is come to for the n-th time under its name. Raises `ConfigError` for a value that
    cannot be.
    """

    # How a plan's text calls the kinds of this class, and what they fix of its fields.
    KINDS: ClassVar[Mapping[str, Mapping[str, object]]] = {}
    # Which of the fields below say something here, besides the chance.
    TAKES: ClassVar[tuple[str, ...]] = ("step", "run", "attempt", "visit", "times")
    # Of a kind, which fields of its class say nothing there, and which have to be given although
    # the class has a value for them.
    MUTE: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    NEEDS: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    step: str | None = None
    run: str | None = None
    attempt: int | None = None
    times: int | None = 1
    chance: float = 1.0
    visit: int | None = None

    def __attrs_post_init__(self) -> None:
        check_optional_text("step of a fault", self.step)
        if self.run != "" or TIMER not in self.phases:  # Some timers are of no run.
            check_name("run of a fault", self.run)
        if self.attempt is not None:
            check_count("attempt of a fault", self.attempt, 0)
        if self.visit is not None:
            check_count("visit of a fault", self.visit, 1)
        if self.times is not None and (type(self.times) is not int or self.times < 1):
            raise ConfigError(
                f"times is {shown(self.times)}; a fault strikes once or more often, or every "
                "time: give an int from 1 on, or None"
            )
        if type(self.chance) not in (int, float) or not 0 <= self.chance <= 1:
            raise ConfigError(
                f"chance is {shown(self.chance)}; a chance lies between 0 and 1: 0.1 strikes one "
                "site in ten"
            )
        self._refuse_mute()
        if self.step == "" and self.phases and not {*self.phases} & {*_OF_HANDLER}:
            raise ConfigError(
                f"step is ''; that is the handler itself, and {self.kind_name} strikes at the body "
                "of a step: name one, or leave it out"
            )

    def _refuse_mute(self) -> None:
        """Refuse what says nothing in a fault of this kind."""
        kind = self.kind_name
        fields = self.fields_of(kind)
        for field in attrs.fields(type(self)):
            given = getattr(self, field.name)
            is_fixed = field.name in self.KINDS.get(kind, ()) or field.name == "times"
            if field.name not in fields and not is_fixed and given != field.default:
                raise ConfigError(
                    f"{field.name} is {shown(given)}; {kind} has no {field.name}, it takes "
                    f"{', '.join(fields)}: leave it out"
                )

    @classmethod
    def fields_of(cls, kind: str) -> dict[str, Any]:
        """List what faults of a kind take: by name, with no default for what has to be given."""
        mute = {*_COMMON} - {*cls.TAKES} | {*cls.MUTE.get(kind, ())} | {*cls.KINDS.get(kind, ())}
        needed = cls.NEEDS.get(kind, ())
        return {
            field.name: field.evolve(default=attrs.NOTHING) if field.name in needed else field
            for field in attrs.fields(cls)
            if field.name not in mute
        }

    @property
    def kind_name(self) -> str:
        """The name of the fault's kind, as it is made: `crash.after_effect`."""
        for name, fixed in self.KINDS.items():
            if all(getattr(self, field) == given for field, given in fixed.items()):
                return name
        return type(self).__name__

    @property
    def phases(self) -> tuple[str, ...]:
        """The phases at which this fault can strike."""
        raise NotImplementedError

    @property
    def harm(self) -> Harm:
        """What it does to a request at work, or to the engine."""
        return Harm.KILL

    @property
    def strikes_at(self) -> int | None:
        """For a fault that strikes by itself: when, in milliseconds after the start."""
        return None

    @property
    def extra_ms(self) -> int:
        """How much longer it makes a step take, or how late a timer."""
        return 0

    def is_on(self, elapsed: int) -> bool:  # noqa: ARG002  # For faults that have their time.
        """Say whether it can strike so many milliseconds after the start."""
        return True

    def hits(self, site: Site) -> bool:
        """Say whether this fault strikes at a site."""
        return (
            site.phase in self.phases
            and self.step in (None, site.step)
            and self.run in (None, site.run)
            and self.attempt in (None, site.attempt)
            and self.visit in (None, site.visit)
        )

    def at_site(self, site: Site) -> Self:
        """Give the same fault for one site alone."""
        return attrs.evolve(
            self, step=site.step, run=site.run, attempt=site.attempt, visit=site.visit
        )

    def carry(self, event: StoredEvent, mint: Callable[[], str]) -> tuple[Delivery, ...]:  # noqa: ARG002  # For faults of events.
        """Say what arrives of an event that this fault strikes; `mint` makes internal ids."""
        return (Delivery(event),)

    def answer(self, response: Response) -> tuple[Delayed, ...]:
        """Say what arrives of a response that this fault strikes."""
        return (Delayed(response),)

    @property
    def instant(self) -> Site:
        """What it strikes when it strikes by itself."""
        raise NotImplementedError

    @property
    def lasts_ms(self) -> int | None:
        """For how many milliseconds it then holds; None for good."""
        return None

    def can_strike(self, levers: Levers) -> bool:  # noqa: ARG002  # For faults that need something.
        """Say whether what it would strike is there; else it waits until that is served."""
        return True

    def strike(self, levers: Levers, cause: int) -> None:
        """Do by itself what it does; `cause` is the entry of the trace that says so."""
        raise NotImplementedError

    def end(self, levers: Levers) -> None:
        """Undo it: when its time is over, or when a simulation is healed."""

    def where(self) -> str:
        """Name the step for a sentence."""
        return f"`{self.step}`" if self.step else "a step"

    def circumstances(self) -> str:
        """Name run, attempt, number and chance for a sentence."""
        attempt = None if self.attempt is None else f"attempt {self.attempt}"
        which = " of ".join(part for part in (attempt, self.run) if part)
        parts = [f", in {which}"] if which else []
        if self.visit is not None and self.visit > 1:
            parts.append(f", at visit {self.visit}")
        if self.times is None:
            parts.append(", every time")
        elif self.times > 1:
            parts.append(f", {self.times} times")
        if self.chance < 1:
            parts.append(f", with a chance of {self.chance * 100:.6g}%")
        return "".join(parts)


class Levers(Protocol):
    """What a fault that strikes at an instant can do to the world."""

    def shift_clock(self, by: int) -> None:
        """Set the workers' clocks so many milliseconds forwards, or backwards."""
        ...

    def serves(self, function_id: str) -> bool:
        """Say whether a function is served."""
        ...

    def pause(self, function_id: str, by: object) -> None:
        """Pause a function, which stands still until all who have paused it let it go on."""
        ...

    def resume(self, function_id: str, by: object) -> None:
        """End the pause by whoever asks."""
        ...

    def deploy(self, version: object) -> None:
        """Serve other code from now on. Raises `ConfigError` for what is no app."""
        ...

    def restart_workers(self, cause: int) -> None:
        """Kill the workers of all apps, with all that they have under way."""
        ...

    def restart_engine(self, cause: int) -> None:
        """Have the engine die and come back: what is stored stays, connections are gone."""
        ...


@attrs.frozen(kw_only=True)
class TimedFault(Fault):
    """A fault that strikes at an instant, so long after the simulation's start, and nowhere else.

    One that is put in force later than that strikes at once.
    """

    TAKES: ClassVar[tuple[str, ...]] = ()

    at: int = span()

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.times != 1:
            raise ConfigError(
                f"times is {shown(self.times)}; {self.kind_name} strikes at one instant, so once: "
                "put in another fault for another instant"
            )
        check_instant(self.at)

    @property
    def phases(self) -> tuple[str, ...]:
        """It strikes at no site that anything comes to."""
        return ()

    @property
    def strikes_at(self) -> int | None:
        """Its instant."""
        return self.at

    def when(self) -> str:
        """Name the instant for a sentence; nothing is said of the start."""
        return (f", {moment(self.at)}" if self.at else "") + self.circumstances()


def check_name(what: str, given: object) -> None:
    """Refuse anything but a name or None; an empty text would be neither, and never strike."""
    if given is not None:
        check_text(what, given)


def check_instant(at: int) -> None:
    """Refuse an instant before the start."""
    if at < 0:
        raise ConfigError(
            f"at is {at} ms; it is counted from the simulation's start: give 0 or more"
        )


def reporting(step: str | None) -> str:
    """Name the response that reports a step for a sentence; any one if that is None."""
    if step is None:
        return "a response"
    return f"the response that reports `{step}`" if step else "the response that ends the function"


def moment(at: int) -> str:
    """Name an instant, so many milliseconds after the start, for a sentence."""
    return f"{format_duration(at)} after the start" if at else "at the start"
