"""Event names that the engine refuses, or that can hardly be meant."""

from __future__ import annotations

from collections.abc import Iterator

from dwf_sim.lint.events import names_sent, names_taken
from dwf_sim.lint.module import Module
from dwf_sim.lint.project import Project
from dwf_sim.lint.rules.base import Rule, Spot

_BYTES_MAX = 255
_RESERVED = "inngest/"


def _find(module: Module, _: Project) -> Iterator[Spot]:
    for node in names_sent(module):
        reason = _of_any(str(node.value)) or _of_sent(str(node.value))
        if reason:
            yield node, f"event name {node.value!r} {reason}"
    for node in names_taken(module):
        reason = _of_any(str(node.value)) or _of_pattern(str(node.value))
        if reason:
            yield node, f"event name {node.value!r} {reason}"


def _of_any(name: str) -> str:
    if not name:
        return "is empty"
    if len(name.encode("utf-8", "surrogatepass")) > _BYTES_MAX:
        return f"has more than {_BYTES_MAX} bytes"
    return "has white space in it" if any(char.isspace() for char in name) else ""


def _of_sent(name: str) -> str:
    return "is reserved" if name.lower().startswith(_RESERVED) else ""


def _of_pattern(name: str) -> str:
    is_pattern = name.endswith(("/*", ".*")) and name.count("*") == 1
    return "" if "*" not in name or is_pattern else "has a * that matches nothing"


IMPOSSIBLE_NAME = Rule(
    "DWF020",
    "an event name that cannot be",
    "the engine refuses it, or nothing will ever match it",
    'name events like "shop/order.created"; a pattern ends with /* or .*, and inngest/ is reserved',
    _find,
)
