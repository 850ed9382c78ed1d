"""Mutants that are wrong about events, and about who may start when."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import attrs

from dwf_sim import effects
from dwf_sim.cron import parse_cron
from dwf_sim.engine import (
    admission,
    cancellation,
    crons,
    engine,
    ops,
    pauses,
    queue,
    replies,
    triggers,
)
from dwf_sim.engine.turn import Turn
from dwf_sim.flow.base import Admission
from dwf_sim.flow.batch import Batching
from dwf_sim.flow.concurrency import ConcurrencyLimits
from dwf_sim.flow.debounce import Debouncing
from dwf_sim.flow.event_id import EventId
from dwf_sim.flow.rate_limit import RateLimiting
from dwf_sim.flow.singleton import Singletons
from dwf_sim.flow.throttle import Throttles
from dwf_sim.model.arrival import Arrival
from dwf_sim.model.effects import Publish, SetTimer
from dwf_sim.model.gate import Gate
from dwf_sim.model.run import PAUSE_TIMEOUT, SLEEP, Item, Run
from dwf_sim.model.verdicts import PASS, Pass, Verdict
from tests.mutants import stories
from tests.mutants.mutant import Patch, gives, mutant

# Events.


@mutant("no event lost", stories.triggers)
def starts_the_first_function_only(patch: Patch) -> None:
    named = triggers.TriggerIndex.named

    def first(self: Any, event: Any, now: int) -> Iterator[Any]:
        yield from islice(named(self, event, now), 1)

    patch.setattr(triggers.TriggerIndex, "named", first)


@mutant("no event lost", stories.triggers)
def heeds_no_filters(patch: Patch) -> None:
    named = triggers.TriggerIndex.named

    def all_of_them(self: Any, event: Any, now: int) -> Iterator[Any]:
        for function, _ in named(self, event, now):
            yield function, True

    patch.setattr(triggers.TriggerIndex, "named", all_of_them)


@mutant("no event lost", stories.debounced)
def never_lets_go(patch: Patch) -> None:
    patch.setattr(Debouncing, "release", gives(None))


@mutant("no event lost", stories.nightly)
def ticks_for_nobody(patch: Patch) -> None:
    patch.setattr(crons, "admit", gives(None))


@mutant("event ids start once", stories.same_id)
def forgets_event_ids(patch: Patch) -> None:
    patch.setattr(EventId, "admit", _passes)


def _passes(self: Admission, now: int, arrival: Arrival) -> Verdict:
    return PASS


# Waits, cancellations, invokes.


@mutant("waits end once", stories.wait_in_vain)
def times_out_too_early(patch: Patch) -> None:
    new_item = queue.new_item

    def early(turn: Turn, run: Run, kind: str, *, due: int | None = None) -> Item:
        at = due - 1000 if kind == PAUSE_TIMEOUT and due is not None else due
        return new_item(turn, run, kind, due=at)

    patch.setattr(queue, "new_item", early)


@mutant("waits end once", stories.waits)
def lets_any_event_end_a_wait(patch: Patch) -> None:
    patch.setattr(pauses, "_matches", gives(True))


@mutant("waits end once", stories.waits)
def overlooks_what_matches(patch: Patch) -> None:
    patch.setattr(pauses, "_matches", gives(False))


@mutant("waits end once", stories.wait_in_vain)
def never_times_out(patch: Patch) -> None:
    patch.setattr(pauses, "time_out", gives(None))


@mutant("waits end once", stories.steps)
def wakes_up_too_early(patch: Patch) -> None:
    place = queue.place

    def early(turn: Turn, item: Item, **rest: Any) -> None:
        place(turn, item, **rest)
        if item.kind == SLEEP and isinstance(turn.effects[-1], SetTimer):
            timer = turn.effects.pop()
            assert isinstance(timer, SetTimer)
            turn.effects.append(SetTimer(timer.at - 1000, timer.item))

    patch.setattr(queue, "place", early)


@mutant("cancels match", stories.cancels)
def cancels_whoever_is_there(patch: Patch) -> None:
    patch.setattr(cancellation, "_applies", gives(True))


@mutant("cancels match", stories.cancels)
def cancels_nobody(patch: Patch) -> None:
    patch.setattr(cancellation, "_applies", gives(False))


@mutant("invokes delivered once", stories.invokes)
def keeps_outcomes_to_itself(patch: Patch) -> None:
    patch.setattr(pauses, "resume_invoke", gives(False))


@mutant("invokes delivered once", stories.invokes)
def calls_twice(patch: Patch) -> None:
    invoke = ops._invoke

    def twice(turn: Turn, run: Run, op: Any) -> ops.Trouble:
        trouble = invoke(turn, run, op)
        called = turn.effects[-1]
        assert isinstance(called, Publish)
        mint = turn.state.mint
        again = attrs.evolve(called.event, internal_id=mint.ulid(turn.now), id=mint.ulid(turn.now))
        turn.effects.append(Publish(again))
        return trouble

    patch.setattr(ops, "_invoke", twice)


@mutant("invokes delivered once", stories.invokes)
def calls_nobody(patch: Patch) -> None:
    invoke = ops._invoke

    def silent(turn: Turn, run: Run, op: Any) -> ops.Trouble:
        trouble = invoke(turn, run, op)
        turn.effects.pop()
        return trouble

    patch.setattr(ops, "_invoke", silent)


@mutant("invokes delivered once", stories.invokes)
def answers_before_the_child_has_ended(patch: Patch) -> None:
    start = admission._start_invoked

    def hasty(turn: Turn, event: Any) -> None:
        start(turn, event)
        pauses.resume_invoke(turn, event.invocation.correlation_id, '{"data":1}')

    patch.setattr(admission, "_start_invoked", hasty)


@mutant("no write without lease", stories.steps)
def counts_answers_twice(patch: Patch) -> None:
    reply = replies.reply
    patch.setattr(queue, "end_lease", lambda turn, number: turn.state.leased.get(number))

    def twice(turn: Turn, number: int, response: Any) -> None:
        reply(turn, number, response)
        reply(turn, number, response)

    patch.setattr(engine, "reply", twice)


# Flow control.


@mutant("concurrency kept", stories.busy)
def has_twice_the_slots(patch: Patch) -> None:
    gates = ConcurrencyLimits.gates

    def roomy(self: ConcurrencyLimits, now: int, arrival: Arrival) -> tuple[Gate, ...]:
        return gates(self, now, _with(arrival, "concurrency", _twice(arrival)))

    patch.setattr(ConcurrencyLimits, "gates", roomy)


def _twice(arrival: Arrival) -> tuple[Any, ...]:
    limits = arrival.function.concurrency
    return tuple(attrs.evolve(each, limit=2 * each.limit) for each in limits)


def _with(arrival: Arrival, name: str, setting: object) -> Arrival:
    return attrs.evolve(arrival, function=attrs.evolve(arrival.function, **{name: setting}))


@mutant("throttle kept", stories.throttled)
def lets_one_more_start(patch: Patch) -> None:
    gates = Throttles.gates

    def bursting(self: Throttles, now: int, arrival: Arrival) -> tuple[Gate, ...]:
        throttle = arrival.function.throttle
        assert throttle is not None
        more = attrs.evolve(throttle, burst=throttle.burst + 1)
        return gates(self, now, _with(arrival, "throttle", more))

    patch.setattr(Throttles, "gates", bursting)


@mutant("rate limit kept", stories.rated)
def heeds_no_rate(patch: Patch) -> None:
    patch.setattr(RateLimiting, "admit", _passes)


@mutant("debounce keeps newest", stories.debounced)
def lets_go_too_early(patch: Patch) -> None:
    admit = Debouncing.admit

    def hasty(self: Debouncing, now: int, arrival: Arrival) -> Verdict:
        verdict = admit(self, now, arrival)
        self._newest.clear()
        for window in self._held.values():
            window.until -= 5000
        return verdict

    patch.setattr(Debouncing, "admit", hasty)


@mutant("debounce keeps newest", stories.debounced)
def keeps_all_of_them(patch: Patch) -> None:
    admit = Debouncing.admit

    def forgetful(self: Debouncing, now: int, arrival: Arrival) -> Verdict:
        self._newest.clear()
        return admit(self, now, arrival)

    patch.setattr(Debouncing, "admit", forgetful)


@mutant("batches kept", stories.batched)
def fills_batches_over(patch: Patch) -> None:
    admit = Batching.admit

    def generous(self: Batching, now: int, arrival: Arrival) -> Verdict:
        batch = arrival.function.batch
        assert batch is not None
        return admit(self, now, _with(arrival, "batch", attrs.evolve(batch, max_size=3)))

    patch.setattr(Batching, "admit", generous)


@mutant("batches kept", stories.batched)
def puts_an_event_in_two_batches(patch: Patch) -> None:
    admit = Batching.admit
    last: list[Any] = []

    def repeating(self: Batching, now: int, arrival: Arrival) -> Verdict:
        verdict = admit(self, now, arrival)
        if isinstance(verdict, Pass) and verdict.arrival is not None:
            given = verdict.arrival.events
            last[:] = given[-1:]
            return Pass(attrs.evolve(verdict.arrival, events=(*given, given[0])))
        return verdict

    patch.setattr(Batching, "admit", repeating)


@mutant("never two singletons", stories.single)
def forgets_locks(patch: Patch) -> None:
    patch.setattr(Singletons, "admit", _passes)
    patch.setattr(Singletons, "ended", gives(None))


@mutant("crons tick once", stories.nightly)
def skips_every_other_tick(patch: Patch) -> None:
    set_next = crons._set_next

    def lazy(turn: Turn, function: Any, trigger: Any, after: int) -> None:
        following = parse_cron(trigger.cron).next(after)
        assert following is not None
        set_next(turn, function, trigger, following)

    patch.setattr(crons, "_set_next", lazy)


@mutant("crons tick once", stories.nightly)
def ticks_in_winter_time_all_year(patch: Patch) -> None:
    def naive(cron: str) -> Any:
        return parse_cron(cron.replace("TZ=Europe/Paris 30 2", "30 1"))

    patch.setattr(crons, "parse_cron", naive)


@mutant("effects once per key", stories.charged_twice)
def forgets_idempotency_keys(patch: Patch) -> None:
    page = effects._Page

    class Forgetful(page):  # type: ignore[misc,valid-type]
        @property
        def first(self) -> dict[Any, Any]:
            return {}

        @first.setter
        def first(self, value: object) -> None:
            pass

    patch.setattr(effects, "_Page", Forgetful)
