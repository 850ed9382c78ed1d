"""JSON as it goes over the wire, and what the engine's reading does to numbers."""

from __future__ import annotations

import pytest

import dwf_sim as dwf
from dwf_sim.model.payload import as_doubles


@pytest.mark.rule("A52", "B203")
@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("9007199254740992", "9007199254740992"),
        ("9007199254740993", "9007199254740992"),
        ("-12345678901234567", "-12345678901234568"),
        ("1.0", "1"),
        ("[1.50, 1.05, 0.1]", "[1.50, 1.05, 0.1]"),
        ('{"n":2.0,"text":"2.0"}', '{"n":2,"text":"2.0"}'),
        ("1000000000000000000000.0", "1e+21"),
        ("9" * 400, "9" * 400),
        ('"no number at all"', '"no number at all"'),
    ],
)
def test_numbers_are_written_as_the_engine_writes_doubles(text: str, written: str) -> None:
    assert as_doubles(text) == written


@pytest.mark.rule("A52", "B203")
def test_events_and_outputs_lose_the_digits_that_a_step_keeps() -> None:
    app = dwf.App("app")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def handler(ctx: dwf.Context) -> dict[str, object]:
        kept = await ctx.step.run("big", lambda: 2**53 + 1)
        return {"event": ctx.event.data["n"], "is_kept": kept == 2**53 + 1, "output": 2**53 + 1}

    simulation = dwf.Simulation().serve(app)
    sent = simulation.send("go", {"n": 2**53 + 1})
    simulation.run_until_idle()

    assert sent.run.output == {"event": 2**53, "is_kept": True, "output": 2**53}
