"""Expressions where the engine asks for them: triggers and waits."""

from __future__ import annotations

import pytest

import dwf_sim as dwf
from tests.drivers.stage import every_driver, serve


def started_by(driver: str, expressions: list[str | None], data: dict[str, object]) -> int:
    """How many runs an event starts in a function with these filters on one event name."""
    app = dwf.App("a")

    @app.create_function(
        fn_id="f",
        trigger=[dwf.TriggerEvent(event="go", expression=text) for text in expressions],
    )
    async def f(ctx: dwf.Context) -> None:
        return None

    return len(serve(app, driver).send("go", data).runs)


def answered(
    driver: str, expression: str, mine: dict[str, object], yours: dict[str, object]
) -> object:
    """What a run that waits with this expression gets: the event's data, or None."""
    app = dwf.App("a")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"), retries=0)
    async def f(ctx: dwf.Context) -> object:
        event = await ctx.step.wait_for_event("w", event="answer", timeout="1h", if_exp=expression)
        return event and event.data

    simulation = serve(app, driver)
    run = simulation.send("go", mine).run
    simulation.advance("1m")
    simulation.send("answer", yours)
    simulation.run_until_idle()
    return run.output if run.status == "completed" else run.error


@every_driver
@pytest.mark.rule("B34", "B36", "B204", "B206", "B207")
@pytest.mark.parametrize(
    ("expression", "data", "runs"),
    [
        ("event.data.total > 100", {"total": 120}, 1),
        ("event.data.total > 100", {"total": 80}, 0),
        ('event.data.plan != "free"', {}, 1),
        ("event.data.flag", {"flag": True}, 1),
        ("event.data.flag", {}, 0),
        ("event.data.flag", {"flag": "yes"}, 0),  # Not a boolean: an error, so no run.
        ("event.data.n > 1", {"n": "text"}, 0),  # An error.
        ("async.data.n == 1", {}, 0),  # There is no async event here.
        ('event.name == "go"', {}, 1),
    ],
)
def test_a_trigger_starts_a_run_only_if_its_expression_is_true(
    driver: str, expression: str, data: dict[str, object], runs: int
) -> None:
    assert started_by(driver, [expression], data) == runs


@every_driver
@pytest.mark.rule("B34", "B35")
def test_a_trigger_without_an_answer_leaves_it_to_the_next_one(driver: str) -> None:
    assert started_by(driver, ["event.data.n > 1", "true"], {"n": "text"}) == 1
    assert started_by(driver, ["true", "true || event.data.x"], {}) == 1


@every_driver
@pytest.mark.rule("A102", "A103", "B204", "B208")
@pytest.mark.parametrize(
    ("expression", "mine", "yours", "is_match"),
    [
        ("event.data.id == async.data.id", {"id": 1}, {"id": 1}, True),
        ("event.data.id == async.data.id", {"id": 1}, {"id": 2}, False),
        ("event.data.nope == async.data.nope", {}, {}, True),
        ("event.data.nope == async.data.id", {}, {"id": 1}, False),
        ("event.data.id == async.data.nope", {"id": 1}, {}, False),
        ("async.data.nope == 'x'", {}, {}, False),
        ("async.data.nope != 'x'", {}, {}, True),
        ("async.data.nope == null", {}, {}, True),
        ("event.data.n == async.data.s", {"n": 1}, {"s": "1"}, False),
        ("async.data.s > 3", {}, {"s": "1"}, False),
        ("async.data.z == event.data.z", {"z": None}, {}, True),
        ("async.data.f == event.data.n", {"n": 1}, {"f": 1.0}, True),
        ("async.data.flag", {}, {"flag": "yes"}, False),
    ],
)
def test_a_wait_takes_an_event_only_if_its_expression_is_true(
    driver: str, expression: str, mine: dict[str, object], yours: dict[str, object], is_match: bool
) -> None:
    assert answered(driver, expression, mine, yours) == (yours if is_match else None)


@every_driver
@pytest.mark.rule("A24", "A104")
@pytest.mark.parametrize("expression", ["async.data.f ===", "invalid", "unknownfn(1) == 2"])
def test_a_wait_whose_expression_is_refused_fails_the_run_at_once(
    driver: str, expression: str
) -> None:
    error = answered(driver, expression, {}, {})

    assert isinstance(error, dict)
    assert error.pop("stack").startswith("error compiling expression: ")
    assert error == {
        "error": "InvalidExpression: Wait for event If expression failed to compile",
        "name": "InvalidExpression",
        "message": "Wait for event If expression failed to compile",
    }


@pytest.mark.rule("B221", "B305")
@pytest.mark.parametrize("expression", ["event.data.a =", "foo == 1", "event.data.a === 1"])
def test_a_trigger_that_cannot_be_read_is_refused_when_the_function_is_made(
    expression: str,
) -> None:
    with pytest.raises(dwf.ConfigError, match="invalid trigger expression on 'go'"):
        started_by("native", [expression], {})
