"""The screen of a check that failed: property, plan, the line that repeats it, and timelines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from dwf_sim.strategies.trial import Trial
from dwf_sim.world.repeating import as_code
from dwf_sim.world.simulation import Simulation

_RUNS_MAX, _LINES_MAX, _WIDTH_MAX = 2, 32, 160


class _Named(Protocol):
    name: str
    says: str


class _Told(Protocol):
    @property
    def message(self) -> str: ...

    @property
    def runs(self) -> tuple[str, ...]: ...


def screen(
    prop: _Named,
    found: _Told,
    trial: Trial,
    world: Simulation,
    call: str,
    given: Mapping[str, Any],
) -> str:
    """Write it; `call` is how the check was called, `given` the keywords it was given."""
    lines = [
        f"{prop.name}: {prop.says}",
        f"broken: {found.message}",
        f"plan: {trial.faults}",
        f"repeat: {_repeat(trial, call, given)}",
    ]
    runs = list(dict.fromkeys(found.runs)) or [run.id for run in world.runs]
    for run in runs[:_RUNS_MAX]:
        shown = world.timeline(run).splitlines()
        most = _LINES_MAX // min(len(runs), _RUNS_MAX)
        lines += ["", *map(_shortened, shown[:most])]
        if len(shown) > most:
            lines.append(f"  ... and {len(shown) - most} lines more")
    if len(runs) > _RUNS_MAX:
        lines.append(f"... and {len(runs) - _RUNS_MAX} runs more")
    return "\n".join(lines)


def _repeat(trial: Trial, call: str, given: Mapping[str, Any]) -> str:
    events = ", ".join(map(str, trial.sends))
    faults = ", ".join(map(as_code, trial.faults))
    others = "".join(f", {name}={_written(value)}" for name, value in given.items())
    now = "()" if call.endswith("__wrapped__") else ""  # A test that was decorated is called.
    return f"{call}, events=[{events}], faults=[{faults}]{others}){now}"


def _written(value: object) -> str:
    """Write a keyword's value as code, a function by its name."""
    return str(getattr(value, "__name__", repr(value)))


def _shortened(line: str) -> str:
    return line if len(line) <= _WIDTH_MAX else f"{line[: _WIDTH_MAX - 1]}…"
