"""Flow control: the limits a function is registered with hold, and are really reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Unpack, overload

from dwf_sim.checks.proof import Break, Checked, Options, P, Proof, Property, checked_now_or_later
from dwf_sim.checks.reached import limits_of, reached
from dwf_sim.checks.turns import out_of_turn
from dwf_sim.errors import ConfigError
from dwf_sim.given import check_count
from dwf_sim.model.served import FunctionServed
from dwf_sim.report.keys import KeysRead, lack
from dwf_sim.sim.latency import Latency
from dwf_sim.strategies.bursts import bursts
from dwf_sim.strategies.subject import Subject
from dwf_sim.strategies.trial import Played
from dwf_sim.world.simulation import Simulation

__all__ = ["flow_control"]

_BURST_MIN, _BURST_MAX = 5, 100
_LATENCY = Latency(request=("10ms", "100ms"), step=("50ms", "2s"))


@overload
def flow_control(
    fn: None = None,
    events: Any = None,
    *,
    burst: int | None = None,
    must_reach: bool = True,
    **options: Unpack[Options],
) -> Callable[[Callable[P, object]], Callable[P, None]]: ...


@overload
def flow_control(
    fn: object,
    events: Any = None,
    *,
    burst: int | None = None,
    must_reach: bool = True,
    **options: Unpack[Options],
) -> Checked: ...


def flow_control(
    fn: Any = None,
    events: Any = None,
    *,
    burst: int | None = None,
    must_reach: bool = True,
    **options: Unpack[Options],
) -> Any:
    """Check that the limits of functions hold in bursts of events and under faults.

    Concurrency, throttle, rate limit, idempotency, debounce, batch, singleton and priority, as the
    functions are registered. Up to `burst` events come at once or apart; without it, so many as
    the limits take, at most 100. A limit that is never reached shows nothing, and is told, unless
    `must_reach` is False: mostly its key is another for each event, or missing. So is a key that no
    event has a value for. Steps take up to
    two seconds, unless a `latency` is given. `fn`, `events` and the options are as for
    `strategies.scenarios`; without `fn` it is a decorator of a test that makes it. Raises
    `InvariantViolated`, with the smallest plan that breaks a limit, and `ConfigError` for
    functions that have none.
    """
    __tracebackhide__ = True
    if burst is not None:
        check_count("burst of checks.flow_control", burst, 1)

    def check(given: Any) -> Checked:
        __tracebackhide__ = True
        return Proof(_FlowControl(burst, must_reach=must_reach), given, events, options).check()

    return checked_now_or_later(check, fn)


class _FlowControl(Property):
    """The invariants of each simulation watch the limits; what is left is to come to them."""

    name = "flow_control"
    says = "the limits that functions are registered with hold"
    takes = ("burst", "must_reach")
    settings = {"latency": _LATENCY}  # noqa: RUF012  # Nobody changes it.

    def __init__(self, burst: int | None, *, must_reach: bool) -> None:
        self._burst = burst
        self._must_reach = must_reach
        self._limits: dict[str, int] = {}
        self._reached: dict[str, None] = {}
        self._keys = KeysRead()

    def sends(self, subject: Subject, events: Any, sends_max: int) -> Any:  # noqa: ARG002  # The contract.
        """Draw bursts: all at once, or apart by what the limits' periods make interesting."""
        world = subject.world()
        world.close()
        served = world.trace.of(FunctionServed)
        self._limits = {name: size for each in served for name, size in limits_of(each).items()}
        if not self._limits:
            names = ", ".join(record.function for record in served)
            raise ConfigError(f"no limit is to be checked: {names} has no flow control")
        most = max(_BURST_MIN, *self._limits.values()) + 1
        size = self._burst or min(most, _BURST_MAX)
        return bursts(subject, events, size, [*_gaps(served)])

    def look(self, calm: Played, played: Played) -> Break | None:  # noqa: ARG002  # The contract.
        """Look for runs that started before others that have priority."""
        found = out_of_turn(played.simulation.trace)
        return None if found is None else Break(*found)

    def note(self, simulation: Simulation) -> None:
        """Note which limits something has come to, and what their keys have read."""
        self._keys.note(simulation.trace)
        self._reached.update(dict.fromkeys(reached(simulation.trace)))

    def missing(self) -> list[str]:
        """Tell of limits that nothing has come to, and of keys that no event had a value for."""
        if not self._must_reach:
            return []
        never = [
            f"{name} was never reached: is its key the same for some of the events, and are "
            "there enough of them (burst=)?"
            for name in self._limits
            if name not in self._reached
        ]
        return never + [
            f"{lack(reading, 'the events', near, f'{reading.setting} of {reading.function}')}"
            for reading, tally in self._keys.never_found()
            if (near := tally.near(reading.path)) is not None or reading.is_all
        ]


def _gaps(served: list[FunctionServed]) -> Iterator[int]:
    """Give spans that are interesting: a part of each period, and a little more than it."""
    spans: dict[int, None] = {}
    for record in served:
        for setting in (record.throttle, record.rate_limit):
            if setting is not None:
                spans[setting[1] // max(setting[0], 1)] = None
        if record.debounce is not None:
            spans[record.debounce[0]] = None
        if record.batch is not None:
            spans[record.batch[1]] = None
    for span in spans:
        yield span // 2
        yield span + 1000
