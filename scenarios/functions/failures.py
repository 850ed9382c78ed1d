"""Failures: what is tried again, what is not, and who is told in the end."""

from __future__ import annotations

import logging

import dwf_sim as dwf

app = dwf.App("failures")
mail = dwf.Ledger("mail")


async def tell(ctx: dwf.Context) -> str:
    """Tell an operator that a run has failed."""
    error = ctx.event.data["error"]["message"]
    return await ctx.step.run("tell", lambda: mail.call("send", value=f"it failed: {error}"))


@app.create_function(fn_id="pay", trigger=dwf.TriggerEvent(event="pay"), retries=3, on_failure=tell)
async def pay(ctx: dwf.Context) -> str:
    """Pay with a bank that answers at the attempt that the event says."""

    def ask_the_bank() -> str:
        if ctx.event.data.get("account") == "closed":
            raise dwf.NonRetriableError("the account is closed")
        if ctx.attempt < ctx.event.data.get("answers_at", 0):
            raise ConnectionError("the bank does not answer")
        return "paid"

    return await ctx.step.run("bank", ask_the_bank)


@app.create_function(fn_id="greet", trigger=dwf.TriggerEvent(event="greet"), retries=1)
async def greet(ctx: dwf.Context) -> str:
    """Greet by name, or without one when the directory is down."""

    def look_up() -> str:
        raise ConnectionError("the directory is down")

    try:
        name = await ctx.step.run("look up", look_up)
    except dwf.StepError:
        name = await ctx.step.run("do without", lambda: "you")
    return f"Hello {name}"


@app.create_function(fn_id="later", trigger=dwf.TriggerEvent(event="later"), retries=1)
async def later(ctx: dwf.Context) -> str:
    """Come back when the other side says so."""

    def ask() -> str:
        if ctx.attempt == 0:
            raise dwf.RetryAfterError("busy", "2h")
        return "at last"

    return await ctx.step.run("ask", ask)


@app.create_function(fn_id="poll", trigger=dwf.TriggerEvent(event="poll"), retries=4)
async def poll(ctx: dwf.Context) -> str:
    """Ask again after 10, 30, 90 and 270 seconds."""

    def ask() -> str:
        if ctx.attempt < 4:
            raise dwf.RetryAfterError("not yet", f"{10 * 3**ctx.attempt}s")
        return "here it is"

    return await ctx.step.run("ask", ask)


class Lines(logging.Handler):
    """Puts lines that are logged into a ledger."""

    def emit(self, record: logging.LogRecord) -> None:
        """Note a line under its text."""
        lines.call(record.getMessage(), value=None)


lines = dwf.Ledger("lines")
logger = logging.getLogger("scenarios")
logger.addHandler(Lines())
logger.setLevel(logging.INFO)
logger.propagate = False
logged = dwf.App("logged", logger=logger)


@logged.create_function(fn_id="print", trigger=dwf.TriggerEvent(event="print"))
async def print_(ctx: dwf.Context) -> None:
    """Log a line between two steps, and one in a step that needs two attempts."""

    def work() -> None:
        logger.info("in the step")
        if ctx.attempt == 0:
            raise ConnectionError("no paper")

    await ctx.step.run("prepare", int)
    ctx.logger.info("between")
    await ctx.step.run("print", int)
    await ctx.step.run("bind", work)
