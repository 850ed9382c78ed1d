"""Mishaps: what becomes of requests when a fault has struck, or their platform's patience is over.

The runner comes here only when something can be amiss; otherwise it takes the short way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dwf_sim.duration import format_duration
from dwf_sim.faults.base import AFTER_ACK, AFTER_MEMO, REQUEST, TIMER, Fault, Harm, Site
from dwf_sim.model.messages import (
    CONNECTION_CLOSED,
    LeaseExpired,
    OnlySaved,
    Ops,
    Replied,
    Request,
    Response,
    Returned,
)
from dwf_sim.model.ops import Op, StepErrored, StepRun, label_of
from dwf_sim.model.records import CheckpointRefused, Complained, FaultStruck, ResponseReceived
from dwf_sim.model.wire import foreign_answer
from dwf_sim.sim.platform import Worker
from dwf_sim.sim.wire import carry_response, reported

if TYPE_CHECKING:
    from dwf_sim.sim.runner import Runner
    from dwf_sim.sim.worker import Workbench

REQUEST_MS_MAX = 2 * 3_600_000  # How long the engine waits for an answer (A194).
LEASE_MS = (
    30_000  # How long it takes until an item that its engine has lost is queued again (A223).
)

_SAVED = (
    "a request for step {!r} is sent again although that was saved, since the engine died before "
    "it queued what follows: the SDK has nothing to run for it, goes on behind the group with what "
    "it has, and fails with StepUnexpectedError at the next step; the handler is not to blame"
)


class Mishaps:
    """What is amiss with requests: who died, who is not heard, what arrives late or changed."""

    def __init__(self, runner: Runner, worker: Worker) -> None:
        self.request_ms_max = worker.max_request
        self.lost: dict[int, None] = {}  # Requests whose connection has gone with an engine.
        self._worker = worker
        self._runner = runner
        self._agenda = runner.agenda
        self._plan = runner.plan
        self._late: dict[int, Workbench] = {}  # Plain `def` handlers that still take their time.

    # Faults that strike where a worker has come to, or by themselves.

    def suffer(self, bench: Workbench, fault: Fault, site: Site) -> None:
        """Let a fault do its harm."""
        cause = self._note(bench.request.run_id, fault, site, bench.cause)
        if fault.harm is Harm.KILL:
            self._kill(bench, cause)
            self._forget()
        elif fault.harm is Harm.RESTART:
            self.restart_workers(cause, self._app_of(bench))
        elif fault.harm is Harm.CUT_OFF:
            self._cut_off(bench, cause)
        else:
            self.restart_engine(cause)

    def _note(self, run_id: str | None, fault: Fault, site: Site, cause: int | None) -> int:
        return self._runner.emit(FaultStruck(run_id, str(fault), str(site)), cause)

    def restart_workers(self, cause: int, app: str | None = None) -> None:
        """Kill all that the worker of an app has under way; of any app if none is given."""
        benches = (*self._runner.open.values(), *self._late.values(), *self._runner.given_up)
        for bench in benches:
            if app in (None, self._app_of(bench)):
                self._kill(bench, cause)
        self._forget()

    def _kill(self, bench: Workbench, cause: int, answer: Response = CONNECTION_CLOSED) -> None:
        """Kill what works on a request; the engine sees how that ends if it still listens."""
        number = bench.request.number
        bench.die(cause)
        is_open = self._runner.open.pop(number, None) or self._late.pop(number, None)
        if is_open is not None:
            self._agenda.soon(self._arrive, bench, answer)

    def _forget(self) -> None:
        if self._worker.on_restart is not None:
            self._worker.on_restart()

    def _app_of(self, bench: Workbench) -> str:
        return self._runner.engine.state.triggers.functions[bench.request.function_id].app_id

    def _cut_off(self, bench: Workbench, cause: int) -> None:
        """Let a worker go on that the engine hears again when it has lost its lease."""
        self._unhear(bench)
        bench.heard_at = self._agenda.now + LEASE_MS
        self._agenda.at(
            bench.heard_at, self._runner.tell, LeaseExpired(bench.request.number), cause
        )

    def restart_engine(self, cause: int) -> None:
        """Break all connections; what is stored stays."""
        for number in self._runner.engine.state.leased:
            self._lose(number, cause)
        for bench in (*self._runner.open.values(), *self._late.values()):
            self._unhear(bench)

    def _lose(self, number: int, cause: int) -> None:
        """Break the connection of a request; its item is queued again when its lease is over."""
        if number not in self.lost:
            self.lost[number] = None
            at = self._agenda.now + LEASE_MS
            self._agenda.at(at, self._runner.tell, LeaseExpired(number), cause)

    def _unhear(self, bench: Workbench) -> None:
        bench.is_cut_off = True
        if self._runner.open.pop(bench.request.number, None) is not None:
            self._runner.given_up.append(bench)

    # Requests on their way to a worker, and while it has them.

    def lets_through(self, request: Request, run: str, cause: int | None) -> bool:
        """Carry a request to its worker: False when it never gets there."""
        if request.number in self.lost:
            return False
        state = self._runner.engine.state.runs[request.run_id]
        target = state.labels.get(request.target or "", "")
        fault = self._plan.strike(site := Site(run, target, request.attempt, REQUEST))
        if fault is None:
            if request.target in state.memos:
                self._runner.emit(Complained(request.run_id, _SAVED.format(target)), cause)
            return True
        cause = self._note(request.run_id, fault, site, cause)
        for arrival in fault.answer(CONNECTION_CLOSED):
            reply = Replied(request.number, arrival.response)
            self._agenda.soon(self._runner.tell, reply, cause)
        return False

    def delay_timer(self, number: int, cause: int | None) -> tuple[int, int | None]:
        """Say by how many milliseconds a timer will be late, and what is the cause of that."""
        item = self._runner.engine.item(number)
        if item is None:
            site, run_id = Site("", "", 0, TIMER), None
        else:
            step = item.run.labels.get(item.step or "", "")
            site, run_id = Site(item.run.label, step, item.attempt, TIMER), item.run.id
        fault = self._plan.strike(site)
        if fault is None:
            return 0, cause
        return fault.extra_ms, self._note(run_id, fault, site, cause)

    def limit(self, bench: Workbench) -> None:
        """Have a request killed that takes longer than its platform allows."""
        assert self.request_ms_max is not None, "there is a limit"
        at = bench.began_at + self.request_ms_max
        self._agenda.at(at, self._cut_short, bench, is_live=lambda: not bench.is_over)

    def _cut_short(self, bench: Workbench) -> None:
        self._kill(bench, self._explain_limit(bench), foreign_answer(504))
        self._forget()

    def _tell_limit(self, bench: Workbench) -> None:
        """The same for a plain `def` handler, which has done all it does at once."""
        bench.cause = self._explain_limit(bench)
        self._forget()

    def _explain_limit(self, bench: Workbench) -> int:
        assert self.request_ms_max is not None, "there is a limit"
        text = (
            f"a request had no answer after {format_duration(self.request_ms_max)}, the "
            "max_request of Worker, and was killed: make its steps shorter, or allow more"
        )
        return self._runner.emit(Complained(bench.request.run_id, text), bench.cause)

    def reaches_engine(self, bench: Workbench) -> bool:
        """Say whether a worker that is cut off can report steps; to a new engine it can."""
        if bench.heard_at is None or bench.heard_at <= self._agenda.now:
            return True
        bench.emit(CheckpointRefused(bench.request.number, "its worker cannot reach the engine"))
        return False

    def after_checkpoint(self, bench: Workbench, steps: tuple[StepRun, ...]) -> None:
        """Let the engine die after it has saved steps of a request that goes on (A225)."""
        cause = self._strike_memos(bench, steps)
        if cause is not None:
            self._lose(bench.request.number, cause)
            self._unhear(bench)

    # Responses on their way to the engine.

    def reply(self, bench: Workbench, response: Response) -> None:
        """Carry a response, once a plain `def` handler has taken its time."""
        limits = [(REQUEST_MS_MAX, CONNECTION_CLOSED)]
        if self.request_ms_max is not None:
            limits.append((self.request_ms_max, foreign_answer(504)))
        limit, answer = min(limits, key=lambda pair: pair[0])
        if bench.late_ms >= limit:
            at = bench.began_at + limit
            if limit == self.request_ms_max:
                self._agenda.at(at, self._tell_limit, bench)
            self._agenda.at(at, self._arrive, bench, answer)
        elif bench.late_ms:
            self._late[bench.request.number] = bench
            self._agenda.at(self._agenda.now + bench.late_ms, self._send, bench, response)
        else:
            self._send(bench, response)

    def _send(self, bench: Workbench, response: Response) -> None:
        number, now = bench.request.number, self._agenda.now
        if bench.late_ms and self._late.pop(number, None) is None:
            return  # Its worker has died since.
        if bench.is_cut_off:
            if bench.heard_at is not None:
                self._agenda.at(max(now, bench.heard_at), self._arrive, bench, response)
            return
        attempt, run_id = bench.request.attempt, bench.request.run_id
        arrivals, strike = carry_response(self._plan, response, bench.label, attempt)
        if strike is not None:
            bench.cause = self._note(run_id, *strike, bench.cause)
        given_up_at = bench.began_at + REQUEST_MS_MAX
        for arrival in arrivals:
            if not arrival.delay:
                self._agenda.soon(self._arrive, bench, arrival.response)
            elif now + arrival.delay < given_up_at:
                self._agenda.at(now + arrival.delay, self._arrive, bench, arrival.response)
            else:
                self._agenda.at(max(now, given_up_at), self._arrive, bench, CONNECTION_CLOSED)

    def _arrive(self, bench: Workbench, response: Response) -> None:
        """Take a response to the engine, which may die over it."""
        number = bench.request.number
        if number in self.lost:
            return
        if not self._plan.is_empty and self._runner.engine.awaits(number):
            saved = _saved_by(response)
            cause = self._strike_memos(bench, saved)
            if cause is not None:
                self._runner.tell(OnlySaved(number, saved), cause)
                self._lose(number, cause)
                return
        effects = self._runner.tell(Replied(number, response), bench.cause)
        if not self._plan.is_empty and any(type(e) is ResponseReceived for e in effects):
            self._strike_after_ack(bench, response)

    def _strike_memos(self, bench: Workbench, ops: tuple[Op, ...]) -> int | None:
        for op in ops:
            site = Site(bench.label, label_of(op), bench.request.attempt, AFTER_MEMO)
            fault = self._plan.strike(site)
            if fault is not None:
                return self._note(bench.request.run_id, fault, site, bench.cause)
        return None

    def _strike_after_ack(self, bench: Workbench, response: Response) -> None:
        """The worker has nothing under way for this request any more, so only memory is lost."""
        for step in reported(response):
            site = Site(bench.label, step, bench.request.attempt, AFTER_ACK)
            fault = self._plan.strike(site)
            if fault is not None:
                bench.die(self._note(bench.request.run_id, fault, site, bench.cause))
                self._forget()
                return


def _saved_by(response: Response) -> tuple[Op, ...]:
    """The ops of a response that report a step as done for good."""
    if isinstance(response, Returned):
        return response.steps
    if not isinstance(response, Ops):
        return ()
    return tuple(
        op
        for op in response.ops
        if isinstance(op, StepRun) or (isinstance(op, StepErrored) and op.final)
    )
