"""Repeating: what a failure prints makes the same simulation when it is pasted."""

from __future__ import annotations

import datetime
import subprocess
import sys
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim.invariants import INVARIANTS, EffectsOncePerStep, Invariant
from dwf_sim.model.records import RunFinished
from dwf_sim.world.repeating import how_to_repeat
from tests.faults.test_stored import EVERY


class NoRunCompletes(Invariant):
    """An invariant that any run breaks."""

    name, says, rules = "no run completes", "no run completes", ()

    def watches(self) -> Any:
        return {RunFinished: self.finished}

    def finished(self, record: RunFinished, at: int, seq: int) -> None:  # noqa: ARG002
        self.broken("it completed", seq)


def forget() -> None:
    """A function that can be imported."""


def failed(sim: dwf.Simulation, *injected: dwf.Fault) -> list[str]:
    """Let a claim fail, and give the lines that say how to repeat it, behind the plan."""
    for fault in injected:
        sim.advance("5m")
        sim.inject(fault)
    with pytest.raises(dwf.InvariantViolated) as caught:
        sim.always("never", lambda: False)
    lines = str(caught.value).splitlines()
    return lines[next(nth for nth, line in enumerate(lines) if line.startswith("plan: ")) + 1 :]


def pasted(line: str) -> Any:
    """Make what a line makes, as somebody who has pasted it."""
    *imports, expression = line.removeprefix("repeat: ").split("; ")
    names: dict[str, Any] = {}
    exec("\n".join(["import dwf_sim", *imports, f"it = {expression}"]), names)
    return names["it"]


@pytest.mark.parametrize("fault", EVERY, ids=str)
def test_every_fault_is_written_as_the_call_that_makes_it(fault: dwf.Fault) -> None:
    line = how_to_repeat({"faults": dwf.FaultPlan(fault)}, [])

    assert pasted(line.replace("dwf_sim.Simulation", "dict"))["faults"] == [fault]


def test_every_setting_is_in_the_line() -> None:
    settings: dict[str, Any] = {
        "start": datetime.datetime(2031, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(0, 60))),
        "latency": dwf.Latency(request=("20ms", "90ms"), step=5),
        "quirks": dwf.Quirks(debounce_fires_late=True),
        "limits": dwf.Limits(steps=10),
        "budget": dwf.Budget(virtual="400d"),
        "worker": dwf.Worker(max_request="10s", on_restart=forget),
        "interleave": "random",
        "trace_bound": 500,
        "pilot": True,
        "allow": {"threads", "sockets"},
        "invariants": [NoRunCompletes],
        "watch": True,
    }

    (line,) = failed(dwf.Simulation(7, **settings))

    assert line == (
        "repeat: import datetime, tests.test_repeating; dwf_sim.Simulation(seed=7, "
        "start=datetime.datetime(2030, 12, 31, 23, 59, tzinfo=datetime.timezone.utc), "
        "latency=dwf_sim.Latency(request=(20, 90), step=(5, 5)), "
        "quirks=dwf_sim.Quirks(debounce_fires_late=True), limits=dwf_sim.Limits(steps=10), "
        "budget=dwf_sim.Budget(virtual=34560000000), "
        "worker=dwf_sim.Worker(max_request=10000, on_restart=tests.test_repeating.forget), "
        "interleave='random', trace_bound=500, pilot=True, allow=['sockets', 'threads'], "
        "invariants=(tests.test_repeating.NoRunCompletes,), watch=True)"
    )
    again = pasted(line)
    assert again.now == settings["start"]
    assert failed(again) == [line]


def test_no_setting_is_forgotten() -> None:
    settings = dwf.Simulation.__init__.__kwdefaults__

    line = how_to_repeat(dict.fromkeys(settings, "x"), [])

    assert all(f"{name}='x'" in line for name in settings)


def test_more_invariants_than_usual_are_told_without_a_list_of_the_usual() -> None:
    (line,) = failed(dwf.Simulation(invariants=(*INVARIANTS, EffectsOncePerStep)))

    assert line == (
        "repeat: import dwf_sim.invariants; dwf_sim.Simulation(seed=0, invariants="
        "(*dwf_sim.invariants.INVARIANTS, dwf_sim.invariants.EffectsOncePerStep))"
    )
    code = f"import dwf_sim; {line.removeprefix('repeat: ')}"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_what_is_injected_is_told_of_with_its_instant() -> None:
    lines = failed(dwf.Simulation(), dwf.crash.before("a"), dwf.response.lose())

    assert lines == [
        "repeat: dwf_sim.Simulation(seed=0)",
        "then, 5m after the start: simulation.inject(dwf_sim.crash.before(step='a'))",
        "then, 10m after the start: simulation.inject(dwf_sim.response.lose())",
    ]


def test_what_cannot_be_written_is_named_and_said() -> None:
    faults = [dwf.deploy.new_version(dwf.App(name), at="1h") for name in ("shop", "farm")]
    worker = dwf.Worker(on_restart=lambda: None)

    repeat, *rest = failed(dwf.Simulation(faults=faults, worker=worker))

    assert "deploy.new_version(at=3600000, version=version), " in repeat
    assert "deploy.new_version(at=3600000, version=version_)]" in repeat
    assert "on_restart=on_restart" in repeat
    assert sorted(line.partition(":")[0] for line in rest) == [
        "where on_restart is what you gave",
        "where version is what you gave",
        "where version_ is what you gave",
    ]
    assert not any("0x" in line for line in rest)
