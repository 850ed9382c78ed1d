"""The one shape that is evaluated most, `event.data.a == async.data.b`, without any machinery.

A match is asked for every waiting run at every event. If both sides are a field of an event's
object and both are texts, none of the rules for missing values and types applies, and a plain
comparison is the answer; in every other case the short cut declines and the full way is taken.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from dwf_sim.expressions import nodes
from dwf_sim.expressions.nodes import Call, Node, dotted_name

Event = Mapping[str, Any]  # Any: indexing whatever JSON holds, with the failure caught
Shortcut = Callable[[Event, Event | None], bool | None]
"""Answers, or declines with None."""

_COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    nodes.EQUAL: operator.eq,
    nodes.NOT_EQUAL: operator.ne,
}


def shortcut_for(tree: Node) -> Shortcut | None:
    """Find the short cut for a comparison of one field of each event, None for anything else."""
    if not isinstance(tree, Call) or tree.function not in _COMPARISONS:
        return None
    compare = _COMPARISONS[tree.function]
    match [(dotted_name(side) or "").split(".") for side in tree.arguments]:
        case [["event", outer, inner], ["async", other_outer, other_inner]]:
            return _between(compare, (outer, inner), (other_outer, other_inner))
        case [["async", other_outer, other_inner], ["event", outer, inner]]:
            return _between(compare, (outer, inner), (other_outer, other_inner))
    return None


def _between(
    compare: Callable[[str, str], bool], path: tuple[str, str], other_path: tuple[str, str]
) -> Shortcut:
    (outer, inner), (other_outer, other_inner) = path, other_path

    def run(event: Event, async_event: Event | None) -> bool | None:
        if async_event is None:
            return None
        try:
            mine, yours = event[outer][inner], async_event[other_outer][other_inner]
        except (KeyError, TypeError, IndexError):
            return None
        return compare(mine, yours) if type(mine) is str and type(yours) is str else None

    return run
