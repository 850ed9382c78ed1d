"""A timeout that is no duration: refused here, where the server would start no run at all."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import inngest
import pytest

import dwf_sim as dwf
from dwf_sim.model.records import Complained
from dwf_sim.model.settings import Timeouts, registered_timeouts

AS_THE_SERVER = dwf.Quirks(unreadable_timeout_stalls=True)


def native(timeouts: Timeouts) -> Any:
    app = dwf.App("shop")

    @app.create_function(
        fn_id="f",
        trigger=dwf.TriggerEvent("go"),
        timeouts=timeouts,
        cancel=[dwf.Cancel("stop")],
    )
    async def f(ctx: dwf.Context) -> int:
        return 1

    return app


def vendor(timeouts: Timeouts) -> Any:
    client = inngest.Inngest(app_id="shop", is_production=False)

    @client.create_function(
        fn_id="f",
        trigger=inngest.TriggerEvent(event="go"),
        cancel=[inngest.Cancel(event="stop")],
    )
    async def f(ctx: inngest.Context) -> int:
        return 1

    config = f.get_config("http://x")
    written = {**config.main.to_dict(), "timeouts": {"start": timeouts.unreadable}}
    past_checks: Any = f
    past_checks.get_config = lambda _: SimpleNamespace(
        main=SimpleNamespace(to_dict=lambda: written), on_failure=None
    )
    return client, [f]


both = pytest.mark.parametrize("make", [native, vendor])


@both
@pytest.mark.parametrize("text", ["soon", ""])
def test_it_is_refused_with_what_the_server_would_do(make: Any, text: str) -> None:
    given = make(registered_timeouts(start=text))

    with pytest.raises(dwf.ConfigError, match="no duration; the server would register") as caught:
        dwf.Simulation().serve(given)

    assert f"a timeout of 'shop-f' is {text!r}" in str(caught.value)


@both
@pytest.mark.rule("B316")
def test_as_the_server_it_starts_no_run_and_says_so(make: Any) -> None:
    simulation = dwf.Simulation(quirks=AS_THE_SERVER).serve(make(registered_timeouts(start="soon")))
    run = simulation.send("go").run
    simulation.run_until_idle()

    assert (run.status, run.entries) == ("scheduled", 0)
    assert [record.text for record in simulation.trace.of(Complained)] == [
        "its function's timeout 'soon' is no duration, so that it is never started"
    ]
    assert simulation.explain(run).splitlines()[1:] == [
        "Its function's timeout 'soon' is no duration, so that it is never started.",
        "It has not started.",
    ]


@pytest.mark.rule("B316")
def test_settings_can_have_such_a_text() -> None:
    given = dwf.Timeouts(unreadable="soon")

    simulation = dwf.Simulation(quirks=AS_THE_SERVER).serve(native(given))

    assert simulation.send("go").run.status == "scheduled"


@pytest.mark.rule("B316")
def test_such_a_run_can_be_cancelled_and_its_other_timeout_counts() -> None:
    first, second = [
        dwf.Simulation(quirks=AS_THE_SERVER).serve(native(timeouts))
        for timeouts in (
            registered_timeouts(finish="soon"),
            registered_timeouts(start="1m", finish="soon"),
        )
    ]
    stopped, late = first.send("go").run, second.send("go").run
    first.advance("1s")
    first.send("stop")
    second.run_until_idle()

    assert (stopped.status, late.status) == ("cancelled", "cancelled")
