"""The syntax tree of an expression: what remains once the text's spelling is forgotten.

Operators are calls under the names of cel-go (`_+_`, `@in`, `_[_]`), because refusals, overloads
and the treatment of missing values are all decided by that name.
"""

from __future__ import annotations

import attrs

OR, AND, NOT, NEGATE, TERNARY = "_||_", "_&&_", "!_", "-_", "_?_:_"
EQUAL, NOT_EQUAL = "_==_", "_!=_"
LESS, LESS_EQUAL, GREATER, GREATER_EQUAL = "_<_", "_<=_", "_>_", "_>=_"
ADD, SUBTRACT, MULTIPLY, DIVIDE, MODULO = "_+_", "_-_", "_*_", "_/_", "_%_"
IN, INDEX = "@in", "_[_]"
NOT_STRICTLY_FALSE = "@not_strictly_false"


@attrs.frozen
class Literal:
    """A value written in the text."""

    value: object


@attrs.frozen
class Ident:
    """A bare name; a leading dot means the global one."""

    name: str


@attrs.frozen
class Select:
    """`operand.field`, or with `is_test` the question `has(operand.field)`."""

    operand: Node
    field: str
    is_test: bool = False


@attrs.frozen
class Call:
    """A function or operator; `target` is what stands before the dot of a member call."""

    function: str
    arguments: tuple[Node, ...]
    target: Node | None = None


@attrs.frozen
class ListNode:
    """`[a, b]`."""

    elements: tuple[Node, ...]


@attrs.frozen
class MapNode:
    """`{a: b}`."""

    entries: tuple[tuple[Node, Node], ...]


@attrs.frozen
class Message:
    """`name{field: value}`: it parses, but the engine declares no message that could be built."""

    name: str


@attrs.frozen
class Comprehension:
    """What every macro with a variable becomes: a fold over the elements or keys of `items`."""

    items: Node
    variable: str
    start: Node
    condition: Node
    step: Node
    result: Node


Node = Literal | Ident | Select | Call | ListNode | MapNode | Message | Comprehension

ACCUMULATOR = "@result"
"""The fold's own variable; no text can spell it."""


def dotted_name(node: Node) -> str | None:
    """Spell a chain of plain selections as one name, or None if it is anything else."""
    fields: list[str] = []
    while isinstance(node, Select) and not node.is_test:
        fields.append(node.field)
        node = node.operand
    if not isinstance(node, Ident):
        return None
    return ".".join([node.name, *reversed(fields)])
