"""A simulation in the place of the vendor's dev server: what a case asks of it, and its waiting.

A case is a coroutine. It runs on an event loop whose clock is the simulation's: whenever the case
sleeps, that much virtual time goes by. Deadlines are the case's own, in virtual time.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import enum
import inspect
import itertools
import json
import math
import selectors
import time
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from typing import Any

import attrs

import dwf_sim as dwf
from dwf_sim.drivers.inngest.visit import VISIT
from dwf_sim.model.records import RunScheduled

_POLL_S = 0.2
_SLEPT_S_MAX = 60.0


class RunStatus(enum.Enum):
    """How a run stands, in the server's words."""

    CANCELLED = "CANCELLED"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    RUNNING = "RUNNING"


@attrs.frozen
class RunShown:
    """A run as the server's API shows it: its output, or its error, is a JSON text."""

    id: str
    status: RunStatus
    output: str | None


class Server:
    """Answers what cases ask the server's API, from the simulation they run against."""

    simulation: dwf.Simulation

    def run_case(
        self, simulation: dwf.Simulation, case: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        """Run a case against a simulation."""
        self.simulation = simulation
        with asyncio.Runner(loop_factory=partial(_Loop, simulation)) as runner, _naps():
            runner.run(case())

    async def wait_for(
        self,
        assertion: Callable[[], Any],
        *,
        timeout: datetime.timedelta = datetime.timedelta(seconds=5),
    ) -> None:
        """Let time go on until an assertion holds; raise what it raises when it is too late."""
        deadline = self.simulation.now + timeout
        while True:
            try:
                outcome = assertion()
                if inspect.isawaitable(outcome):
                    await outcome
                return
            except AssertionError:
                if self.simulation.now > deadline:
                    raise
            await asyncio.sleep(_POLL_S)

    async def wait_for_run_status(
        self, run_id: str, expected_status: RunStatus, *, timeout: float = 20
    ) -> RunShown:
        """Wait until a run has a status, which it never does once it has ended with another."""
        run = next(run for run in self.simulation.runs if run.id == run_id)

        def assert_status() -> None:
            assert _status(run) is expected_status, f"it is {run}, not {expected_status.value}"

        await self.wait_for(assert_status, timeout=datetime.timedelta(seconds=timeout))
        shown = run.error if expected_status is RunStatus.FAILED else run.output
        return RunShown(run_id, expected_status, None if shown is None else json.dumps(shown))

    async def get_run_ids_from_event_id(
        self, event_id: str, *, run_count: int, timeout: float = 5
    ) -> list[str]:
        """Wait until an event has started so many runs."""
        found: list[str] = []

        def assert_count() -> None:
            scheduled = self.simulation.trace.of(RunScheduled)
            found[:] = [record.run for record in scheduled if event_id in record.events]
            assert len(found) == run_count

        await self.wait_for(assert_count, timeout=datetime.timedelta(seconds=timeout))
        return found

    async def get_step_output(self, *, run_id: str, step_id: str, index: int | None = None) -> str:
        """Give what a step returned or failed with; `index` is which use of the id, from 0."""
        run = next(run for run in self.simulation.runs if run.id == run_id)
        step = run.steps[f"{step_id}:{index}" if index else step_id]
        return json.dumps({"data": step.output} | ({"error": step.error} if step.error else {}))


server = Server()


class BaseState:
    """What a case notes of its run; its functions set the id when they are entered."""

    run_id: str | None = None

    async def wait_for_run_id(self, **limits: Any) -> str:
        """Wait until a run has begun."""

        def assert_id() -> None:
            assert self.run_id is not None

        await server.wait_for(assert_id, **limits)
        return str(self.run_id)


@attrs.frozen
class ProxyResponse:
    """What the vendor's mock of a web service answers."""

    body: bytes | None
    headers: dict[str, str]
    status_code: int


class Proxy:
    """A web service of a case's own that the server calls; here it is called in process."""

    _numbers = itertools.count(1)

    def __init__(self, on_request: Callable[..., ProxyResponse]) -> None:
        self.origin = f"http://proxy-{next(self._numbers)}.test"
        self._on_request = on_request

    def start(self) -> None:
        """Have the AI step of the case answered by this service."""
        server.simulation.stub_step("do-the-thing", self._infer)

    def stop(self) -> None:
        """Nothing listens, so there is nothing to stop."""

    def _infer(self, request: dict[str, Any]) -> object:
        """Call the service as the server's AI gateway does."""
        assert request["url"].startswith(self.origin)
        headers = {"X-Api-Key": request["auth_key"]} | request["headers"]
        response = self._on_request(
            body=json.dumps(request["body"]).encode(),
            headers={name.title(): [value] for name, value in headers.items()},
            method="POST",
            path=request["url"].removeprefix(self.origin),
        )
        assert response.body is not None
        return json.loads(response.body)


class _Loop(asyncio.SelectorEventLoop):
    """The loop of a case: where others wait, it lets the simulation's time go on."""

    def __init__(self, simulation: dwf.Simulation) -> None:
        self._simulation = simulation
        super().__init__(_Waiting(simulation))

    def time(self) -> float:
        now, start = self._simulation.now_ms, self._simulation.start_ms
        return (now - start) / 1000  # A small number: a float of today's has no thousandths.


class _Waiting(selectors.DefaultSelector):
    def __init__(self, simulation: dwf.Simulation) -> None:
        super().__init__()
        self._simulation = simulation

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout:
            self._simulation.advance(math.ceil(timeout * 1000))
        return super().select(0)


@contextlib.contextmanager
def _naps() -> Iterator[None]:
    """Have `time.sleep` make the answer late by as much: a plain `def` handler cannot wait."""
    slept = 0.0

    def nap(seconds: float) -> None:
        nonlocal slept
        slept += seconds
        VISIT.get().bench.delay(round(seconds * 1000))
        if slept > _SLEPT_S_MAX:
            raise TimeoutError("the handler sleeps for something that cannot happen meanwhile")

    real, time.sleep = time.sleep, nap
    try:
        yield
    finally:
        time.sleep = real


def _status(run: dwf.RunView) -> RunStatus:
    known = {status.value: status for status in RunStatus}
    return known.get(run.status.upper(), RunStatus.RUNNING)
