"""A misspelt key: of events that lack what a rate limit's key reads, all are let in.

    pytest examples/checks/test_flow_control.py

`test_naive` is meant to fail, since its limit is never reached; `test_mended` spells it right.
"""

from __future__ import annotations

from hypothesis import strategies as st

import dwf_sim as dwf
from dwf_sim import checks, strategies

app = dwf.App("mail")
signups = strategies.events("user/signed-up", {"user": st.sampled_from(["ann", "bob"])})


@app.create_function(
    fn_id="naive",
    trigger=dwf.TriggerEvent(event="user/signed-up"),
    rate_limit=dwf.RateLimit(limit=1, period="1h", key="event.data.usr"),
)
async def naive(ctx: dwf.Context) -> str:
    return await ctx.step.run("greet", lambda: "hello")


@app.create_function(
    fn_id="mended",
    trigger=dwf.TriggerEvent(event="user/signed-up"),
    rate_limit=dwf.RateLimit(limit=1, period="1h", key="event.data.user"),
)
async def mended(ctx: dwf.Context) -> str:
    return await ctx.step.run("greet", lambda: "hello")


def test_naive() -> None:
    checks.flow_control(naive, events=signups, examples=10)


def test_mended() -> None:
    checks.flow_control(mended, events=signups, examples=10)
