"""The private way into the SDK answers as the public one does, request by request."""

from __future__ import annotations

import datetime
from types import SimpleNamespace
from typing import Any

import inngest
import pytest
from inngest import digital_ocean

import dwf_sim as dwf
from dwf_sim.drivers.inngest import app
from dwf_sim.drivers.inngest.sdk import CommHandler, CommRequest, CommResponse

GO = inngest.TriggerEvent(event="go")
UNSTABLE = ("server-timing", "stack")


class BothWays(CommHandler):
    """Takes each request both ways and compares the answers."""

    client: Any = None
    functions: tuple[Any, ...] = ()
    statuses: list[int] = []
    versions: list[int | None] = []

    def post_sync(self, arrived: CommRequest) -> CommResponse:  # type: ignore[override]  # It is wrapped.
        """Answer by the private way, after the public one has said the same."""
        query = "&".join(f"{name}={value}" for name, value in arrived.query_params.items())
        event: Any = {
            "http": {
                "method": "POST",
                "body": arrived.body.decode(),
                "headers": arrived.headers,
                "queryString": query,
                "path": "",
            }
        }
        context: Any = SimpleNamespace(api_host="http://localhost", function_name="/f")
        public = digital_ocean.serve(self.client, [*self.functions])(event, context)
        response: CommResponse = super().post_sync(arrived)
        assert public["statusCode"] == response.status_code
        assert _stable(public["body"]) == _stable(response.body)
        assert _stable(public["headers"]) == _stable(response.headers)
        self.statuses.append(response.status_code)
        self.versions.append(response.request_version)
        return response


def _stable(content: object) -> object:
    if isinstance(content, dict):
        kept = {name: _stable(inner) for name, inner in content.items() if name not in UNSTABLE}
        return {name.lower(): inner for name, inner in kept.items()}
    return [_stable(inner) for inner in content] if isinstance(content, list) else content


def program(ctx: inngest.ContextSync) -> object:
    """One of each."""
    failures = ctx.step.run("a", lambda: {"x": (1, None, "é")})
    ctx.step.sleep("s", datetime.timedelta(hours=2))
    ctx.step.wait_for_event("w", event="never", timeout=datetime.timedelta(seconds=5))
    pair = ctx.group.parallel(
        (lambda: ctx.step.run("p", lambda: 1), lambda: ctx.step.run("q", lambda: 2))
    )
    try:
        ctx.step.run("bad", lambda: 1 / 0)
    except inngest.StepError as error:
        pair = (*pair, error.message)
    if ctx.attempt == 0:
        raise inngest.RetryAfterError("later", 5_000)
    raise inngest.NonRetriableError(f"the end {failures} {pair}")


@pytest.mark.rule("W3", "W4", "W5", "W8")
def test_both_ways_into_the_sdk_answer_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    client = inngest.Inngest(app_id="shop", is_production=False)
    function = client.create_function(fn_id="f", trigger=GO, retries=1)(program)
    monkeypatch.setattr(BothWays, "client", client)
    monkeypatch.setattr(BothWays, "functions", (function,))
    monkeypatch.setattr(app, "CommHandler", BothWays)
    sim = dwf.Simulation().serve((client, [function]))

    run = sim.send("go").run
    sim.run_until_idle()

    assert run.error is not None
    assert run.error["message"].startswith("the end {'x': [1, None, 'é']}")
    assert BothWays.statuses == [206] * 8 + [500, 500]
    assert set(BothWays.versions) == {2}
