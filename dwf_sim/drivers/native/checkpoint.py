"""Checkpoints: the steps a request has done and goes on after (A200-A207).

The vendor's TypeScript SDK does this; its file is `packages/inngest/src/components/execution/
engine.ts`. A report to the engine takes no time, and one that is refused is not tried again.
"""

from __future__ import annotations

from dwf_sim.drivers.base import Bench
from dwf_sim.drivers.native.call import StepCall
from dwf_sim.model.checkpointing import Checkpointing
from dwf_sim.model.messages import Ops, Request, Response, Returned
from dwf_sim.model.ops import StepRun

# Steps that take no virtual time never reach `max_runtime`, so a handler that loops over them
# would not end. This many are far more than a run may have in several requests (A180).
_STEPS_MAX = 10_000


def checkpoints_of(
    settings: Checkpointing | None, request: Request, bench: Bench
) -> Checkpoints | None:
    """Make the checkpoints of a request, unless it is for one step or for plans only (A200)."""
    if settings is None or request.target is not None or request.plan_only:
        return None
    return Checkpoints(settings, bench, is_retry=request.attempt > 0)


class Checkpoints:
    """The steps of one request that the engine does not know of yet."""

    def __init__(self, settings: Checkpointing, bench: Bench, *, is_retry: bool) -> None:
        self._bench = bench
        self._is_retry = is_retry
        self._buffer: list[StepRun] = []
        self._count = 0
        self._buffered_max = settings.buffered_steps
        self._send_at = bench.now + settings.max_interval if settings.max_interval else None
        self._plan_at = bench.now + settings.max_runtime if settings.max_runtime else None

    @property
    def is_used_up(self) -> bool:
        """Whether the next steps are to have requests of their own (A204)."""
        is_late = self._plan_at is not None and self._now >= self._plan_at
        return is_late or self._count >= _STEPS_MAX

    def after(self, call: StepCall, response: Response) -> Response | None:
        """Say how the request ends after a step, or None: it goes on with the step's memo.

        A retry ends, so that the next step has attempts of its own (A205). So does a request
        that nobody waits for any more (A207).
        """
        ran = response.ops[0] if isinstance(response, Ops) else None
        if self._is_retry or not isinstance(ran, StepRun):
            return response
        self._buffer.append(ran)
        self._count += 1
        if self._is_time_to_send() and (refused := self._send()):
            return Ops(refused)
        call.memo = f'{{"data":{ran.data}}}'
        return None

    def close(self, response: Response) -> Response:
        """Report what is left: with the function's result, or ahead of anything else (A203)."""
        if not self._buffer:
            return response
        if isinstance(response, Returned):
            return Returned(response.output, tuple(self._buffer))
        refused = self._send()
        return Ops(refused) if refused else response

    def _is_time_to_send(self) -> bool:
        """Say whether the buffer is full, or the interval over: once, counted from the beginning
        of the request, as recorded (max_interval)."""
        if self._send_at is not None and self._now >= self._send_at:
            self._send_at = None
            return True
        return len(self._buffer) >= self._buffered_max

    def _send(self) -> tuple[StepRun, ...]:
        """Empty the buffer; returns what the engine has refused."""
        steps = tuple(self._buffer)
        self._buffer.clear()
        return () if self._bench.checkpoint(steps) else steps

    @property
    def _now(self) -> int:
        """A plain `def` handler stays at one instant, and what it takes is added up beside it."""
        return self._bench.now + self._bench.late_ms
