"""Stories: small simulations in which all is well, and each wrong engine shows.

Each plays to its end in a `with` block, which is where the invariants are checked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import dwf_sim as dwf

GO = dwf.TriggerEvent(event="go")
DATA: dict[str, object] = {"id": 1, "n": 0}

Body = Callable[[dwf.Context], Awaitable[object]]


def play(body: Body, *events: dwf.Event, advance: str | None = None, **settings: Any) -> None:
    """Let a function of these settings meet these events, all at once, and come to its end."""
    app = dwf.App("shop")
    app.create_function(fn_id="f", **{"trigger": GO, "retries": 1, **settings})(body)
    _live(app, *(events or (dwf.Event("go", DATA),)), advance=advance)


def _live(app: dwf.App, *events: dwf.Event, advance: str | None = None) -> None:
    with dwf.Simulation().serve(app) as simulation:
        for event in events:
            simulation.send(event)
            simulation.advance("1s")
        if advance is not None:
            simulation.advance(advance)
        simulation.run_until_idle()


async def _nothing(ctx: dwf.Context) -> None:
    """Return at once."""


async def _two_steps(ctx: dwf.Context) -> object:
    await ctx.step.run("a", lambda: 1)
    await ctx.step.sleep("nap", "1h")
    return await ctx.step.run("b", lambda: 2)


async def _slow(ctx: dwf.Context) -> None:
    async def body() -> None:
        await asyncio.sleep(10)

    await ctx.step.run("work", body)


async def _waiting(ctx: dwf.Context) -> object:
    return await ctx.step.wait_for_event("paid", event="paid", match="data.id", timeout="1h")


def steps() -> None:
    """Two steps with a sleep between them."""
    play(_two_steps)


def parallel() -> None:
    """Two steps at once."""

    async def both(ctx: dwf.Context) -> object:
        return await ctx.group.parallel(
            (lambda: ctx.step.run("a", lambda: 1), lambda: ctx.step.run("b", lambda: 2))
        )

    play(both)


def failing() -> None:
    """A step that never succeeds, and a handler for that."""

    async def charge(ctx: dwf.Context) -> None:
        def body() -> None:
            raise ValueError("no money")

        await ctx.step.run("charge", body)

    play(charge, retries=3, on_failure=_nothing)


def failing_handler() -> None:
    """A handler that never succeeds."""

    async def explode(ctx: dwf.Context) -> None:
        raise ValueError("always")

    play(explode, retries=3)


def giving_up() -> None:
    """An error that must not be retried."""

    async def refuse(ctx: dwf.Context) -> None:
        raise dwf.NonRetriableError("no such order")

    play(refuse, retries=3)


def waits() -> None:
    """A wait that another order's event does not end, and its own does."""
    play(
        _waiting,
        dwf.Event("go", {"id": 1}),
        dwf.Event("paid", {"id": 2}),
        dwf.Event("paid", {"id": 1}),
    )


def wait_in_vain() -> None:
    """A wait that ends when its time is over."""
    play(_waiting)


def invokes() -> None:
    """A function that calls another one."""
    app = dwf.App("shop")

    @app.create_function(fn_id="child", trigger=[])
    async def child(ctx: dwf.Context) -> int:
        await ctx.step.sleep("nap", "1m")
        return 7

    @app.create_function(fn_id="parent", trigger=GO)
    async def parent(ctx: dwf.Context) -> int:
        return await ctx.step.invoke("call", function=child, timeout="1h")

    _live(app, dwf.Event("go"))


def cancels() -> None:
    """Two sleepers, one of whom is cancelled by an event."""
    play(
        _two_steps,
        dwf.Event("go", {"id": 1}),
        dwf.Event("go", {"id": 2}),
        dwf.Event("stop", {"id": 2}),
        cancel=[dwf.Cancel(event="stop", match="data.id")],
    )


