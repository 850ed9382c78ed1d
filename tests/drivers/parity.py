"""Parity: a test is played by both drivers, and what each simulation did has to be the same.

`compared` makes a test of each kind of function. One that the SDK drives is played natively once
more, and the traces of all simulations that it has had watched are compared, one by one.
"""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim.model.records import AppServed
from dwf_sim.model.served import FunctionServed
from tests.drivers.differences import DIFFERENCES, Difference

Test = Callable[..., None]

_watched: ContextVar[list[dwf.Simulation] | None] = ContextVar("watched", default=None)


def compared(name: str, twins: Mapping[str, str | None]) -> Callable[[Test], Test]:
    """Play a test with each of these values of an argument, and compare with those of its twin."""

    def decorate(test: Test) -> Test:
        @pytest.mark.parametrize(name, [*twins])
        @functools.wraps(test)
        def both(**given: Any) -> None:
            mine = _play(test, given)
            twin = twins[given[name]]
            if twin is not None:
                compare(_play(test, {**given, name: twin}), mine)

        return both

    return decorate


def watch(simulation: dwf.Simulation) -> dwf.Simulation:
    """Have the trace of a simulation compared at the end of the test, if that is compared."""
    watched = _watched.get()
    if watched is not None:
        watched.append(simulation)
    return simulation


def compare(native: list[dwf.Simulation], sdk: list[dwf.Simulation]) -> None:
    """Fail with the first simulation whose facts differ, and how they do."""
    for left, right in zip(native, sdk, strict=True):
        lines = difflib.unified_diff(facts(left), facts(right), "native", "sdk", n=0, lineterm="")
        assert not (found := "\n".join(lines)), found


def facts(
    simulation: dwf.Simulation, leaving_out: tuple[Difference, ...] = DIFFERENCES
) -> list[str]:
    """All that happened and when, but for these differences.

    Who was served is left out: the stage serves functions of both kinds in two steps.
    """
    found = [
        (e.at, e.record)
        for e in simulation.trace
        if not isinstance(e.record, AppServed | FunctionServed)
    ]
    for difference in leaving_out:
        if difference.smooth is not None:
            found = difference.smooth(found)
    return [f"{at} {record}" for at, record in found]


def _play(test: Test, given: dict[str, Any]) -> list[dwf.Simulation]:
    watched: list[dwf.Simulation] = []
    token = _watched.set(watched)
    try:
        test(**given)
    finally:
        _watched.reset(token)
    assert watched, "serve by `serve`, `set_up` or `watch`: no simulation is there to compare"
    seen = [*watched]
    watched.clear()  # Killed workers keep the list, for good.
    return seen
