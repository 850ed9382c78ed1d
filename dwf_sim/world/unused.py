"""What a test has asked for and that never came about: stubs of steps, and faults.

Most of these are misspelt, and a test that passes without them has shown nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from dwf_sim.faults import Fault
from dwf_sim.faults.functions import Pause
from dwf_sim.sim.runner import Runner
from dwf_sim.world.views import StepViews

_SHOWN_MAX = 20  # How many ids a text lists.


class Unstruck(tuple[Fault, ...]):
    """Faults that have not struck; `reasons` says why of each, "" where that is not known."""

    reasons: tuple[str, ...]

    @classmethod
    def of(cls, runner: Runner) -> Self:
        """Take those of a simulation, and ask of each what it would have needed."""
        made = cls(runner.plan.unstruck)
        seen = _Seen(runner) if made else None
        made.reasons = tuple(seen.lacks(fault) for fault in made) if seen else ()
        return made

    def __repr__(self) -> str:
        lines = [
            f"{fault}: {reason}" if reason else str(fault)
            for fault, reason in zip(self, self.reasons, strict=True)
        ]
        return f"<unstruck: {'; '.join(lines) or 'none'}>"


def warnings_of(runner: Runner) -> list[str]:
    """List what its trace warns of, keys that read no field, and stubs that no step has used."""
    from dwf_sim.report.hints import warnings
    from dwf_sim.report.keys import doubts_about_keys

    functions, runs = runner.engine.state.triggers.functions, runner.engine.state.runs
    keys = doubts_about_keys(
        runner.trace, lambda name: name in functions and functions[name].idempotency is not None
    )
    return [*warnings(runner.trace, runs), *keys, *_unused_stubs(runner)]


def _unused_stubs(runner: Runner) -> list[str]:
    """Say of each stub that no step was there to take it, once a run has ended."""
    untaken = runner.stubs.untaken
    if not untaken or not any(run.is_ended for run in runner.engine.state.runs.values()):
        return []
    seen = _Seen(runner)
    said = [(stub.call, seen.lacks_use(stub.name, stub.nth)) for stub in untaken]
    return [f"{call} was never used: {reason}" for call, reason in said if reason]


class _Seen:
    """The steps that runs have had, by label, in the order of the runs."""

    def __init__(self, runner: Runner) -> None:
        self._runs: dict[str, None] = {}
        self._labels: dict[str, None] = {}
        self._functions = list(runner.engine.state.triggers.functions)
        for run in runner.engine.state.runs.values():
            self._runs[run.label] = None
            self._labels.update(dict.fromkeys(StepViews(run, runner.book)))

    def lacks(self, fault: Fault) -> str:
        """Say what a fault names that was not there; "" if that is not why."""
        if isinstance(fault, Pause) and fault.function not in self._functions:
            listed = _listed("functions", fault.function, self._functions)
            return f"no function {fault.function!r} was served; {listed}"
        if fault.run is not None and fault.run not in self._runs:
            return f"there was no run {fault.run!r}; {_listed('runs', fault.run, self._runs)}"
        return self.lacks_use(fault.step, None) if fault.step else ""

    def lacks_use(self, name: str, nth: int | None) -> str:
        """Say that no run has had a step of this id or label, or not so often."""
        if name not in self._labels:
            ids = [label for label in self._labels if not self._is_repeat(label)]
            return f"no run has had a step {name!r}; {_listed('steps', name, ids)}"
        if nth is not None and nth > 1 and f"{name}:{nth - 1}" not in self._labels:
            return f"no run has used step {name!r} {nth} times"
        return ""

    def _is_repeat(self, label: str) -> bool:
        step_id, colon, number = label.rpartition(":")
        return bool(colon) and number.isdecimal() and step_id in self._labels


def _listed(what: str, name: str, known: Iterable[str]) -> str:
    import difflib  # Only here, since few ever need it.

    names = list(known)
    close = difflib.get_close_matches(name, names, 1)
    guess = f", {close[0]!r} perhaps" if close else ""
    more = ", …" if len(names) > _SHOWN_MAX else ""
    return f"the {what} were {', '.join(names[:_SHOWN_MAX]) or 'none'}{more}{guess}"
