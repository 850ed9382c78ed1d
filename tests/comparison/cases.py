"""Cases: each is one function, triggered, and an answer in words. Both modules are given the same.

That dwf_sim answers as the server does is shown rule by rule in `tests/drivers/test_trigger.py`.
"""

from __future__ import annotations

import asyncio
import datetime
import warnings
from collections.abc import Callable
from typing import Any

import attrs
import inngest

from tests.drivers.stage import Fails

GO = inngest.TriggerEvent(event="go")
DAY = datetime.timedelta(days=1)


@attrs.frozen
class Case:
    """What is asked, and how the question is put to a module like `mocked`."""

    question: str
    ask: Callable[[Any], str]


CASES: list[Case] = []


def case(question: str) -> Callable[[Callable[[Any], str]], Callable[[Any], str]]:
    """Register the function below as the way to put a question."""

    def register(ask: Callable[[Any], str]) -> Callable[[Any], str]:
        CASES.append(Case(question, ask))
        return ask

    return register


def _trigger(module: Any, handler: Any, event: str = "go", **settings: Any) -> Any:
    client = inngest.Inngest(app_id="shop", is_production=False)
    made = client.create_function(**{"fn_id": "f", "trigger": GO, **settings})(handler)
    return module.trigger(made, inngest.Event(name=event), module.Inngest(app_id="test"))


def _ended(result: Any) -> str:
    return str(result.status.value).lower()


@case("Step `a` fails twice, then step `b` once, with `retries=2`. How does the run end?")
def retries(module: Any) -> str:
    a, b = Fails(2), Fails(1)

    def handler(ctx: inngest.ContextSync) -> None:
        ctx.step.run("a", a)
        ctx.step.run("b", b)

    return _ended(_trigger(module, handler, retries=2))


@case("How often is a step tried that raises `NonRetriableError`?")
def non_retriable(module: Any) -> str:
    body = Fails(error=inngest.NonRetriableError)

    def handler(ctx: inngest.ContextSync) -> None:
        ctx.step.run("a", body)

    _trigger(module, handler)
    return str(body.calls)


@case("A function fails that has `on_failure`. How often is that called?")
def on_failure(module: Any) -> str:
    heard: list[str] = []

    def handler(ctx: inngest.ContextSync) -> None:
        raise ValueError("no")

    def note(ctx: inngest.ContextSync) -> None:
        heard.append(ctx.event.name)

    _trigger(module, handler, retries=0, on_failure=note)
    return str(len(heard))


@case("An event comes that is none of the function's triggers. Does it run?")
def other_event(module: Any) -> str:
    entered: list[str] = []

    def handler(ctx: inngest.ContextSync) -> None:
        entered.append(ctx.run_id)

    try:
        _trigger(module, handler, event="other")
    except Exception as error:
        return f"no: {type(error).__name__}"
    return "yes" if entered else "no"


@case("A step returns a tuple. What does the handler get?")
def json_trip(module: Any) -> str:
    def handler(ctx: inngest.ContextSync) -> str:
        return type(ctx.step.run("a", lambda: (1, 2))).__name__

    return f"a {_trigger(module, handler).output}"


@case("It is called in an `async def` test, where an event loop runs. What happens?")
def in_a_loop(module: Any) -> str:
    async def handler(ctx: inngest.Context) -> str:
        return await ctx.step.run("a", lambda: "inside")

    async def test() -> str:
        try:
            return _ended(_trigger(module, handler))
        except RuntimeError as error:
            return type(error).__name__

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # The mock drops a coroutine of its own.
        return asyncio.run(test())


@case("A handler sends one event. How many ids does it get?")
def ids_of_a_send(module: Any) -> str:
    client = module.Inngest(app_id="test")

    def handler(ctx: inngest.ContextSync) -> int:
        return len(client.send_sync(inngest.Event(name="told")))

    made = client.create_function(fn_id="f", trigger=GO)(handler)
    return str(module.trigger(made, inngest.Event(name="go"), client).output)


@case("A function sleeps for a day. How much later is it by its clock?")
def clock(module: Any) -> str:
    def handler(ctx: inngest.ContextSync) -> int:
        began = ctx.step.run("before", lambda: datetime.datetime.now().timestamp())
        ctx.step.sleep("a", DAY)
        return round(datetime.datetime.now().timestamp() - began) // 86_400

    days = _trigger(module, handler).output
    return "a day" if days == 1 else f"{days} days"


@case("A step fails once. How long is it until it is tried again, by its clock?")
def backoff(module: Any) -> str:
    tries: list[float] = []

    def body() -> None:
        tries.append(datetime.datetime.now().timestamp())
        if len(tries) == 1:
            raise ValueError("no")

    def handler(ctx: inngest.ContextSync) -> None:
        ctx.step.run("a", body)

    _trigger(module, handler)
    waited = tries[1] - tries[0]
    return "15 s to 45 s" if 15 <= waited <= 45 else f"{round(waited)} s"


@case("The key of a function's `concurrency` is no expression. Is that noticed?")
def bad_key(module: Any) -> str:
    def handler(ctx: inngest.ContextSync) -> None:
        ctx.step.run("a", lambda: None)

    try:
        _trigger(module, handler, concurrency=[inngest.Concurrency(limit=1, key="event.data.x +")])
    except Exception as error:
        return f"yes: {type(error).__name__}"
    return "no"