def triggers() -> None:
    """Two functions for one event, and a third that does not want this one."""
    app = dwf.App("shop")
    dear = dwf.TriggerEvent(event="go", expression="event.data.n > 100")
    for name, trigger in (("first", GO), ("second", GO), ("dear", dear)):
        app.create_function(fn_id=name, trigger=trigger)(_nothing)
    _live(app, dwf.Event("go", {"n": 1}), dwf.Event("go", {"n": 1000}))


def later() -> None:
    """An event for the day after tomorrow."""
    tomorrow = int(dwf.Simulation().now.timestamp() * 1000) + 2 * 86_400_000
    play(_nothing, dwf.Event("go", ts=tomorrow))


def same_id() -> None:
    """An event that its producer sends twice."""
    play(_nothing, dwf.Event("go", id="order-1"), dwf.Event("go", id="order-1"))


def _three(**settings: Any) -> Callable[[], None]:
    def story() -> None:
        play(_slow, *(dwf.Event("go", {"id": 1, "n": n}) for n in range(3)), **settings)

    return story


busy = _three(concurrency=[dwf.Concurrency(limit=1, key="event.data.id")])
throttled = _three(throttle=dwf.Throttle(limit=1, period="30s"))
rated = _three(rate_limit=dwf.RateLimit(limit=1, period="30s"))
debounced = _three(debounce=dwf.Debounce(period="30s"))
batched = _three(batch_events=dwf.Batch(max_size=2, timeout="30s"))
single = _three(singleton=dwf.Singleton(mode="skip", key="event.data.id"))


def nightly() -> None:
    """A schedule, across the night in which the clocks are set forward."""
    trigger = dwf.TriggerCron(cron="TZ=Europe/Paris 30 2 * * *")
    play(_nothing, dwf.Event("nothing"), advance="95d", trigger=trigger)


def charged_twice() -> None:
    """A step that dies after its effect, with an idempotency key."""
    stripe = dwf.Ledger("stripe")

    async def charge(ctx: dwf.Context) -> None:
        await ctx.step.run("charge", lambda: stripe.call("charge", key="order-1", value=1))

    app = dwf.App("shop")
    app.create_function(fn_id="f", trigger=GO, retries=1)(charge)
    with dwf.Simulation(faults=[dwf.crash.after_effect("charge")]).serve(app) as simulation:
        simulation.send("go")
        simulation.run_until_idle()


# Stories for the bug museum.


def _both(ctx: dwf.Context, *names: str, mode: dwf.ParallelMode = dwf.ParallelMode.WAIT) -> Any:
    return ctx.group.parallel(tuple(lambda n=n: ctx.step.run(n, lambda: n) for n in names), mode)


def racing() -> None:
    """Two steps at once, after each of which the handler is entered."""
    play(lambda ctx: _both(ctx, "a", "b", mode=dwf.ParallelMode.RACE))


async def _fan_in(ctx: dwf.Context) -> object:
    await _both(ctx, "a", "b")
    return await ctx.step.run("c", lambda: 3)


def fan_in() -> None:
    """Two steps at once and one after them, which has to come to its end."""
    app = dwf.App("shop")
    app.create_function(fn_id="f", trigger=GO)(_fan_in)
    with dwf.Simulation().serve(app) as simulation:
        simulation.send("go")
        simulation.heal()


def first_of_two() -> None:
    """Two tasks, of which the first to have done its step is the first at each entry."""

    async def first(ctx: dwf.Context) -> None:
        async def work(name: str, seconds: int) -> str:
            await ctx.step.sleep(f"{name} sleeps", f"{seconds}s")
            return name

        tasks = [asyncio.create_task(work(name, n)) for name, n in (("hare", 5), ("snail", 9))]
        done, told = [], []
        for each in asyncio.as_completed(tasks):
            done.append(await each)
            told.append(await ctx.step.run("tell", lambda: done[-1]))
        dwf.always("what was told first was first", told == done)

    play(first)


