"""Recordings that are made up: a program is played here, and what came of it is the recording."""

from __future__ import annotations

from typing import Any

import attrs

from dwf_sim.conformance.comparison import Difference, compare
from dwf_sim.conformance.observation import observe
from dwf_sim.conformance.playing import play
from dwf_sim.conformance.recordings import Recording

_TIMES = ("queued", "started", "ended", "t", "start", "end", "received", "at")


def go(at: float = 0, count: int = 1, name: str = "go", **data: Any) -> dict[str, Any]:
    """One request with so many events."""
    return {"at": at, "events": [{"name": name, "data": {"n": n, **data}} for n in range(count)]}


def function(*body: dict[str, Any], **settings: Any) -> dict[str, Any]:
    """A function that the event `go` starts."""
    return {"id": "f", "triggers": [{"event": "go"}], "body": [*body], **settings}


def case(
    *functions: dict[str, Any], sends: Any = None, until: float = 60, **more: Any
) -> Recording:
    """A case of which nothing was observed yet."""
    return Recording(
        name="x",
        area="basic",
        functions=[*functions],
        sends=[go()] if sends is None else sends,
        cancels=more.pop("cancels", []),
        until=until,
        observed={},
        **more,
    )


def observed(given: Recording, driver: str = "native") -> dict[str, Any]:
    """What happens here."""
    return observe(given, play(given, driver))


def recorded(given: Recording) -> Recording:
    """The case with what happens here as what was recorded, a few milliseconds of noise added."""

    def noisy(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: noisy(content, name) for name, content in value.items()}
        if isinstance(value, list):
            return [noisy(item) for item in value]
        return [value + 0.05, value + 0.15] if key in _TIMES and value is not None else value

    found = noisy(observed(given))
    if not given.is_typescript:
        for run in found["runs"]:
            del run["requests"], run["checkpoints"]
    return attrs.evolve(given, observed=found)


def differs(given: Recording, *functions: dict[str, Any], **changes: Any) -> Difference | None:
    """Compare a recording with what other functions do."""
    changed = attrs.evolve(given, functions=[*functions] or given.functions, **changes)
    return compare(given, observed(changed))
