"""What an SDK function is registered with, and what is refused."""

from __future__ import annotations

import datetime
from typing import Any

import inngest
import pytest

import dwf_sim as dwf
from dwf_sim.drivers.inngest.registration import configs_of
from dwf_sim.model.function import FunctionConfig

GO = inngest.TriggerEvent(event="go")
HOUR = 3_600_000

client = inngest.Inngest(app_id="shop")


def make(**settings: Any) -> Any:
    async def handler(ctx: inngest.Context) -> None: ...

    settings = {"fn_id": "f", "trigger": GO, **settings}
    return client.create_function(**settings)(handler)


def config_of(**settings: Any) -> FunctionConfig:
    return configs_of([make(**settings)])[0]


@pytest.mark.rule("W7", "B70")
def test_a_function_is_registered_with_all_that_it_was_given() -> None:
    found = config_of(
        name="F",
        trigger=[
            inngest.TriggerEvent(event="a", expression="event.data.x > 1"),
            inngest.TriggerCron(cron="0 9 * * *", jitter="30s"),
        ],
        retries=7,
        cancel=[
            inngest.Cancel(event="stop", if_exp="async.data.x == 1", timeout=datetime.timedelta(1))
        ],
        timeouts=inngest.Timeouts(start=60_000, finish=2 * HOUR),
        debounce=inngest.Debounce(key="event.data.k", period=HOUR, timeout=2 * HOUR),
        rate_limit=inngest.RateLimit(key="event.data.k", limit=3, period=HOUR),
        singleton=inngest.Singleton(key="event.data.k", mode="cancel"),
        concurrency=[
            inngest.Concurrency(limit=5),
            inngest.Concurrency(limit=2, key="'x'", scope="env"),
        ],
        throttle=inngest.Throttle(limit=1, period=10_000, key="event.data.k"),
        priority=inngest.Priority(run="int(event.data.p)"),
    )

    assert found == FunctionConfig(
        "shop-f",
        "shop",
        "F",
        (dwf.TriggerEvent("a", "event.data.x > 1"), dwf.TriggerCron("0 9 * * *", "30s")),
        retries=7,
        cancel=(dwf.Cancel("stop", if_exp="async.data.x == 1", timeout="1d"),),
        timeouts=dwf.Timeouts(start="1m", finish="2h"),
        debounce=dwf.Debounce(key="event.data.k", period="1h", timeout="2h"),
        rate_limit=dwf.RateLimit(key="event.data.k", limit=3, period="1h"),
        singleton=dwf.Singleton(key="event.data.k", mode="cancel"),
        concurrency=(
            dwf.Concurrency(limit=5),
            dwf.Concurrency(limit=2, key="'x'", scope="env"),
        ),
        throttle=dwf.Throttle(limit=1, period="10s", key="event.data.k", burst=1),
        priority=dwf.Priority(run="int(event.data.p)"),
    )


@pytest.mark.rule("A60", "B53", "W7")
def test_what_was_not_given_is_as_the_server_has_it() -> None:
    batch = inngest.Batch(max_size=3, timeout=5_000, key="event.data.k", if_exp="event.data.ok")

    plain, batched, once = (
        config_of(),
        config_of(batch_events=batch),
        config_of(idempotency="event.data.id"),
    )

    assert plain == FunctionConfig("shop-f", "shop", "f", (dwf.TriggerEvent("go"),), retries=4)
    assert batched.batch == dwf.Batch(
        max_size=3, timeout="5s", key="event.data.k", if_exp="event.data.ok"
    )
    assert once.rate_limit == dwf.RateLimit(limit=1, period="24h", key="event.data.id")
    assert once.idempotency == "event.data.id"


@pytest.mark.rule("A165", "W7")
def test_a_failure_handler_has_one_attempt_and_no_flow_control() -> None:
    async def note(ctx: inngest.Context) -> None: ...

    main, failure = configs_of(
        [make(on_failure=note, name="F", concurrency=[inngest.Concurrency(limit=1)])]
    )

    assert main.concurrency == (dwf.Concurrency(limit=1),)
    assert failure == FunctionConfig(
        "shop-f-failure",
        "shop",
        "F (failure)",
        (dwf.TriggerEvent("inngest/function.failed", "event.data.function_id == 'shop-f'"),),
        retries=0,
    )


