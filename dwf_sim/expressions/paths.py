"""Which paths an expression uses, and whether an event has them: where "missing" comes from.

Before it evaluates, the engine collects the selections of an expression and declares those that
the event lacks to be unknown (pkg/expressions/attrs.go, data.go). What its collection does not
reach (the target of a method, elements of a list, the body of a macro) is not unknown but an
error when it is missing, and this shows; hence the walk below is as narrow as the engine's.
"""

from __future__ import annotations

from collections.abc import Mapping

from dwf_sim.expressions.nodes import INDEX, Call, Comprehension, Ident, Literal, Node, Select
from dwf_sim.expressions.values import NOTHING, MapValue, find_key

Path = tuple[str, ...]


def used_paths(node: Node) -> tuple[Path, ...]:
    """Collect the paths of at least two names that an expression uses, each once."""
    found: dict[Path, None] = {}
    waiting: list[Node] = [node]
    while waiting:
        match waiting.pop(0):
            case Comprehension(items=items):
                waiting.append(items)
            case Call(arguments=arguments):
                waiting.extend(arguments)
            case Select() as selection:
                path = _path_of(selection)
                if len(path) > 1:
                    found[path] = None
    return tuple(found)


def path_exists(names: Mapping[str, object], path: Path) -> bool:
    """Say whether a path leads through objects only and ends at something, be it null."""
    value: object = names.get(path[0], NOTHING)
    for name in path[1:]:
        if not isinstance(value, dict | MapValue):
            return False
        value = find_key(value, name)
    return value is not NOTHING


def _path_of(selection: Select) -> Path:
    fields: list[str] = []
    node: Node = selection
    while isinstance(node, Select):
        fields.append(node.field)
        node = node.operand
    match node:
        case Ident(name):
            return (name, *reversed(fields))
        case Call(function="_[_]", arguments=(operand, index)):
            return (_ident_name(operand), _text(index), *reversed(fields))
    return tuple(reversed(fields))


def _ident_name(node: Node) -> str:
    return node.name if isinstance(node, Ident) else ""


def _text(node: Node) -> str:
    return node.value if isinstance(node, Literal) and isinstance(node.value, str) else ""


assert INDEX == "_[_]", "the pattern above spells the operator out"
