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
