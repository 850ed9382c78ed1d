"""The vendor's own mock, `inngest.experimental.mocked`, with a plain `def` function."""

from __future__ import annotations

import datetime

import inngest
from inngest.experimental import mocked

client = inngest.Inngest(app_id="bench", is_production=False)
mock = mocked.Inngest(app_id="bench")


def work() -> dict[str, int]:
    """What a step does."""
    return {"x": 1}


@client.create_function(fn_id="f", trigger=inngest.TriggerEvent(event="go"))
def function(ctx: inngest.ContextSync) -> dict[str, int]:
    """Three steps and a sleep."""
    ctx.step.run("a", work)
    ctx.step.run("b", work)
    ctx.step.sleep("s", datetime.timedelta(hours=1))
    return ctx.step.run("c", work)


def run(count: int) -> None:
    """Run the function so many times."""
    for number in range(count):
        event = inngest.Event(name="go", data={"i": number})
        result = mocked.trigger(function, event, mock)
        assert result.status is mocked.Status.COMPLETED
