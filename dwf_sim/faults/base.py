"""What every fault has: where it strikes, how often, and how it reads as a sentence."""

from __future__ import annotations

import enum
from collections.abc import Callable

import attrs

from dwf_sim.errors import ConfigError
from dwf_sim.given import check_count, check_optional_text, shown
from dwf_sim.model.event import StoredEvent
from dwf_sim.model.messages import Response

# The phases of a site: of a worker before and inside a step and after its body, of the wire.
BEFORE, INSIDE, AFTER_EFFECT, RESPONSE = "before", "inside", "after_effect", "response"
EVENT = "event"  # On the way from a producer to the engine.
EFFECT = "effect"  # Inside a step, right after one of its external effects.
DURATION = "duration"  # When it is settled how long a step takes.
REQUEST = "request"  # When a request reaches its worker.
AFTER_MEMO = "after_memo"  # In the engine, between saving a step and queueing what follows.
AFTER_ACK = "after_ack"  # When the engine has taken an answer.
TIME = "time"  # No site, but an instant.


class Harm(enum.Enum):
    """What a fault does to the work that goes on where it strikes."""

    KILL = "the worker of this request dies"
    RESTART = "the worker dies, with all its requests"
    CUT_OFF = "the worker of this request cannot reach the engine until its lease is over"
    ENGINE_RESTART = "the engine dies and comes back, without what was under way"


@attrs.frozen
class Site:
    """A place where something can go wrong, with a name that is stable between runs.

    `run` is a run's label (`shop-order#1`), `step` a step's label ("" for the handler itself),
    `phase` what is happening there, `nth` counts the awaits inside a step. An event under way has
    no run; its name stands for the step, and `nth` counts the events of that name.
    """

    run: str
    step: str
    attempt: int
    phase: str
    nth: int = 0

    def __str__(self) -> str:
        nth = f"@{self.nth}" if self.nth else ""
        return f"{self.run}/{self.step}/{self.attempt}/{self.phase}{nth}"


@attrs.frozen
class Delivery:
    """One arrival of an event: so many milliseconds late, or right behind the next event."""

    event: StoredEvent
    delay: int = 0
    is_behind_next: bool = False


@attrs.frozen
class Delayed:
    """One arrival of a response, so many milliseconds late."""

    response: Response
    delay: int = 0


@attrs.frozen(kw_only=True)
class Fault:
    """A fault at the sites that fit: of this step, run and attempt, where they are given.

    It strikes the first `times` sites that fit.
    """

    step: str | None = None
    run: str | None = None
    attempt: int | None = None
    times: int = 1

    def __attrs_post_init__(self) -> None:
        check_optional_text("step of a fault", self.step)
        check_optional_text("run of a fault", self.run)
        if self.attempt is not None:
            check_count("attempt of a fault", self.attempt, 0)
        if not isinstance(self.times, int) or self.times < 1:
            raise ConfigError(f"times is {shown(self.times)}; a fault strikes once or more often")

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
        """For a fault that strikes by itself: when, in milliseconds after the beginning."""
        return None

    @property
    def is_lasting(self) -> bool:
        """Whether it strikes as often as it can, while it is on."""
        return False

    @property
    def extra_ms(self) -> int:
        """How much longer it makes a step take."""
        return 0

    def is_on(self, elapsed: int) -> bool:  # noqa: ARG002  # For faults that have their time.
        """Say whether it can strike so many milliseconds after the beginning."""
        return True

    def hits(self, site: Site) -> bool:
        """Say whether this fault strikes at a site."""
        return (
            site.phase in self.phases
            and self.step in (None, site.step)
            and self.run in (None, site.run)
            and self.attempt in (None, site.attempt)
        )

    def carry(self, event: StoredEvent, mint: Callable[[], str]) -> tuple[Delivery, ...]:  # noqa: ARG002  # For faults of events.
        """Say what arrives of an event that this fault strikes; `mint` makes internal ids."""
        return (Delivery(event),)

    def answer(self, response: Response) -> tuple[Delayed, ...]:
        """Say what arrives of a response that this fault strikes."""
        return (Delayed(response),)

    def where(self) -> str:
        """Name the step for a sentence."""
        return f"`{self.step}`" if self.step else "any step"

    def circumstances(self) -> str:
        """Name run, attempt and number for a sentence."""
        parts = [f" of {self.run}"] if self.run else []
        if self.attempt is not None:
            parts.append(f" in attempt {self.attempt}")
        if self.times > 1:
            parts.append(f", {self.times} times")
        return "".join(parts)
