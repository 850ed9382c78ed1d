"""Groups of steps: `group.parallel` as in the vendor's Python SDK, `group.race` as in TypeScript.

`asyncio.gather`, `asyncio.wait` and `TaskGroup` run steps in parallel too, without a group.
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from dwf_sim.drivers.native.call import DISCOVERY, RACE, Discovery
from dwf_sim.drivers.native.entry import Entry
from dwf_sim.drivers.native.interrupts import Interrupt
from dwf_sim.model.messages import Ops

T = TypeVar("T")


class ParallelMode(enum.Enum):
    """When the handler goes on: when all steps of a group are done, or after each (A31, A32)."""

    WAIT = "wait"
    RACE = "race"


class Group:
    """Steps in parallel and races of an `async def` handler (A32, A38)."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry

    async def parallel(
        self,
        callables: tuple[Callable[[], Awaitable[T]], ...],
        parallel_mode: ParallelMode = ParallelMode.WAIT,
    ) -> tuple[T, ...]:
        """Run steps in parallel: `parallel((lambda: ctx.step.run(…), lambda: …))` (A38).

        The callables are called one after the other, and their results are in their order.
        `RACE` changes only how often the handler is entered; it waits for all of them too.
        """
        outputs: list[T] = []
        with _discovering(parallel_mode) as discovery:
            for branch in callables:
                known = len(discovery.calls)
                try:
                    outputs.append(await branch())
                    del discovery.calls[known:]  # Their interrupts were swallowed (A18).
                except (Interrupt, BaseExceptionGroup) as error:
                    discovery.note(error)
        discovery.hand_over(DISCOVERY.get())
        if discovery.calls:
            await self._entry.report(discovery.calls)
        return tuple(outputs)

    async def race(self, callables: tuple[Callable[[], Awaitable[T]], ...]) -> T:
        """Start the callables together and return the first result (A32, A35b).

        The others go on: a run does not end before the steps it has started (A36).
        """

        async def run(branch: Callable[[], Awaitable[T]]) -> T:
            return await branch()

        token = RACE.set(True)
        try:
            tasks = [asyncio.create_task(run(branch)) for branch in callables]
        finally:
            RACE.reset(token)
        for task in tasks:
            task.add_done_callback(_look_at_error)
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(task for task in tasks if task in done).result()


class GroupSync:
    """Steps in parallel of a plain `def` handler (A38)."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry

    def parallel(
        self,
        callables: tuple[Callable[[], T], ...],
        parallel_mode: ParallelMode = ParallelMode.WAIT,
    ) -> tuple[T, ...]:
        """Run steps in parallel; see `Group.parallel`."""
        outputs: list[T] = []
        with _discovering(parallel_mode) as discovery:
            for branch in callables:
                known = len(discovery.calls)
                try:
                    outputs.append(branch())
                    del discovery.calls[known:]  # Their interrupts were swallowed (A18).
                except (Interrupt, BaseExceptionGroup) as error:
                    discovery.note(error)
        discovery.hand_over(DISCOVERY.get())
        if discovery.calls:
            self._entry.interrupt(Ops(tuple(call.op() for call in discovery.calls)))
        return tuple(outputs)


def _look_at_error(task: asyncio.Task[T]) -> None:
    """Nobody asks how a loser ended, and asyncio would log that."""
    if not task.cancelled():
        task.exception()


@contextmanager
def _discovering(mode: ParallelMode) -> Iterator[Discovery]:
    discovery = Discovery(mode is ParallelMode.RACE)
    token = DISCOVERY.set(discovery)
    try:
        yield discovery
    finally:
        DISCOVERY.reset(token)
