"""The bug museum: defects that real engines, SDKs and mocks of them have had.

`museum.py` says of each where it was met. They are planted as they are described there, not as
they were written.
"""

from __future__ import annotations

import itertools
from typing import Any

import attrs

from dwf_sim.drivers.native import entry, outcomes, step
from dwf_sim.engine import admission, cancellation, memos, ops, pauses, queue, replies, triggers
from dwf_sim.engine.state import HoldAlarm
from dwf_sim.engine.turn import Turn
from dwf_sim.flow.batch import Batching
from dwf_sim.flow.debounce import Debouncing
from dwf_sim.flow.rate_limit import RateLimiting
from dwf_sim.model.arrival import Arrival
from dwf_sim.model.messages import Request
from dwf_sim.model.run import Item, Pause, Run
from dwf_sim.model.verdicts import Skip, Verdict
from tests.mutants import stories
from tests.mutants.mutant import Patch, gives, mutant

# Steps in parallel.


@mutant("one item per step", stories.racing)
def runs_racing_steps_twice(patch: Patch) -> None:
    push = queue.push

    def twice(turn: Turn, item: Item, job: str) -> bool:
        if item.race and job.endswith("-plan"):
            other = queue.new_item(turn, item.run, item.kind)
            other.step, other.race = item.step, True
            push(turn, other, f"{job}-again")
        return push(turn, item, job)

    patch.setattr(queue, "push", twice)


@mutant("liveness", stories.fan_in)
def never_joins_a_group(patch: Patch) -> None:
    go_on = memos.go_on

    def forgetful(turn: Turn, run: Run, job: str, **rest: Any) -> None:
        if not run.join_key:
            go_on(turn, run, job, **rest)

    patch.setattr(ops, "go_on", forgetful)


@mutant("oracle", stories.first_of_two)
def forgets_the_order_of_what_is_done(patch: Patch) -> None:
    request = queue.Request

    def reversing(*fields: Any) -> Request:
        memos = fields[6]
        again = dict(reversed(memos.items())) if len(memos) > 2 else memos
        return request(*fields[:6], again, *fields[7:])

    patch.setattr(queue, "Request", reversing)


@mutant("replay", stories.parallel_twice)
def takes_parallel_steps_in_the_order_of_a_set(patch: Patch) -> None:
    in_order, asked = replies._in_order_of_handling, itertools.count()

    def unordered(given: Any) -> Any:
        found = in_order(given)
        return found[::-1] if next(asked) % 2 else found

    patch.setattr(replies, "_in_order_of_handling", unordered)


# Steps, their memos and attempts.


@mutant("one item per step", stories.many_steps)
def goes_on_twice_after_a_step(patch: Patch) -> None:
    go_on = memos.go_on

    def twice(turn: Turn, run: Run, job: str, **rest: Any) -> None:
        go_on(turn, run, job, **rest)
        go_on(turn, run, f"{job}-again", **rest)

    patch.setattr(ops, "go_on", twice)


@mutant("budget", stories.many_steps)
def forgets_the_tenth_step(patch: Patch) -> None:
    save = memos.save

    def forgetful(turn: Turn, run: Run, step: str, memo: str, *rest: Any) -> None:
        if len(run.memos) < 9:
            save(turn, run, step, memo, *rest)
        run.jobs.clear()

    patch.setattr(ops, "save", forgetful)


@mutant("memos stand", stories.same_step_twice)
def counts_no_repeats_of_a_step_id(patch: Patch) -> None:
    call = entry.Entry.call

    def uncounted(self: entry.Entry, *arguments: Any) -> Any:
        self._counts.clear()
        return call(self, *arguments)

    patch.setattr(entry.Entry, "call", uncounted)


@mutant("recovery", stories.checkpointed)
def writes_no_json_between_checkpoints(patch: Patch) -> None:
    ran, recall, raw = outcomes.ran, outcomes.recall, {}

    def keeping(call: Any, output: object) -> Any:
        raw[call] = output
        return ran(call, output)

    def unread(call: Any) -> object:
        return raw[call] if call in raw else recall(call)

    patch.setattr(outcomes, "ran", keeping)
    patch.setattr(step, "recall", unread)


