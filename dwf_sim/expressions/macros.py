"""Expands the six macros into selections and folds while the tree is built.

Follows cel-go parser/macro.go: `has` asks for a selection; the others need a plain name as their
variable, and every one of them becomes the same fold with other parts.
"""

from __future__ import annotations

from dwf_sim.errors import ExpressionError
from dwf_sim.expressions.nodes import (
    ACCUMULATOR,
    ADD,
    AND,
    EQUAL,
    NOT,
    NOT_STRICTLY_FALSE,
    OR,
    TERNARY,
    Call,
    Comprehension,
    Ident,
    ListNode,
    Literal,
    Node,
    Select,
)

_TOTAL = Ident(ACCUMULATOR)
_TRUE = Literal(value=True)
_FORBIDDEN_VARIABLES = (ACCUMULATOR, "__result__")


def expand_global(function: str, arguments: tuple[Node, ...]) -> Node | None:
    """Expand `has(a.b)`; None if the call is no macro."""
    if function != "has" or len(arguments) != 1:
        return None
    argument = arguments[0]
    if not isinstance(argument, Select):
        raise ExpressionError(
            "has() is given something else than a field; write has(event.data.name)"
        )
    return Select(argument.operand, argument.field, is_test=True)


def expand_member(function: str, target: Node, arguments: tuple[Node, ...]) -> Node | None:
    """Expand `items.all(x, …)` and its kin; None if the call is no macro."""
    match function, arguments:
        case "all", (variable, body):
            return _all(target, _name(function, variable), body)
        case "exists", (variable, body):
            return _exists(target, _name(function, variable), body)
        case (("exists_one" | "existsOne"), (variable, body)):
            return _exists_one(target, _name(function, variable), body)
        case "map", (variable, body):
            return _collect(target, _name(function, variable), body, None)
        case "map", (variable, condition, body):
            return _collect(target, _name(function, variable), body, condition)
        case "filter", (variable, body):
            return _collect(target, _name(function, variable), variable, body)
    return None


def _name(function: str, variable: Node) -> str:
    if not isinstance(variable, Ident):
        raise ExpressionError(
            f"{function}() is given an expression as its variable; "
            f"write a plain name, as in items.{function}(x, x > 1)"
        )
    if variable.name in _FORBIDDEN_VARIABLES:
        raise ExpressionError(f"{function}() cannot use the variable {variable.name}; rename it")
    return variable.name


def _all(items: Node, variable: str, body: Node) -> Node:
    condition = Call(NOT_STRICTLY_FALSE, (_TOTAL,))
    step = Call(AND, (_TOTAL, body))
    return Comprehension(items, variable, _TRUE, condition, step, _TOTAL)


def _exists(items: Node, variable: str, body: Node) -> Node:
    condition = Call(NOT_STRICTLY_FALSE, (Call(NOT, (_TOTAL,)),))
    step = Call(OR, (_TOTAL, body))
    return Comprehension(items, variable, Literal(value=False), condition, step, _TOTAL)


def _exists_one(items: Node, variable: str, body: Node) -> Node:
    one = Literal(1)
    step = Call(TERNARY, (body, Call(ADD, (_TOTAL, one)), _TOTAL))
    result = Call(EQUAL, (_TOTAL, one))
    return Comprehension(items, variable, Literal(0), _TRUE, step, result)


def _collect(items: Node, variable: str, body: Node, condition: Node | None) -> Node:
    step: Node = Call(ADD, (_TOTAL, ListNode((body,))))
    if condition is not None:
        step = Call(TERNARY, (condition, step, _TOTAL))
    return Comprehension(items, variable, ListNode(()), _TRUE, step, _TOTAL)
