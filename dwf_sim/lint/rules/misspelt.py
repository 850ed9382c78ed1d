"""Events that nobody takes, but with a name that resembles one that somebody does."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from dwf_sim.lint.events import names_sent
from dwf_sim.lint.module import Module
from dwf_sim.lint.project import Project
from dwf_sim.lint.rules.base import Rule, Spot

_RESEMBLANCE = 0.85


def _find(module: Module, project: Project) -> Iterator[Spot]:
    taken = project.names_taken
    for node in names_sent(module):
        name = str(node.value)
        if name in taken or any(_matches(pattern, name) for pattern in taken):
            continue
        close = difflib.get_close_matches(name, taken, n=1, cutoff=_RESEMBLANCE)
        if close:
            yield node, f"event {name!r} is taken by nothing here, and {close[0]!r} is"


def _matches(pattern: str, name: str) -> bool:
    return pattern.endswith(("/*", ".*")) and name.startswith(pattern[:-1])


MISSPELT = Rule(
    "DWF021",
    "an event name that is misspelt",
    "an event that no trigger and no wait takes starts nothing, and nobody is told",
    "write it as the trigger has it",
    _find,
)
