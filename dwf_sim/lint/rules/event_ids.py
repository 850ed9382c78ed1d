"""Event ids that say nothing of the event: other events have the same one, and start nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dwf_sim.lint.durable import argument
from dwf_sim.lint.events import events_made
from dwf_sim.lint.module import Module
from dwf_sim.lint.project import Project
from dwf_sim.lint.rules.base import Rule, Spot
from dwf_sim.lint.sources import chance_of

_WRITERS = ("str", "format")


def _find(module: Module, _: Project) -> Iterator[Spot]:
    for call in events_made(module):
        given = argument(call, None, "id")
        if given is None or module.is_test:
            continue  # A test chooses the ids that it wants to see.
        if isinstance(given, ast.Constant):
            if isinstance(given.value, str) and given.value:
                yield given, f"event id {given.value!r} is the same for every event"
        elif _is_bare(module, given):
            yield given, f"event id {ast.unparse(given)} does not say which event it is of"


def _is_bare(module: Module, node: ast.expr) -> bool:
    """Whether an id is a value that has another meaning, with no text that tells it apart."""
    if isinstance(node, ast.JoinedStr):
        texts = [part.value for part in node.values if isinstance(part, ast.Constant)]
        return not any(char.isalpha() for text in texts for char in str(text))
    if isinstance(node, ast.Call):
        is_written = module.dotted(node.func) in _WRITERS and bool(node.args)
        return is_written and not chance_of(module, node.args[0]) and _is_bare(module, node.args[0])
    return isinstance(node, ast.Subscript | ast.Attribute) or (
        isinstance(node, ast.Name) and not node.id.endswith(("event_id", "key"))
    )


GENERIC_ID = Rule(
    "DWF022",
    "a generic event id",
    "a function takes one event of an id in 24 hours, whatever the event's name, and the others "
    "start nothing",
    'say of what it is: id=f"order-created-{order_id}"',
    _find,
)
