"""The three checks that a text can meet when a function is registered (B221, B222, B223).

A full check knows names, functions and types; the restricted one, for cancellations, allows logic
and comparisons only; the weakest asks whether the text could be evaluated at all. The first two
read the text as it is written, the last one as it will be evaluated, with its literals lifted.
"""

from __future__ import annotations

from dwf_sim.errors import ExpressionError
from dwf_sim.expressions import nodes
from dwf_sim.expressions.checker import check_types
from dwf_sim.expressions.expression import compile_expression
from dwf_sim.expressions.nodes import Call, Comprehension, Node, Select
from dwf_sim.expressions.tree import parse

_ALLOWED = (
    *("int", "uint", "double"),
    *(nodes.TERNARY, nodes.AND, nodes.OR, nodes.NOT, nodes.EQUAL, nodes.NOT_EQUAL),
    *(nodes.LESS, nodes.LESS_EQUAL, nodes.GREATER, nodes.GREATER_EQUAL, nodes.INDEX, nodes.IN),
)


def check(text: str) -> None:
    """Check what triggers, batches, rate limits and debounces are given (B221)."""
    check_types(parse(text))


def check_restricted(text: str) -> None:
    """Check a cancellation: the full check, then no macros and no functions but a few (B222)."""
    tree = parse(text)
    check_types(tree)
    waiting = [tree]
    while waiting:
        waiting.extend(_examined(waiting.pop()))


def check_parses(text: str) -> None:
    """Check what priorities and concurrency keys are given: that it can be compiled (B223)."""
    compile_expression(text)


def _examined(node: Node) -> tuple[Node, ...]:
    """Refuse a node or return what to examine next; the engine looks no deeper than this.

    It enters neither lists, maps nor the target of a member call (pkg/expressions/validation.go).
    """
    match node:
        case Comprehension():
            raise ExpressionError(_complaint("a macro"))
        case Select(is_test=True):
            raise ExpressionError(_complaint("the macro has()"))
        case Select(operand):
            return (operand,)
        case Call(function) if function not in _ALLOWED:
            raise ExpressionError(_complaint(f"{function}"))
        case Call(_, arguments):
            return arguments
    return ()


def _complaint(used: str) -> str:
    return (
        f"the expression uses {used}; a cancellation may use comparisons, in, && || ! ?:, [] and "
        "int(), uint(), double() only; compute the value before the event is sent"
    )
