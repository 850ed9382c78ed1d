"""What a failure was seen with: each thing that is another now is named, and nothing else is."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim.stored.made_with import changes, made_with


def simulation(answer: int = 1) -> dwf.Simulation:
    """Serve a function whose source depends on the number."""
    app = dwf.App("a")
    if answer == 1:

        @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
        async def f(ctx: dwf.Context) -> int:
            return 1

    else:

        @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
        async def g(ctx: dwf.Context) -> int:
            return 2

    return dwf.Simulation().serve(app)


def test_the_same_is_no_change() -> None:
    stored = {"format": 1, "made_with": made_with(simulation())}

    assert changes(stored, simulation()) == ()


def test_another_source_of_a_function_is_named() -> None:
    stored = {"format": 1, "made_with": made_with(simulation())}

    assert changes(stored, simulation(2)) == ("function a-f has another source",)


def test_another_source_beside_a_function_is_named() -> None:
    made = made_with(simulation())
    made["functions"]["a-f"][1] = "x"

    assert changes({"format": 1, "made_with": made}, simulation()) == (
        "function a-f is as it was, and the rest of its file is not",
    )


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"dwf_sim": "0.0.1"}, f"dwf_sim was 0.0.1, and is {version('dwf_sim')}"),
        ({"inngest": None}, "inngest was not there, and is "),
        ({"python": "3.10.0"}, "python was 3.10.0, and is 3."),
        ({"functions": {"a-h": "x"}}, "function a-h was served, and is not"),
    ],
)
def test_each_thing_that_is_another_is_named(change: dict[str, Any], text: str) -> None:
    pytest.importorskip("inngest", reason="its version is one of those that are compared")
    stored = {"format": 1, "made_with": {**made_with(simulation()), **change}}

    found = changes(stored, simulation())

    assert found[0].startswith(text)


def test_another_format_is_named_and_what_is_not_said_is_not_compared() -> None:
    assert changes({"format": 7}, simulation()) == (
        "the file's format is 7, and this dwf_sim writes 1",
    )


def test_functions_of_the_sdk_have_a_source_too() -> None:
    inngest = pytest.importorskip("inngest", reason="the functions are the SDK's")
    client = inngest.Inngest(app_id="shop")

    @client.create_function(fn_id="f", trigger=inngest.TriggerEvent(event="go"))
    async def f(ctx: Any) -> None:
        pass

    with dwf.Simulation().serve((client, [f])) as sim:
        assert [len(each) for each in made_with(sim)["functions"]["shop-f"]] == [16, 16]
