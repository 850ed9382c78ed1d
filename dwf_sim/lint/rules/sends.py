"""Events sent outside of steps: sent again at each entry."""

from __future__ import annotations

from collections.abc import Iterator

from dwf_sim.lint.module import Module
from dwf_sim.lint.project import Project
from dwf_sim.lint.rules.base import Rule, Spot, calls_outside

_METHODS = ("send", "send_sync")


def _find(module: Module, _: Project) -> Iterator[Spot]:
    for _part, call in calls_outside(module):
        name = module.dotted(call.func)
        owner, _dot, method = name.rpartition(".")
        if method in _METHODS and owner in module.clients:
            yield call, f"{name}() outside of steps"


SEND = Rule(
    "DWF004",
    "an event sent outside of steps",
    "it is sent again at each entry of the handler, once for every step",
    "send it by step.send_event",
    _find,
)
