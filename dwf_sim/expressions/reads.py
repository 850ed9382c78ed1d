"""Which fields of an event a text reads: every path from `event` on, wherever it stands.

More than `paths.py` collects, which is as narrow as the engine: this is for telling people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from dwf_sim.errors import ExpressionError
from dwf_sim.expressions.nodes import (
    INDEX,
    Call,
    Comprehension,
    Ident,
    ListNode,
    Literal,
    MapNode,
    Node,
    Select,
)
from dwf_sim.expressions.paths import Path
from dwf_sim.expressions.tree import parse

_CACHE_SIZE = 1024


@lru_cache(maxsize=_CACHE_SIZE)
def paths_read(text: str) -> tuple[Path, ...]:
    """List the paths of `event` that a text reads, each once and as far as it leads.

    What it asks for with `has()` may well be missing, and is left out. A text that does not parse
    reads nothing.
    """
    try:
        tree = parse(text)
    except ExpressionError:
        return ()
    found: dict[Path, None] = {}
    asked: dict[Path, None] = {}
    _collect(tree, found, asked)
    return tuple(path for path in found if path not in asked)


def has_path(event: Mapping[str, object], path: Path) -> bool:
    """Say whether an event has a field, be it null; the path begins with "event"."""
    value: object = event
    for name in path[1:]:
        if not isinstance(value, Mapping) or name not in value:
            return False
        value = value[name]
    return True


def _collect(node: Node, found: dict[Path, None], asked: dict[Path, None]) -> None:
    path = _path(node)
    if path is None:
        for part in _parts(node):
            _collect(part, found, asked)
    elif len(path) > 1:
        is_asked = isinstance(node, Select) and node.is_test
        (asked if is_asked else found)[path] = None


def _path(node: Node) -> Path | None:
    """Spell a chain of selections from `event` on; None for anything else."""
    match node:
        case Ident("event"):
            return ("event",)
        case Select(operand=operand, field=field):
            before = _path(operand)
        case Call(function=function, arguments=(operand, Literal(str(field)))) if function == INDEX:
            before = _path(operand)
        case _:
            return None
    return None if before is None else (*before, field)


def _parts(node: Node) -> Iterator[Node]:
    match node:
        case Select(operand=operand):
            yield operand
        case Call(arguments=arguments, target=target):
            yield from arguments
            if target is not None:
                yield target
        case ListNode(elements=elements):
            yield from elements
        case MapNode(entries=entries):
            for entry in entries:
                yield from entry
        case Comprehension():
            yield from (node.items, node.start, node.condition, node.step, node.result)
