"""Generated programs: random functions, events and crashes from a number, for properties.

`python -m tests.programs FIRST COUNT` prints the digest of each, for a comparison with another
process.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import attrs

import dwf_sim as dwf

KINDS = (
    "run", "run", "run", "awaits", "fails", "sleep", "wait", "gather", "parallel", "race",
    "first", "invoke", "send", "signal", "caught", "chance", "log",
)  # fmt: skip


@attrs.frozen
class Op:
    """One thing a generated handler does."""

    kind: str
    id: str
    number: int
    branches: tuple[tuple[Op, ...], ...] = ()


@attrs.frozen
class Program:
    """A function, what is sent to it and when, and what goes wrong."""

    ops: tuple[Op, ...]
    sends: tuple[tuple[int, str], ...]
    faults: tuple[dwf.Fault, ...]
    seed: int
    interleave: str
    checkpointing: dwf.Checkpointing | None
    flow: dict[str, Any]


def make_program(number: int) -> Program:
    """Make the program of a number."""
    chance = random.Random(number)
    ops = _ops(chance, depth=2, count=chance.randint(1, 6))
    ids = [op.id for op in _flat(ops)]
    sends = [(0, "go")] * chance.randint(1, 2)
    sends += [(chance.randint(0, 90_000), "answer") for _ in range(chance.randint(0, 3))]
    faults = tuple(_fault(chance, chance.choice(ids)) for _ in range(chance.randint(0, 3)))
    interleave = chance.choice(("fifo", "random"))
    seed = chance.randrange(1000)
    checkpointing = _checkpointing(chance)  # Last, so that the other draws stay as they were,
    flow = _flow(chance)  # and what is later still even more so.
    if flow:
        sends += [(chance.randint(0, 9_000), "go") for _ in range(chance.randint(1, 5))]
    return Program(ops, tuple(sorted(sends)), faults, seed, interleave, checkpointing, flow)


def run_program(program: Program, *, watch: bool = False) -> dwf.Simulation:
    """Run a program to its end."""
    simulation = dwf.Simulation(
        program.seed,
        faults=program.faults,
        interleave=program.interleave,
        watch=watch,
        latency=dwf.Latency(request=("0ms", "80ms"), step=("0ms", "20ms")),
    )
    simulation.serve(_app(program))
    for at, name in program.sends:
        simulation.advance(at - (simulation.now_ms - simulation.start_ms))
        simulation.send(name, {"n": at})
    simulation.run_until_idle()
    return simulation


def _ops(chance: random.Random, depth: int, count: int) -> tuple[Op, ...]:
    return tuple(_op(chance, depth) for _ in range(count))


def _op(chance: random.Random, depth: int) -> Op:
    kind = chance.choice(KINDS)
    name, number = f"{kind}-{chance.randrange(6)}", chance.randrange(4)
    grouped = kind in ("gather", "parallel", "race", "first")
    if not grouped or not depth:
        return Op("run" if grouped else kind, name, number)
    branches = tuple(
        _ops(chance, depth - 1, chance.randint(1, 2)) for _ in range(chance.randint(1, 3))
    )
    return Op(kind, name, number, branches)


def _flat(ops: tuple[Op, ...]) -> list[Op]:
    inner = [op for parent in ops for branch in parent.branches for op in _flat(branch)]
    return [*ops, *inner]


def _fault(chance: random.Random, step: str) -> dwf.Fault:
    make: Callable[..., dwf.Fault] = chance.choice(
        (dwf.crash.before, dwf.crash.inside, dwf.crash.after_effect, dwf.response.lose)
    )
    return make(step, times=chance.randint(1, 2))


def _checkpointing(chance: random.Random) -> dwf.Checkpointing | None:
    return chance.choice(
        (
            None,
            None,
            dwf.Checkpointing(),
            dwf.Checkpointing(buffered_steps=3, max_interval="50ms", max_runtime="100ms"),
        )
    )


def _flow(chance: random.Random) -> dict[str, Any]:
    """Choose some flow control; half of the functions have none."""
    key = "string(int(event.data.n) % 2)"
    settings: dict[str, Any] = {
        "concurrency": [dwf.Concurrency(limit=2), dwf.Concurrency(limit=1, key=key)],
        "throttle": dwf.Throttle(limit=1, period="5s", key=key),
        "priority": dwf.Priority(run="int(event.data.n) % 100 - 50"),
        "singleton": dwf.Singleton(mode=chance.choice(("skip", "cancel")), key=key),
    }
    window: list[dict[str, Any]] = [
        {"rate_limit": dwf.RateLimit(limit=1, period="7s", key=key)},
        {"debounce": dwf.Debounce(period="3s", timeout="8s")},
        {"batch_events": dwf.Batch(max_size=3, timeout="4s", key=key)},
    ]
    if chance.random() < 0.5:
        return {}
    chosen = {name: settings[name] for name in settings if chance.random() < 0.4}
    last = chance.choice([{}, *window])
    if "batch_events" in last:
        chosen = {name: chosen[name] for name in chosen if name in ("concurrency", "throttle")}
    return {**chosen, **last}


def _app(program: Program) -> dwf.App:
    app = dwf.App("generated", checkpointing=program.checkpointing)
    failures: dict[str, int] = {}

    @app.create_function(fn_id="child", trigger=[], retries=1)
    async def child(ctx: dwf.Context) -> int:
        return await ctx.step.run("child", lambda: 7)

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"), retries=2, **program.flow)
    async def f(ctx: dwf.Context) -> Any:
        return await Interpreter(ctx, child, failures).all(program.ops)

    return app


class Interpreter:
    """Does what the ops say, from the beginning at each entry of the handler."""

    def __init__(
        self, ctx: dwf.Context, child: dwf.Function[int], failures: dict[str, int]
    ) -> None:
        self._ctx = ctx
        self._child = child
        self._failures = failures

    async def all(self, ops: tuple[Op, ...]) -> list[Any]:
        """Do ops one after the other."""
        return [await self._one(op) for op in ops]

    async def _one(self, op: Op) -> Any:
        action: Callable[[Op], Awaitable[Any]] = getattr(self, f"_{op.kind}")
        return await action(op)

    def _branches(self, op: Op) -> list[Callable[[], Awaitable[Any]]]:
        return [lambda branch=branch: self.all(branch) for branch in op.branches]

    async def _run(self, op: Op) -> Any:
        return await self._ctx.step.run(op.id, lambda: {"n": op.number, "t": (1, 2)})

    async def _awaits(self, op: Op) -> Any:
        async def body() -> int:
            for _ in range(op.number):
                await asyncio.sleep(0.01 * op.number)
            return op.number

        return await self._ctx.step.run(op.id, body)

    async def _fails(self, op: Op) -> Any:
        key = f"{self._ctx.run_id} {op.id}"

        def body() -> str:
            self._failures[key] = self._failures.get(key, 0) + 1
            if self._failures[key] <= op.number:
                raise ValueError(f"failure {self._failures[key]}")
            return "at last"

        return await self._ctx.step.run(op.id, body)

    async def _caught(self, op: Op) -> Any:
        def body() -> None:
            raise ValueError("always")

        try:
            await self._ctx.step.run(op.id, body)
        except dwf.StepError as error:
            return error.name

    async def _chance(self, op: Op) -> Any:
        return await self._ctx.step.run(op.id, random.random)

    async def _sleep(self, op: Op) -> Any:
        await self._ctx.step.sleep(op.id, f"{op.number * 7}s")

    async def _wait(self, op: Op) -> Any:
        event = await self._ctx.step.wait_for_event(op.id, event="answer", timeout="45s")
        return event and event.data

    async def _invoke(self, op: Op) -> Any:
        return await self._ctx.step.invoke(op.id, function=self._child, data={"n": op.number})

    async def _send(self, op: Op) -> Any:
        return await self._ctx.step.send_event(op.id, dwf.Event("answer", {"n": op.number}))

    async def _signal(self, op: Op) -> Any:
        return await self._ctx.step.wait_for_signal(
            op.id, signal=f"s{op.number}", timeout="30s", on_conflict="replace"
        )

    async def _log(self, op: Op) -> Any:
        self._ctx.logger.info("at %s", op.id)

    async def _gather(self, op: Op) -> Any:
        return await asyncio.gather(*(branch() for branch in self._branches(op)))

    async def _parallel(self, op: Op) -> Any:
        return await self._ctx.group.parallel(tuple(self._branches(op)))

    async def _race(self, op: Op) -> Any:
        return await self._ctx.group.race(tuple(self._branches(op)))

    async def _first(self, op: Op) -> Any:
        tasks = [asyncio.ensure_future(branch()) for branch in self._branches(op)]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return [task.result() for task in tasks if task in done]


if __name__ == "__main__":
    first, count = int(sys.argv[1]), int(sys.argv[2])
    for number in range(first, first + count):
        sys.stdout.write(run_program(make_program(number)).trace.digest() + "\n")
