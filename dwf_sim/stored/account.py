"""An account of a simulation: all that the command line tells of it, as data for any reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import attrs

from dwf_sim.report.advice import advice
from dwf_sim.report.chrome import chrome_trace
from dwf_sim.world.simulation import Simulation
from dwf_sim.world.views import error_text


@attrs.frozen
class RunAccount:
    """What became of a run, how, and why it started when it did."""

    label: str
    status: str
    error: str | None
    timeline: str
    explanation: str


@attrs.frozen
class EventAccount:
    """What became of an event that was sent; the engine's own are left out."""

    name: str
    explanation: str


@attrs.frozen
class Account:
    """What happened in a simulation. `advice` says what to do about it, `chrome` is its trace."""

    seed: int
    plan: str
    digest: str
    struck: tuple[str, ...]
    unstruck: tuple[str, ...]
    warnings: tuple[str, ...]
    advice: tuple[str, ...]
    runs: tuple[RunAccount, ...]
    events: tuple[EventAccount, ...]
    chrome: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The same for programs to read, without the trace."""
        return {key: content for key, content in attrs.asdict(self).items() if key != "chrome"}

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> Self:
        """Read what `attrs.asdict` has made of one, and JSON of that."""
        given: dict[str, Any] = {
            key: tuple(each) if isinstance(each, list) else each for key, each in content.items()
        }
        given["runs"] = tuple(RunAccount(**each) for each in content["runs"])
        given["events"] = tuple(EventAccount(**each) for each in content["events"])
        return cls(**given)


def account_of(simulation: Simulation) -> Account:
    """Tell what has happened in a simulation so far."""
    return Account(
        seed=simulation.seed,
        plan=str(simulation.faults),
        digest=simulation.trace.digest(),
        struck=tuple(map(str, simulation.faults_struck)),
        unstruck=tuple(map(str, simulation.unstruck)),
        warnings=tuple(simulation.warnings),
        advice=tuple(advice(simulation.trace)),
        runs=tuple(
            RunAccount(
                run.label,
                run.status,
                None if run.error is None else error_text(run.error),
                simulation.timeline(run),
                simulation.explain(run),
            )
            for run in simulation.runs
        ),
        events=tuple(
            EventAccount(event.name, simulation.explain(event))
            for event in simulation.events
            if not event.name.startswith("inngest/")
        ),
        chrome=chrome_trace(simulation.trace),
    )
