"""Limits of the engine, as the user of a simulation meets them."""

from __future__ import annotations

import pytest

import dwf_sim as dwf
from tests.drivers.stage import every_kind, play


@every_kind
@pytest.mark.rule("A180")
def test_a_smaller_limit_of_steps_is_met_sooner(kind: str) -> None:
    async def handler(ctx: dwf.Context) -> None:
        for nth in range(5):
            await ctx.step.run(f"x{nth}", lambda: 1)

    played = play(handler, kind, limits=dwf.Limits(steps=3))

    assert played.run.status == "failed"
    assert played.run.error is not None
    assert played.run.error["message"] == "The function run exceeded the step limit of 3 steps."
    assert played.executions == {"x0": 1, "x1": 1, "x2": 1}
