"""`ctx.logger`: each line once, however often the handler replays."""

from __future__ import annotations

import logging
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim.model.records import Logged
from tests.drivers.stage import both_kinds, every_kind, every_way, play, together


@every_kind
@pytest.mark.rule("A210")
def test_a_line_is_logged_in_the_request_in_which_its_code_is_new(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        ctx.logger.info("begin %s", ctx.event.name)
        await ctx.step.run("a", lambda: 1)
        ctx.logger.info("between")
        await ctx.step.run("b", lambda: 2)
        ctx.logger.info("end")

    played = play(handler, kind)

    assert played.run.entries == 3
    assert played.lines == ["begin go", "between", "end"]


@every_kind
@pytest.mark.rule("A210")
def test_a_line_before_the_first_step_is_logged_again_when_that_step_is_retried(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        ctx.logger.info("attempt %d", ctx.attempt)
        if ctx.attempt == 0:
            raise ValueError("again")
        await ctx.step.run("a", lambda: 1)

    played = play(handler, kind, retries=1)

    assert played.lines == ["attempt 0", "attempt 1"]


@every_kind
@pytest.mark.rule("A210")
def test_a_step_error_that_is_remembered_counts_as_read(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        ctx.logger.info("begin")
        try:
            await ctx.step.run("a", int, "x")
        except dwf.StepError as error:
            ctx.logger.warning("caught %s", error.name)

    played = play(handler, kind, retries=0)

    assert played.lines == ["begin", "caught ValueError"]


@every_kind
@pytest.mark.rule("A211")
def test_a_memo_nobody_asks_for_keeps_the_logger_silent(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        entries.append(None)
        ctx.logger.info("begin")
        await ctx.step.run(f"s-{min(len(entries), 2)}", lambda: None)
        ctx.logger.info("end")

    entries: list[None] = []
    played = play(handler, kind)

    assert played.run.status == "completed"
    assert played.executions == {"s-1": 1, "s-2": 1}
    assert played.lines == ["begin"]


@every_kind
@pytest.mark.rule("A212")
@pytest.mark.parametrize(
    "method",
    ["critical", "debug", "error", "exception", "fatal", "info", "warn", "warning"],
)
@pytest.mark.filterwarnings("ignore:The 'warn' method is deprecated")
def test_every_way_to_log_is_silent_while_the_handler_replays(kind: str, method: str) -> None:
    async def handler(ctx: Any) -> None:
        getattr(ctx.logger, method)("one %s of %d", method, 2)
        await ctx.step.run("a", lambda: 1)

    played = play(handler, kind)

    assert [(r.level, r.text) for r in played.records(Logged)] == [(method, f"one {method} of 2")]


@every_kind
@pytest.mark.rule("A212")
def test_log_takes_its_level_first(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        ctx.logger.log(logging.WARNING, "low on %s", "paper")
        await ctx.step.run("a", lambda: 1)

    played = play(handler, kind)

    assert [(r.level, r.text) for r in played.records(Logged)] == [("30", "low on paper")]


@both_kinds
@pytest.mark.rule("A212")
def test_lines_reach_the_logger_of_the_app(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    app = dwf.App("app", logger=logging.getLogger("shop"))

    async def handler(ctx: Any) -> str:
        await ctx.step.run("a", lambda: 1)
        ctx.logger.info("paid %d", 7, extra={"order": 1})
        ctx.logger.setLevel(logging.INFO)
        return ctx.logger.name

    with caplog.at_level(logging.INFO, logger="shop"):
        played = play(handler, kind, app=app)

    assert played.run.output == "shop"
    assert [(r.name, r.getMessage(), r.order) for r in caplog.records] == [("shop", "paid 7", 1)]


@every_kind
def test_a_line_whose_arguments_do_not_fit_does_not_end_the_run(kind: str) -> None:
    """The standard library prints such a mistake and goes on; so does the trace."""

    async def handler(ctx: Any) -> str:
        ctx.logger.debug("%d of %(x)s", "two", 3)
        ctx.logger.debug("a mapping: %(x)s", {"x": 1})
        ctx.logger.debug("100%", "left over")
        ctx.logger.debug(ValueError("an object"))
        return "done"

    played = play(handler, kind)

    assert played.run.output == "done"
    assert played.lines[1] == "a mapping: 1"
    assert played.lines[3] == "an object"


@every_way
@pytest.mark.rule("A210")
def test_parallel_steps_log_the_line_after_them_once(kind: str) -> None:
    async def handler(ctx: Any) -> None:
        ctx.logger.info("begin")
        await together(
            ctx, kind, lambda: ctx.step.run("a", lambda: 1), lambda: ctx.step.run("b", lambda: 2)
        )
        ctx.logger.info("joined")
        await ctx.step.run("c", lambda: 3)

    played = play(handler, kind)

    assert played.lines.count("joined") == 1
    assert played.lines[0] == "begin"
