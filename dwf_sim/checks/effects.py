"""Idempotency: what is done outside is done once, whatever is repeated on the way there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Unpack, overload

from dwf_sim.checks.origins import Origins
from dwf_sim.checks.proof import Break, Checked, Options, P, Proof, Property, checked_now_or_later
from dwf_sim.model.records import EffectCalled
from dwf_sim.strategies.trial import Played
from dwf_sim.world.simulation import Simulation

__all__ = ["idempotency"]


@overload
def idempotency(
    fn: None = None, events: Any = None, **options: Unpack[Options]
) -> Callable[[Callable[P, object]], Callable[P, None]]: ...


@overload
def idempotency(fn: object, events: Any = None, **options: Unpack[Options]) -> Checked: ...


def idempotency(fn: Any = None, events: Any = None, **options: Unpack[Options]) -> Any:
    """Check that no effect happens twice: not by a retry, nor by an event that comes twice.

    Effects are calls of a `Ledger` or through an adapter. What a step does for one event that was
    sent, it does in one of its executions, in one of the event's runs: a repeat has to have the
    key of the first, or do the same however often it is done, as a PUT. Keys that are used without
    faults, too, count as meant. `fn`, `events` and the options are as for `strategies.scenarios`;
    without `fn` it is a decorator of a test that makes it. Raises `InvariantViolated`, with
    the smallest plan that breaks it, and `ConfigError` for what cannot be checked so.
    """
    __tracebackhide__ = True

    def check(given: Any) -> Checked:
        __tracebackhide__ = True
        return Proof(_Idempotency(), given, events, options).check()

    return checked_now_or_later(check, fn)


class _Idempotency(Property):
    """Under all faults there are."""

    name = "idempotency"
    says = "what is done outside for an event is done once, whatever is repeated"

    def __init__(self) -> None:
        self._has_effects = False

    def note(self, simulation: Simulation) -> None:
        """Note whether anything was done outside."""
        self._has_effects = self._has_effects or bool(simulation.trace.of(EffectCalled))

    def missing(self) -> list[str]:
        """Effects that go past ledgers and adapters are not seen."""
        if self._has_effects:
            return []
        return ["no effect was seen; let calls go through a Ledger, or an adapter of one"]

    def look(self, calm: Played, played: Played) -> Break | None:
        """Look for two effects that were made for the same."""
        meant = {
            (record.ledger, record.operation, record.key): None
            for record in calm.simulation.trace.of(EffectCalled)
        }
        origins = Origins(played.simulation.trace)
        first: dict[object, EffectCalled] = {}
        for record in played.simulation.trace.of(EffectCalled):
            if record.is_repeat or record.run is None:
                continue
            run = origins.of_run(record.run)
            what = run, record.step, record.ledger, record.operation, record.nth
            before = first.setdefault(what, record)
            if before is record or _is_meant(before, record, meant):
                continue
            return Break(_text(before, record, played.simulation), _runs(before, record))
        return None


def _is_meant(
    before: EffectCalled, record: EffectCalled, meant: dict[tuple[str, str, str | None], None]
) -> bool:
    """Say whether two effects may both be: each with a key of its own, or harmless by itself."""
    if before.key is None and record.key is None:
        return before.may_repeat and record.may_repeat
    return all(
        each.key is not None and (each.ledger, each.operation, each.key) in meant
        for each in (before, record)
    )


def _text(before: EffectCalled, record: EffectCalled, world: Simulation) -> str:
    labels = {run.id: run.label for run in world.runs}
    where = f"step {record.step!r}" if record.step else "the handler, outside of steps,"
    whose = f"{where} of {labels[str(before.run)]}"
    also = "" if before.run == record.run else f", and again in {labels[str(record.run)]}"
    what = f"{record.ledger} {record.operation}"
    if before.key is None and record.key is None:
        keys = "give it an idempotency key"
    else:
        keys = (
            f"its key was {before.key!r} and then {record.key!r}: make it of what the event or an "
            "earlier step says, which is the same each time"
        )
    twice = " twice" if not also else ""
    return f"{whose} did {what}{twice}{also}; {keys}"


def _runs(before: EffectCalled, record: EffectCalled) -> tuple[str, ...]:
    return tuple(run for run in (before.run, record.run) if run is not None)