def parallel_twice() -> list[str]:
    """The same simulation of steps in parallel, again."""
    digests = []
    for _ in range(2):
        app = dwf.App("shop")
        app.create_function(fn_id="f", trigger=GO)(_fan_in)
        with dwf.Simulation().serve(app) as simulation:
            simulation.send("go")
            simulation.run_until_idle()
        digests.append(simulation.trace.digest())
    return [] if digests[0] == digests[1] else ["replay: the digests differ"]


def many_steps() -> None:
    """A dozen steps, one after the other."""

    async def twelve(ctx: dwf.Context) -> None:
        for nth in range(12):
            await ctx.step.run(f"step {nth}", lambda: None)

    _within_budget(twelve)


def same_step_twice() -> None:
    """A step id that a loop uses again."""

    async def again(ctx: dwf.Context) -> None:
        for _ in range(2):
            await ctx.step.run("again", lambda: None)

    _within_budget(again)


def _within_budget(body: Body) -> None:
    app = dwf.App("shop")
    app.create_function(fn_id="f", trigger=GO)(body)
    with dwf.Simulation(budget=dwf.Budget(steps=1000)).serve(app) as simulation:
        simulation.send("go")
        simulation.run_until_idle()


def checkpointed() -> None:
    """Steps of one request, the second of which is crashed."""
    app = dwf.App("shop", checkpointing=dwf.Checkpointing())

    @app.create_function(fn_id="f", trigger=GO)
    async def f(ctx: dwf.Context) -> str:
        pair: object = await ctx.step.run("pair", lambda: (1, 2))
        return await ctx.step.run("kind", lambda: type(pair).__name__)

    def run(plan: dwf.FaultPlan) -> dwf.Simulation:
        simulation = dwf.Simulation(faults=plan).serve(app)
        simulation.send("go")
        simulation.run_until_idle()
        return simulation

    dwf.check_recovery(run, dwf.crash.after_effect("kind"))


def two_failing_steps() -> None:
    """Two steps each of which fails as often as it may."""

    async def charge(ctx: dwf.Context) -> None:
        def body() -> None:
            if ctx.attempt < 2:
                raise ValueError("no money")

        await ctx.step.run("charge", body)
        await ctx.step.run("ship", body)

    play(charge, retries=2)


def cancels_of_the_past() -> None:
    """A sleeper who is cancelled by an event that says it is of yesterday."""
    yesterday = int(dwf.Simulation().now.timestamp() * 1000) - 86_400_000
    play(
        _two_steps,
        dwf.Event("go", {"id": 1}),
        dwf.Event("stop", {"id": 1}, ts=yesterday),
        cancel=[dwf.Cancel(event="stop", match="data.id")],
    )


def debounced_out_of_order() -> None:
    """A newer event that is overtaken by an older one."""
    now = int(dwf.Simulation().now.timestamp() * 1000)
    newer, older = dwf.Event("go", DATA, ts=now - 10), dwf.Event("go", DATA, ts=now - 5000)
    play(_nothing, newer, older, debounce=dwf.Debounce(period="30s"))


def debounced_with_timeout() -> None:
    """Events that keep coming, for longer than they may be held."""
    debounce = dwf.Debounce(period="3s", timeout="4s")
    play(_nothing, *(dwf.Event("go", DATA) for _ in range(8)), debounce=debounce)


def batched_repeats() -> None:
    """An event that its producer sends twice, and a batch that is not full for it."""
    again = dwf.Event("go", DATA, id="order-1")
    batch = dwf.Batch(max_size=3, timeout="30s")
    play(_nothing, again, again, advance="1m", batch_events=batch)


def debounced_once_a_day() -> None:
    """A debounced function with an idempotency key."""
    play(
        _nothing,
        dwf.Event("go", DATA),
        debounce=dwf.Debounce(period="30s"),
        idempotency="event.data.id",
    )
