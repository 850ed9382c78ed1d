"""Log lines outside of steps: written again at each entry."""

from __future__ import annotations

from collections.abc import Iterator

from dwf_sim.lint.module import Module
from dwf_sim.lint.project import Project
from dwf_sim.lint.rules.base import Rule, Spot, calls_outside

_LEVELS = ("debug", "info", "warning", "warn", "error", "exception", "critical", "log")
_MAKERS = ("logging.getLogger", "structlog.get_logger", "structlog.getLogger")
_LOGGERS = ("logging", "loguru.logger")


def _find(module: Module, _: Project) -> Iterator[Spot]:
    for _part, call in calls_outside(module):
        name = module.dotted(call.func)
        owner, _dot, method = name.rpartition(".")
        is_logger = owner in _LOGGERS or module.made_of.get(owner) in _MAKERS
        if name == "print" or (is_logger and method in _LEVELS):
            yield call, f"{name}() outside of steps"


LOG = Rule(
    "DWF005",
    "a log line outside of steps",
    "it is written again at each entry of the handler, once for every step",
    "use ctx.logger, which is silent on replay, or write it in a step.run",
    _find,
)
