"""External effects: a stand-in for a service that remembers what it was made to do."""

from __future__ import annotations

import weakref
from typing import TypeVar

import attrs

from dwf_sim.drivers.base import NOWHERE, OUTSIDER, EffectPlace, Outlet, Pulse
from dwf_sim.drivers.outlets import present
from dwf_sim.errors import UsageError
from dwf_sim.given import check_optional_text, check_text

T = TypeVar("T")

# The verdicts on the calls that a step made for one effect.
ONCE, AT_LEAST_ONCE, DUPLICATED, LOST = "once", "at least once", "duplicated", "lost"


@attrs.frozen
class LedgerCall:
    """One call of a service. `is_repeat` marks a known key, which has no further effect.

    `place` says which run and step made it; `is_idempotent` that it may be repeated without a key,
    as a PUT may.
    """

    operation: str
    key: str | None
    value: object
    is_repeat: bool
    place: EffectPlace = NOWHERE
    is_idempotent: bool = False


@attrs.frozen
class Verdict:
    """What became of one effect that a step asked for, in however many calls.

    `verdict` is "once"; "at least once" when it was asked for again, harmlessly, since the calls
    have a key or are idempotent; "duplicated" when it happened again, since they have none; "lost"
    when its key was used up by another run or step before, so that it never happened for this one.
    `run` is a run's label, None outside of runs; `step` is None outside of steps.
    """

    run: str | None
    step: str | None
    operation: str
    key: str | None
    calls: int
    verdict: str

    @property
    def is_safe(self) -> bool:
        """Whether the effect happened as it was meant to."""
        return self.verdict in (ONCE, AT_LEAST_ONCE)

    def __str__(self) -> str:
        where = f"step {self.step} of {self.run}" if self.step else self.run or "outside of runs"
        key = f" with key {self.key}" if self.key else ""
        times = "in one call" if self.calls == 1 else f"in {self.calls} calls"
        return f"{where}: {self.operation}{key}: {self.verdict}, {times}"


class Ledger:
    """A service outside, such as a payment provider: `stripe = Ledger("stripe")`.

    `stripe.call("charge", key="order-1", value={"id": "ch_1"})` returns the value. A key makes
    the call idempotent, as such services do: a second call with it changes nothing and returns
    what the first one returned. Inside a simulation each call is also a record of its trace.

    Each simulation finds it empty. `calls`, `count` and `verdicts` speak of the simulation that is
    running, or else of the one that was made or moved last; outside of any, of calls made there.
    """

    def __init__(self, name: str) -> None:
        check_text("name of a Ledger", name)
        self.name = name
        self._outside = _Page()
        self._pages: weakref.WeakKeyDictionary[Outlet, _Page] = weakref.WeakKeyDictionary()

    @property
    def calls(self) -> list[LedgerCall]:
        """The calls so far, repeats of a key included."""
        return self._page().calls

    def call(self, operation: str, *, key: str | None = None, value: T) -> T:
        """Make an effect and return its value; with a known key, only the first one's value.

        Raises `UsageError` for a key that is no text.
        """
        first: T = self.first(operation, key, value)  # type: ignore[assignment]  # Of this operation.
        self.note(operation, key=key, value=first)
        return first

    def first(self, operation: str, key: str | None, value: object = None) -> object:
        """Give what the first call with this key had for its value; `value` if there was none."""
        self._check_key(operation, key)
        return value if key is None else self._page().first.get((operation, key), value)

    def note(
        self,
        operation: str,
        *,
        key: str | None = None,
        value: object = None,
        is_idempotent: bool = False,
    ) -> None:
        """Note an effect that has just been made by other means; adapters do so.

        It is a record of the trace, and a place where a worker can be crashed. In a worker that is
        dead already it raises `WorkerKilled` and notes nothing.
        """
        check_text(f"operation of {self.name}", operation, UsageError)
        self._check_key(operation, key)
        page, outlet = self._page(), present()
        place = NOWHERE if outlet is None else outlet.place_effect()
        is_repeat = key is not None and (operation, key) in page.first
        page.calls.append(LedgerCall(operation, key, value, is_repeat, place, is_idempotent))
        if key is not None:
            page.first.setdefault((operation, key), value)
        if outlet is not None:
            may_repeat = is_idempotent or key is not None
            outlet.note_effect(
                self.name, operation, key, place, is_repeat=is_repeat, may_repeat=may_repeat
            )

    def refuse_the_dead(self) -> None:
        """Raise `WorkerKilled` in a worker that is dead: adapters ask before they do anything."""
        outlet = present()
        if outlet is not None:
            outlet.refuse_the_dead()

    def pulse(self) -> Pulse:
        """Say who runs this now; adapters ask later whether that worker is still alive."""
        outlet = present()
        return OUTSIDER if outlet is None else outlet.pulse()

    def complain(self, text: str) -> None:
        """Note a mistake of the run that does this now: `Simulation.warnings` tells of it."""
        outlet = present()
        if outlet is not None:
            outlet.complain(text)

    def count(self, operation: str | None = None) -> int:
        """Count the effects of an operation, or of all; repeats of a key are none."""
        return sum(
            not call.is_repeat and operation in (None, call.operation) for call in self.calls
        )

    def verdicts(self) -> list[Verdict]:
        """Judge each effect by run, step and key, in the order of the first calls.

        Without a key, the n-th effect of one execution of a step is taken for the n-th of another.
        """
        groups: dict[object, list[LedgerCall]] = {}
        for number, call in enumerate(self.calls):
            groups.setdefault(_identity(call, number), []).append(call)
        return [_judge(calls) for calls in groups.values()]

    def __repr__(self) -> str:
        return f"<ledger {self.name}: {self.count()} effects in {len(self.calls)} calls>"

    def _check_key(self, operation: str, key: object) -> None:
        """Refuse a key that is no text, and note it: the run fails, and its handler may hide it."""
        try:
            check_optional_text(f"key of {self.name} {operation}", key, UsageError)
        except UsageError as error:
            self.complain(f"{error}: a mistake of the test, by which its run fails")
            raise

    def _page(self) -> _Page:
        outlet = present()
        if outlet is None:
            return self._outside
        page = self._pages.get(outlet)
        if page is None:
            page = self._pages[outlet] = _Page()
        return page


@attrs.define(eq=False)
class _Page:
    """What a ledger knows of one simulation."""

    calls: list[LedgerCall] = attrs.field(factory=list)
    first: dict[tuple[str, str], object] = attrs.field(factory=dict)


def _identity(call: LedgerCall, number: int) -> object:
    """Say which calls are about the same effect: those whose answers to this are equal."""
    place = call.place
    if call.key is not None:
        return place.run, place.step, call.operation, call.key
    return place.run, place.step, call.operation, place.nth, None if place.run else number


def _judge(calls: list[LedgerCall]) -> Verdict:
    first = calls[0]
    if all(call.is_repeat for call in calls):
        verdict = LOST
    elif len(calls) == 1:
        verdict = ONCE
    else:
        may_repeat = first.key is not None or first.is_idempotent
        verdict = AT_LEAST_ONCE if may_repeat else DUPLICATED
    place = first.place
    return Verdict(place.label, place.step, first.operation, first.key, len(calls), verdict)