@pytest.mark.rule("B104", "B317", "B319")
def test_all_that_is_wrong_with_an_app_is_said_at_once() -> None:
    functions = [
        make(fn_id="fine"),
        make(fn_id="batch", batch_events=inngest.Batch(max_size=1, timeout=86_400_000)),
        make(fn_id="short", debounce=inngest.Debounce(period=10)),
        make(fn_id="part", throttle=inngest.Throttle(limit=1, period=1_500)),
        make(fn_id="expression", trigger=inngest.TriggerEvent(event="a", expression="event.(")),
        make(fn_id="cron", trigger=inngest.TriggerCron(cron="every day")),
        make(fn_id="many", concurrency=[inngest.Concurrency(limit=1)] * 3),
        make(fn_id="nameless", trigger=inngest.TriggerEvent(event="")),
        make(fn_id="fine"),
    ]

    with pytest.raises(dwf.ConfigError) as caught:
        dwf.Simulation().serve((client, functions))

    title, *problems = str(caught.value).split("\n* ")
    assert title == "At least one function is invalid:"
    expected = [
        ("'batch'", "batch size cannot be smaller than 2: 1"),
        ("'batch'", "invalid timeout string: 1d"),
        ("'short'", "duration must be at least 1 second"),
        ("'part'", "duration must be a whole number of seconds"),
        ("'expression'", "invalid trigger expression on 'a'"),
        ("'cron'", "every day"),
        ("'many'", "allowed max of: 2"),
        ("'nameless'", "An event trigger must specify an event name"),
        ("'fine'", "its id is used twice"),
    ]
    assert len(problems) == len(expected), problems
    for problem, words in zip(problems, expected, strict=True):
        assert all(word in problem for word in words), problem


def test_flow_control_of_an_sdk_function_is_obeyed() -> None:
    async def handler(ctx: inngest.Context) -> None:
        await ctx.step.sleep("s", 1_000)

    throttled = client.create_function(
        fn_id="f", trigger=GO, throttle=inngest.Throttle(limit=1, period=10_000)
    )(handler)
    sim = dwf.Simulation().serve((client, [throttled]))

    for _ in range(4):
        sim.send("go")
    sim.run_until_idle()

    starts = [run.started_at - sim.start_ms for run in sim.runs if run.started_at is not None]
    assert starts == [0, 0, 10_000, 20_000]


def test_an_sdk_cron_fires() -> None:
    async def handler(ctx: inngest.Context) -> str:
        return ctx.event.name

    daily = client.create_function(fn_id="d", trigger=inngest.TriggerCron(cron="0 9 * * *"))(
        handler
    )
    sim = dwf.Simulation().serve((client, [daily]))

    sim.advance("2d")

    assert [run.output for run in sim.runs] == ["inngest/scheduled.timer"] * 2


@pytest.mark.parametrize("is_first", [True, False])
def test_an_id_that_a_failure_handler_has_is_named(is_first: bool) -> None:
    async def on_failure(ctx: inngest.Context) -> None: ...

    plain, handled = make(fn_id="f-failure"), make(fn_id="f", on_failure=on_failure)
    functions = [handled, plain] if is_first else [plain, handled]

    with pytest.raises(dwf.ConfigError) as caught:
        dwf.Simulation().serve((client, functions))

    assert "'f-failure': its id is used twice" in str(caught.value)
    assert ("by the failure handler of 'f'" in str(caught.value)) is not is_first


def test_functions_of_two_kinds_cannot_share_an_id() -> None:
    app, own = dwf.App("kinds"), inngest.Inngest(app_id="kinds")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent("go"))
    async def native(ctx: dwf.Context) -> None: ...

    @own.create_function(fn_id="f", trigger=inngest.TriggerEvent(event="go"))
    async def vendors(ctx: inngest.Context) -> None: ...

    with pytest.raises(dwf.ConfigError, match="id 'kinds-f' is that of two of the functions"):
        dwf.Simulation().serve([native, vendors])


def test_two_apps_of_one_id_cannot_share_a_functions_id() -> None:
    def function() -> dwf.Function[None]:
        @dwf.App("twice").create_function(fn_id="f", trigger=dwf.TriggerEvent("go"))
        async def handler(ctx: dwf.Context) -> None: ...

        return handler

    one, other = function(), function()

    with pytest.raises(dwf.ConfigError, match="id 'twice-f' is that of two of the functions"):
        dwf.Simulation().serve([one, other])
    assert dwf.Simulation().serve(one).serve(other).runs == []  # The later one is a new version.
