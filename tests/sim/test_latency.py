"""Latency: what a design costs in time can be read off the virtual clock."""

from __future__ import annotations

import pytest

import dwf_sim as dwf


@pytest.fixture
def app() -> dwf.App:
    made = dwf.App("a")

    @made.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> None:
        for name in "abc":
            await ctx.step.run(name, lambda: None)

    @made.create_function(fn_id="plain", trigger=dwf.TriggerEvent(event="plain"))
    def plain(ctx: dwf.ContextSync) -> None:
        for name in "abc":
            ctx.step.run(name, lambda: None)

    return made


def took(app: dwf.App, event: str, latency: dwf.Latency, seed: int = 0) -> int:
    """How long a run takes, in virtual milliseconds."""
    simulation = dwf.Simulation(seed, latency=latency).serve(app)
    simulation.send(event)
    simulation.run_until_idle()
    assert simulation.runs[0].status == "completed"
    return simulation.now_ms - simulation.start_ms


@pytest.mark.parametrize("event", ["go", "plain"])
def test_each_request_hop_and_step_takes_its_time(app: dwf.App, event: str) -> None:
    assert took(app, event, dwf.Latency()) == 0
    assert took(app, event, dwf.Latency(request="75ms")) == 4 * 75
    assert took(app, event, dwf.Latency(hop=10)) == 4 * 10
    assert took(app, event, dwf.Latency(step="2s")) == 3 * 2000
    assert took(app, event, dwf.Latency(request=1, hop=10, step=100)) == 4 * 11 + 300


def test_a_range_is_drawn_from_the_seed(app: dwf.App) -> None:
    latency = dwf.Latency(request=("10ms", "90ms"))

    drawn = [took(app, "go", latency, seed) for seed in range(5)]

    assert all(40 <= ms <= 360 for ms in drawn)
    assert len(set(drawn)) > 1
    assert took(app, "go", latency, 3) == drawn[3]


def test_a_range_that_runs_backwards_is_refused() -> None:
    with pytest.raises(dwf.ConfigError, match="shortest, longest"):
        dwf.Latency(request=("90ms", "10ms"))