@mutant("attempts in budget", stories.two_failing_steps)
def counts_attempts_for_all_steps_together(patch: Patch) -> None:
    def of_the_run(item: Item) -> bool:
        used = item.run.function.attempts_max - 1
        failed[item.run.id] = failed.get(item.run.id, 0) + 1
        return failed[item.run.id] <= used

    failed: dict[str, int] = {}
    patch.setattr(ops, "has_attempts", of_the_run)


# Events and waits.


@mutant("waits end once", stories.waits)
def misses_what_comes_right_after_a_wait_began(patch: Patch) -> None:
    matches = pauses._matches

    def late(turn: Turn, pause: Pause, event: Any) -> bool:
        return turn.now - pause.created_at > 5000 and matches(turn, pause, event)

    patch.setattr(pauses, "_matches", late)


@mutant("cancels match", stories.cancels_of_the_past)
def compares_times_that_producers_gave(patch: Patch) -> None:
    applies = cancellation._applies

    def by_ts(turn: Turn, readiness: Any, event: Any) -> bool:
        return event.ts >= readiness.run.created_at and applies(turn, readiness, event)

    patch.setattr(cancellation, "_applies", by_ts)


@mutant("no event lost", stories.triggers)
def starts_everything_for_any_event(patch: Patch) -> None:
    def everything(self: Any, _: str) -> list[Any]:
        return list(self.functions.values())

    patch.setattr(triggers.TriggerIndex, "_named", everything)
    patch.setattr(triggers, "_takes", gives(True))


# Flow control.


@mutant("debounce keeps newest", stories.debounced_out_of_order)
def lets_an_older_event_replace_a_newer_one(patch: Patch) -> None:
    admit = Debouncing.admit

    def by_arrival(self: Debouncing, now: int, arrival: Arrival) -> Verdict:
        newest = attrs.evolve(arrival.event, ts=2**53)
        verdict = admit(self, now, attrs.evolve(arrival, events=(newest,)))
        for window in self._held.values():
            if window.arrival.event.internal_id == arrival.event.internal_id:
                window.arrival = attrs.evolve(window.arrival, events=(arrival.event,))
        return verdict

    patch.setattr(Debouncing, "admit", by_arrival)


@mutant("debounce keeps newest", stories.debounced_with_timeout)
def debounces_for_longer_than_its_timeout(patch: Patch) -> None:
    admit = Debouncing.admit

    def endless(self: Debouncing, now: int, arrival: Arrival) -> Verdict:
        debounce = attrs.evolve(arrival.function.debounce, timeout=None)
        function = attrs.evolve(arrival.function, debounce=debounce)
        return admit(self, now, attrs.evolve(arrival, function=function))

    patch.setattr(Debouncing, "admit", endless)


@mutant("no event lost", stories.batched_repeats)
def forgets_a_batch_after_a_repeated_event(patch: Patch) -> None:
    admit = Batching.admit

    def stuck(self: Batching, now: int, arrival: Arrival) -> Verdict:
        known = {each.id for batch in self._held.values() for each in batch.events}
        verdict = admit(self, now, arrival)
        if arrival.event.id in known:
            self._held.clear()
        return verdict

    patch.setattr(Batching, "admit", stuck)


@mutant("no event lost", stories.debounced_once_a_day)
def takes_an_idempotency_key_twice(patch: Patch) -> None:
    def release(turn: Turn, alarm: HoldAlarm) -> None:
        policies = turn.state.admission
        arrival = policies[alarm.nth].release(turn.now, alarm.key)
        if arrival is None:
            return
        arrival = attrs.evolve(admission._renewed(turn, arrival), key="of the run")
        (limit,) = (each for each in policies if isinstance(each, RateLimiting))
        verdict = limit.admit(turn.now, arrival)
        if isinstance(verdict, Skip):
            admission._skip(turn, arrival, limit.name, verdict)
        else:
            admission._walk(turn, arrival, alarm.nth + 1)

    patch.setattr(admission, "release", release)
