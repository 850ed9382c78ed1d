"""Mutants that are wrong about a run: its time, its memos, its end, its attempts."""

from __future__ import annotations

from typing import Any

import attrs

from dwf_sim.engine import (
    cancellation,
    finish,
    memos,
    ops,
    queue,
    replies,
    retries,
)
from dwf_sim.engine.turn import Turn
from dwf_sim.model import event as events
from dwf_sim.model.messages import Request
from dwf_sim.model.records import Record, RequestSent, RunFinished, StepMemoized, StepReported
from dwf_sim.model.run import START, Item, Run
from dwf_sim.sim.trace import Trace
from tests.mutants import stories
from tests.mutants.mutant import Patch, gives, mutant, note

# Time and causes.


@mutant("causes first", stories.later)
def starts_at_once_what_is_for_later(patch: Patch) -> None:
    place = queue.place

    def eager(turn: Turn, item: Item, *, spread: int = 0, stream: str = "") -> None:
        item.due = turn.now if item.kind == START else item.due
        place(turn, item, spread=spread, stream=stream)

    patch.setattr(queue, "place", eager)


@mutant("causes first", stories.steps)
def forgets_to_note_requests(patch: Patch) -> None:
    note(patch, RequestSent, 0)


@mutant("time goes forward", stories.steps)
def dates_endings_back(patch: Patch) -> None:
    append = Trace.append

    def backwards(self: Trace, at: int, cause: int | None, record: Record) -> int:
        return append(self, at - (60_000 if isinstance(record, RunFinished) else 0), cause, record)

    patch.setattr(Trace, "append", backwards)


# Memos and items.


@mutant("memos stand", stories.steps)
def sends_no_memos(patch: Patch) -> None:
    request = queue.Request

    def forgetful(*fields: Any) -> Request:
        return request(*fields[:6], {}, *fields[7:])

    patch.setattr(queue, "Request", forgetful)


@mutant("memos stand", stories.steps)
def remembers_twice(patch: Patch) -> None:
    save = memos.save

    def twice(
        turn: Turn, run: Run, step: str, memo: str, kind: str, event: str | None = None
    ) -> None:
        save(turn, run, step, memo, kind, event)
        turn.emit(StepMemoized(run.id, run.labels[step], kind, event))

    patch.setattr(ops, "save", twice)


@mutant("one item per step", stories.parallel)
def queues_planned_steps_twice(patch: Patch) -> None:
    push = queue.push

    def twice(turn: Turn, item: Item, job: str) -> bool:
        if job.endswith("-plan"):
            other = queue.new_item(turn, item.run, item.kind)
            other.step, other.race = item.step, item.race
            push(turn, other, f"{job}-again")
        return push(turn, item, job)

    patch.setattr(queue, "push", twice)


@mutant("one item per step", stories.steps)
def registers_sleeps_twice(patch: Patch) -> None:
    note(patch, StepReported, 2)


# Endings.


@mutant("one ending", stories.steps)
def ends_runs_twice(patch: Patch) -> None:
    note(patch, RunFinished, 2)


@mutant("one ending", stories.cancels)
def goes_on_with_cancelled_runs(patch: Patch) -> None:
    def told_only(turn: Turn, run: Run, status: str, result: str) -> None:
        turn.emit(RunFinished(run.id, status, result))

    patch.setattr(cancellation, "finish", told_only)


@mutant("one ending", stories.steps)
def ends_with_a_status_of_its_own(patch: Patch) -> None:
    patch.setattr(replies, "COMPLETED", "done")
    patch.setattr(finish, "_tell", gives(None))


@mutant("one ending", stories.same_id)
def goes_on_with_runs_that_return_nothing(patch: Patch) -> None:
    def forgetful(turn: Turn, run: Run, status: str, result: str) -> None:
        if result != "null":
            finish.finish(turn, run, status, result)

    patch.setattr(replies, "finish", forgetful)


# Attempts.


@mutant("attempts in budget", stories.failing_handler)
def tries_once_too_often(patch: Patch) -> None:
    def lenient(item: Item) -> bool:
        return item.attempt < item.run.function.attempts_max

    patch.setattr(replies, "has_attempts", lenient)


@mutant("attempts in budget", stories.failing)
def counts_attempts_by_twos(patch: Patch) -> None:
    retry = retries.retry

    def hasty(turn: Turn, item: Item, error: str, **rest: Any) -> None:
        item.attempt += 1
        retry(turn, item, error, **rest)

    patch.setattr(replies, "retry", hasty)


@mutant("attempts in budget", stories.failing_handler)
def gives_up_too_early(patch: Patch) -> None:
    patch.setattr(replies, "has_attempts", gives(False))


@mutant("backoff in bounds", stories.failing)
def waits_ten_seconds_always(patch: Patch) -> None:
    patch.setattr(retries, "BACKOFF_MS", (10_000,))


@mutant("backoff in bounds", stories.failing)
def retries_at_once(patch: Patch) -> None:
    place = retries.place

    def hasty(turn: Turn, item: Item, **_: Any) -> None:
        item.due = turn.now
        place(turn, item)

    patch.setattr(retries, "place", hasty)


@mutant("backoff in bounds", stories.failing)
def retries_a_minute_late(patch: Patch) -> None:
    place = retries.place

    def slow(turn: Turn, item: Item, **_: Any) -> None:
        item.due += 60_000
        place(turn, item)

    patch.setattr(retries, "place", slow)


@mutant("final errors stand", stories.giving_up)
def retries_final_errors(patch: Patch) -> None:
    take = replies._take_error

    def stubborn(turn: Turn, item: Item, response: Any) -> None:
        take(turn, item, attrs.evolve(response, retriable=True))

    patch.setattr(replies, "_take_error", stubborn)


# What others are told.


@mutant("failure told once", stories.failing)
def tells_nobody_of_failures(patch: Patch) -> None:
    _publish_failures(patch, 0)


@mutant("failure told once", stories.failing)
def tells_of_failures_twice(patch: Patch) -> None:
    _publish_failures(patch, 2)


def _publish_failures(patch: Patch, times: int) -> None:
    publish = finish._publish

    def changed(turn: Turn, run: Run, name: str, data: str, **rest: Any) -> object:
        for _ in range(times if name == events.FAILED else 1):
            told = publish(turn, run, name, data, **rest)
        return told if times or name != events.FAILED else None

    patch.setattr(finish, "_publish", changed)


@mutant("failure told once", stories.steps)
def tells_of_completed_runs_as_failed(patch: Patch) -> None:
    publish = finish._publish

    def wrong(turn: Turn, run: Run, name: str, data: str, **rest: Any) -> object:
        return publish(turn, run, events.FAILED, data, **rest)

    patch.setattr(finish, "_publish", wrong)
