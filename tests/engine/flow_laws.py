"""The laws of flow control: what holds for every history, whatever the settings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import attrs

from dwf_sim.model.event import StoredEvent
from dwf_sim.model.function import FunctionConfig
from dwf_sim.model.messages import EventArrived, Request
from dwf_sim.model.records import (
    Record,
    RequestSent,
    ResponseIgnored,
    ResponseReceived,
    RunFinished,
    RunScheduled,
    RunSkipped,
)
from dwf_sim.model.run import CANCELLED, START
from tests.engine.bench import CLOSED, SECOND, Bench, data_of, planned, ran, returned, sleep

Act = tuple[str, int, int]
_WAITS_MS = (1, 400, 1000, 7000, 60_000)


@attrs.define
class History:
    """What happens to one function, act by act, and what it was sent."""

    bench: Bench
    function: FunctionConfig
    events: dict[str, StoredEvent] = attrs.field(factory=dict)
    steps: int = 0

    @property
    def records(self) -> list[tuple[int, Record]]:
        """All records with their instants."""
        return self.bench.records

    def live(self, acts: list[Act]) -> None:
        """Do all acts, then let everything come to its end."""
        for kind, a, b in acts:
            if kind == "send":
                self.send(a, b)
            elif kind == "wait":
                self.bench.advance(_WAITS_MS[a % len(_WAITS_MS)])
            elif kind == "answer" and self.bench.open:
                self.answer(self.bench.open[a % len(self.bench.open)], b)
            elif kind == "cancel" and self.bench.runs:
                self.bench.cancel(self.bench.runs[a % len(self.bench.runs)])
            elif kind in ("pause", "resume"):
                getattr(self.bench, kind)()
            self.bench.forget_dead_timers()
        self.bench.resume()
        for _ in range(400):
            self.bench.answer_all(returned())
            if not self.bench.open and not self.bench.has_timers:
                return
            if self.bench.has_timers:
                self.bench.advance_to_next_timer()
        raise AssertionError("it comes to no end")

    def send(self, a: int, b: int) -> None:
        """Send an event of a user, with a priority; some are older than they look."""
        ts = self.bench.now - 10 * SECOND if b == 0 else 0
        event = self.bench.store("go", {"user": a % 3, "p": b - 4}, ts=ts)
        self.events[event.internal_id] = event
        self.bench.tell(EventArrived(event))

    def answer(self, request: Request, how: int) -> None:
        """Answer a request in one of the ways that user code has."""
        self.steps += 1
        name = f"step-{self.steps}"
        if request.target is not None:
            label = self.bench.engine.state.runs[request.run_id].labels[request.target]
            self.bench.answer(ran(label), to=request)
        elif how % 5 == 0:
            self.bench.answer(returned(), to=request)
        elif how % 5 == 1:
            self.bench.answer(planned(name), planned(f"{name}-too"), to=request)
        else:
            op = (ran(name), sleep(name, "3s"), CLOSED)[how % 5 - 2]
            self.bench.answer(op, to=request)

    def user(self, event: str) -> object:
        """Say whose event it is."""
        return data_of(self.events[event])["user"]

    def scheduled(self) -> Iterator[tuple[int, RunScheduled]]:
        """Yield the records of runs that were created, with their instants."""
        return ((at, r) for at, r in self.records if isinstance(r, RunScheduled))

    def starts(self) -> Iterator[tuple[int, str]]:
        """Yield when runs sent their very first request."""
        for at, record in self.records:
            if isinstance(record, RequestSent) and (record.item, record.attempt) == (START, 0):
                yield at, record.run


def no_more_in_flight_than_allowed(history: History) -> None:
    """Of a function, and of each key, no more requests are in flight than its limit."""
    users = {r.run: history.user(r.events[0]) for _, r in history.scheduled()}
    flying: dict[int, str] = {}
    for _, record in history.records:
        if isinstance(record, RequestSent):
            flying[record.number] = record.run
        elif isinstance(record, ResponseReceived | ResponseIgnored):
            flying.pop(record.number, None)
        for limit in history.function.concurrency:
            counts = Counter(users[run] if limit.key else "all" for run in flying.values())
            assert max(counts.values(), default=0) <= limit.limit


def no_more_starts_than_the_throttle_allows(history: History) -> None:
    """In no span of time start more runs than the burst and what the span is good for."""
    throttle = history.function.throttle
    if throttle is not None:
        instants = [at for at, _ in history.starts()]
        _stay_below(instants, throttle.period // throttle.limit, throttle.limit + throttle.burst)


def no_more_runs_than_the_rate_allows(history: History) -> None:
    """In no span of time are more runs let in than a tenth of the limit, one, and what is due."""
    rate = history.function.rate_limit
    if rate is not None and history.function.batch is None and history.function.debounce is None:
        instants = [at for at, _ in history.scheduled()]
        _stay_below(instants, rate.period // rate.limit, rate.limit // 10 + 1)


def _stay_below(instants: list[int], interval: int, at_once: int) -> None:
    for n, first in enumerate(instants):
        for count, last in enumerate(instants[n:], start=1):
            assert count <= at_once + (last - first) / interval


def the_newest_event_is_the_one_that_runs(history: History) -> None:
    """A debounced run has the newest event of its key, and nobody waits beyond the timeout."""
    debounce = history.function.debounce
    if debounce is None:
        return
    gone: dict[str, int] = {}
    for at, record in history.scheduled():
        (event,) = record.events
        assert event not in gone
        gone[event] = at
    skipped = [record for _, record in history.records if isinstance(record, RunSkipped)]
    unseen = [record.event for record in skipped if record.policy == "rate limit"]
    for first, at in gone.items():
        mine = history.events[first]
        for event in history.events.values():
            is_of_key = history.user(first) == history.user(event.internal_id)
            came_meanwhile = mine.received_at <= event.received_at < at
            was_seen = event.internal_id > first and event.internal_id not in unseen
            if is_of_key and came_meanwhile and was_seen:
                assert event.ts < mine.ts
        latest = max(debounce.period, debounce.timeout or 0) + SECOND
        assert at <= mine.received_at + latest


def every_event_is_in_one_batch(history: History) -> None:
    """No event is in two batches, none is too large, and none is late."""
    batch = history.function.batch
    if batch is None:
        return
    assert batch.timeout is not None
    counts = Counter(event for _, record in history.scheduled() for event in record.events)
    assert set(counts.values()) <= {1}
    for at, record in history.scheduled():
        assert len(record.events) <= batch.max_size
        assert at <= history.events[record.events[0]].received_at + batch.timeout


def never_two_singletons(history: History) -> None:
    """Of one key never two runs exist."""
    if history.function.singleton is None:
        return
    alive: dict[str, object] = {}
    for _, record in history.records:
        if isinstance(record, RunScheduled):
            user = history.user(record.events[0])
            assert user not in alive.values()
            alive[record.run] = user
        elif isinstance(record, RunFinished):
            del alive[record.run]


def priority_moves_no_further_than_its_factor(history: History) -> None:
    """Who starts was created before all that wait, if each is moved by its own priority."""
    if any(limit.key for limit in history.function.concurrency) or history.function.throttle:
        return
    waiting: dict[str, int] = {}
    for at, record in history.records:
        if isinstance(record, RunScheduled):
            factor = data_of(history.events[record.events[0]])["p"]
            assert isinstance(factor, int)
            head_start = factor * SECOND if history.function.priority else 0
            waiting[record.run] = at - head_start
        elif isinstance(record, RunFinished):
            waiting.pop(record.run, None)
        elif isinstance(record, RequestSent) and record.run in waiting:
            score = waiting.pop(record.run)
            assert score <= at
            assert all(other >= score for other in waiting.values())


def each_key_is_served_first_come_first_served(history: History) -> None:
    """Of one key, runs start in the order of their creation."""
    if history.function.priority is not None:
        return
    users = {r.run: history.user(r.events[0]) for _, r in history.scheduled()}
    created = {record.run: n for n, (_, record) in enumerate(history.scheduled())}
    last: dict[object, int] = {}
    for _, run in history.starts():
        assert created[run] > last.get(users[run], -1)
        last[users[run]] = created[run]


def nothing_is_asked_of_runs_that_were_cancelled(history: History) -> None:
    """After a run is cancelled no request of it is sent."""
    cancelled: set[str] = set()
    for _, record in history.records:
        if isinstance(record, RunFinished) and record.status == CANCELLED:
            cancelled.add(record.run)
        assert not (isinstance(record, RequestSent) and record.run in cancelled)


def every_event_has_a_run_or_a_reason(history: History) -> None:
    """In the end each event has one run, or one reason why it has none."""
    counts = Counter(event for _, record in history.scheduled() for event in record.events)
    counts.update(record.event for _, record in history.records if isinstance(record, RunSkipped))

    assert counts == Counter(list(history.events))


def every_run_comes_to_its_end(history: History) -> None:
    """Nobody is forgotten at a gate."""
    assert [run.label for run in history.bench.runs if not run.is_ended] == []


LAWS = (
    no_more_in_flight_than_allowed,
    no_more_starts_than_the_throttle_allows,
    no_more_runs_than_the_rate_allows,
    the_newest_event_is_the_one_that_runs,
    every_event_is_in_one_batch,
    never_two_singletons,
    priority_moves_no_further_than_its_factor,
    each_key_is_served_first_come_first_served,
    nothing_is_asked_of_runs_that_were_cancelled,
    every_event_has_a_run_or_a_reason,
    every_run_comes_to_its_end,
)
