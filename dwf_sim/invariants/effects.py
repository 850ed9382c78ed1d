"""Effects: what happens outside, by idempotency key and by step (A220)."""

from __future__ import annotations

from dwf_sim.invariants.base import Invariant, Watches
from dwf_sim.invariants.facts import Facts
from dwf_sim.model.records import EffectCalled, StepStarted


class EffectsOncePerKey(Invariant):
    """A ledger has an effect for the first call with a key, and for no later one."""

    name = "effects once per key"
    says = "an idempotency key has one effect, that of its first call"
    rules = ("A220",)

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._first: dict[tuple[str, str, str], int] = {}

    def watches(self) -> Watches:
        """Look at effects."""
        return {EffectCalled: self._effect}

    def _effect(self, record: EffectCalled, _at: int, seq: int) -> None:
        if record.key is None:
            return
        known = (record.ledger, record.operation, record.key) in self._first
        first = self._first.setdefault((record.ledger, record.operation, record.key), seq)
        what = f"{record.ledger} {record.operation} with key {record.key!r}"
        if known and not record.is_repeat:
            self.broken(f"{what} had an effect again, after #{first}", seq, record.run)
        elif not known and record.is_repeat:
            self.broken(f"{what} had no effect, and nobody had called it before", seq, record.run)


class EffectsOncePerStep(Invariant):
    """Not held by default: steps are executed at least once, so a crash breaks it (A220).

    Add it to see which steps need an idempotency key:
    `Simulation(invariants=(*INVARIANTS, EffectsOncePerStep))`.
    """

    name = "effects once per step"
    says = "what a step does outside, it does in one of its executions only"
    rules = ("A220",)

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._executions: dict[tuple[str, str], int] = {}
        self._first: dict[tuple[str, str, str, str], tuple[int, int]] = {}
        self._seen: dict[tuple[str, str, str, str, int], None] = {}

    def watches(self) -> Watches:
        """Look at executions and effects."""
        return {StepStarted: self._started, EffectCalled: self._effect}

    def _started(self, record: StepStarted, _at: int, _seq: int) -> None:
        key = record.run, record.step
        self._executions[key] = self._executions.get(key, 0) + 1

    def _effect(self, record: EffectCalled, _at: int, seq: int) -> None:
        if record.is_repeat or record.run is None or record.step is None:
            return
        nth = self._executions.get((record.run, record.step), 0)
        key = record.run, record.step, record.ledger, record.operation
        execution, first = self._first.setdefault(key, (nth, seq))
        # Of two executions at once, each counts its effects from 1 again.
        is_beside = record.nth > 0 and (*key, record.nth) in self._seen
        self._seen[*key, record.nth] = None
        if execution != nth or is_beside:
            again = f"in execution {nth}" if execution != nth else "in one beside it"
            text = (
                f"step {record.step!r} did {record.ledger} {record.operation} in its execution "
                f"{execution} (#{first}) and again {again}; give it an idempotency key"
            )
            self.broken(text, seq, record.run)
