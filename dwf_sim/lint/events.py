"""Events as the text of a module shows them: which are sent, and which are taken."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dwf_sim.lint.durable import argument
from dwf_sim.lint.module import Module

_EVENTS = ("dwf_sim.Event", "inngest.Event")
_TAKERS = ("TriggerEvent", "Cancel", "wait_for_event")
_SEND, _PLACE = ("send", "send_sync"), 0


def events_made(module: Module) -> Iterator[ast.Call]:
    """Yield the calls that make an event."""
    for node in module.nodes:
        if isinstance(node, ast.Call) and module.dotted(node.func) in _EVENTS:
            yield node


def names_sent(module: Module) -> Iterator[ast.Constant]:
    """Yield the names of events that are sent, where they are constants."""
    for call in events_made(module):
        yield from _constant(argument(call, _PLACE, "name"))
    for node in module.nodes:
        match node:
            case ast.Call(func=ast.Attribute(attr=method), args=[first, *_]) if method in _SEND:
                yield from _constant(first)
            case _:
                pass


def names_taken(module: Module) -> Iterator[ast.Constant]:
    """Yield the names that triggers, waits and cancellations take, where they are constants."""
    for node in module.nodes:
        if not isinstance(node, ast.Call):
            continue
        called = module.dotted(node.func).rpartition(".")[2]
        if isinstance(node.func, ast.Attribute):
            called = node.func.attr
        if called in _TAKERS:
            nth = 1 if called == "wait_for_event" else 0
            yield from _constant(argument(node, nth, "event"))


def _constant(node: ast.expr | None) -> Iterator[ast.Constant]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node
