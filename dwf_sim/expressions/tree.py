"""Turns cel-python's parse tree into our own, bottom up and without recursion.

Each grammar rule has one small function from the finished parts below it to a part; macros are
expanded on the way (macros.py), nesting is counted (heights.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

import attrs

from dwf_sim.errors import ExpressionError
from dwf_sim.expressions import nodes
from dwf_sim.expressions.canonical import Canonical, canonical
from dwf_sim.expressions.grammar import parse_tree
from dwf_sim.expressions.heights import Heights, highest
from dwf_sim.expressions.macros import expand_global, expand_member
from dwf_sim.expressions.nodes import Call, Ident, ListNode, Literal, MapNode, Message, Node, Select
from dwf_sim.expressions.tokens import tokens_of

RESERVED = (
    *("as", "break", "const", "continue", "else", "false", "for", "function", "if", "import"),
    *("in", "let", "loop", "package", "namespace", "null", "return", "true", "var", "void"),
    "while",
)


@attrs.frozen
class Part:
    """What one rule came to: a node (or several, for a list of arguments) and its heights."""

    nodes: tuple[Node, ...]
    heights: Heights
    operator: str = ""

    @property
    def node(self) -> Node:
        """The only node of a part that has one."""
        return self.nodes[0]


Below = list[Part]
"""The finished parts below a rule; a name or a literal is a part without nodes' heights."""


@lru_cache(maxsize=256)  # A registration asks for the tree of a text twice or thrice.
def parse(text: str) -> Node:
    """Parse a text into a tree; raises `ExpressionError` when it is no expression."""
    written = canonical(tokens_of(text))
    tree = parse_tree(written.text)
    finished: dict[int, Part] = {}
    for subtree in tree.iter_subtrees():
        below = [_part(child, finished, written) for child in subtree.children]
        finished[id(subtree)] = _RULES[str(subtree.data)](below)
    return finished[id(tree)].node


def _part(child: object, finished: dict[int, Part], written: Canonical) -> Part:
    if id(child) in finished:
        return finished[id(child)]
    word = str(child)
    if word.startswith("n"):
        return Part((Ident(written.names[int(word[1:])]),), Heights())
    return Part((Literal(written.literals[int(word)]),), Heights())


def _same(below: Below) -> Part:
    return below[0]


def _none(below: Below) -> Part:
    assert not below, "a sign has nothing below it"
    return Part((), Heights())


def _several(below: Below) -> Part:
    return Part(tuple(part.node for part in below), _highest(below))


def _literal(below: Below) -> Part:
    return Part(below[0].nodes, Heights(depth=1))


def _expression(below: Below) -> Part:
    if len(below) == 1:
        return attrs.evolve(below[0], heights=below[0].heights.plus(expressions=1))
    heights = _highest(below).plus(expressions=1, operators=1, depth=1)
    return Part((Call(nodes.TERNARY, tuple(part.node for part in below)),), heights)


def _logic(operator: str) -> Callable[[Below], Part]:
    def rule(below: Below) -> Part:
        if len(below) == 1:
            # A chain a || b || c is one call; parentheses end a chain.
            return attrs.evolve(below[0], operator="")
        left, right = below
        is_chain = left.operator == operator and isinstance(left.node, Call)
        terms = left.node.arguments if is_chain and isinstance(left.node, Call) else left.nodes
        depth = max(left.heights.depth - is_chain, right.heights.depth)
        heights = attrs.evolve(_highest(below), depth=depth).plus(depth=1)
        return Part((Call(operator, (*terms, right.node)),), heights, operator)

    return rule


def _operator_left(name: str) -> Callable[[Below], Part]:
    def rule(below: Below) -> Part:
        return attrs.evolve(below[0], operator=name)

    return rule


def _relation(below: Below) -> Part:
    if len(below) == 1:
        return attrs.evolve(below[0], heights=below[0].heights.plus(relations=1))
    left, right = below
    open_right = right.heights.plus(relations=2)
    heights = highest([left.heights, open_right]).plus(operators=1, depth=1)
    return Part((Call(left.operator, (left.node, right.node)),), heights)


def _sum(below: Below) -> Part:
    if len(below) == 1:
        return below[0]
    left, right = below
    heights = highest([left.heights, right.heights.plus(sums=1)]).plus(operators=1, depth=1)
    return Part((Call(left.operator, (left.node, right.node)),), heights)


def _unary(below: Below) -> Part:
    part = below[-1]
    if len(below) == 1:
        return attrs.evolve(part, heights=part.heights.plus(sums=1))
    return Part((Call(below[0].operator, part.nodes),), part.heights.plus(depth=1))


def _sign(name: str) -> Callable[[Below], Part]:
    def rule(below: Below) -> Part:
        return attrs.evolve(_none(below), operator=name)

    return rule


def _dot(below: Below) -> Part:
    target, field = below
    node = Select(target.node, _spelled(field))
    return Part((node,), target.heights.plus(operators=1, depth=1))


def _member_call(below: Below) -> Part:
    target, function, *rest = below
    arguments = rest[0].nodes if rest else ()
    heights = _highest([target, *rest]).plus(operators=1, depth=1)
    expanded = expand_member(_spelled(function), target.node, arguments)
    if expanded is not None:
        return Part((expanded,), heights.plus(depth=2))
    return Part((Call(_spelled(function), arguments, target.node),), heights)


def _index(below: Below) -> Part:
    heights = _highest(below).plus(operators=1, depth=2)
    return Part((Call(nodes.INDEX, tuple(part.node for part in below)),), heights)


def _message(below: Below) -> Part:
    name = nodes.dotted_name(below[0].node)
    if name is None:
        raise ExpressionError("the expression has { after a value; an operator must stand between")
    return Part((Message(name),), _highest(below).plus(depth=1))


def _fields(below: Below) -> Part:
    return Part((), _highest(below))


def _ident(below: Below) -> Part:
    return Part((Ident(_unreserved(below[0])),), Heights(depth=1))


def _global_ident(below: Below) -> Part:
    return Part((Ident("." + _unreserved(below[0])),), Heights(depth=1))


def _call(below: Below) -> Part:
    function, *rest = below
    arguments = rest[0].nodes if rest else ()
    heights = _highest(rest).plus(depth=1)
    expanded = expand_global(_unreserved(function), arguments)
    if expanded is not None:
        return Part((expanded,), heights)
    return Part((Call(_spelled(function), arguments),), heights)


def _global_call(below: Below) -> Part:
    # With a leading dot a name is never a macro (parser/macro.go compares the dotted name).
    function, *rest = below
    arguments = rest[0].nodes if rest else ()
    return Part((Call(_unreserved(function), arguments),), _highest(rest).plus(depth=1))


def _list(below: Below) -> Part:
    elements = below[0].nodes if below else ()
    return Part((ListNode(elements),), _highest(below).plus(depth=1))


def _map(below: Below) -> Part:
    flat = below[0].nodes if below else ()
    entries = tuple(zip(flat[::2], flat[1::2], strict=True))
    return Part((MapNode(entries),), _highest(below).plus(depth=2))


def _highest(parts: Iterable[Part]) -> Heights:
    return highest(part.heights for part in parts)


def _spelled(part: Part) -> str:
    assert isinstance(part.node, Ident), "a name is an Ident"
    return part.node.name


def _unreserved(part: Part) -> str:
    name = _spelled(part)
    if name in RESERVED:
        raise ExpressionError(f"{name!r} is a reserved word; it can be a field but not a name")
    return name


_RULES: dict[str, Callable[[Below], Part]] = {
    "expr": _expression,
    "conditionalor": _logic(nodes.OR),
    "conditionaland": _logic(nodes.AND),
    "relation": _relation,
    "relation_lt": _operator_left(nodes.LESS),
    "relation_le": _operator_left(nodes.LESS_EQUAL),
    "relation_gt": _operator_left(nodes.GREATER),
    "relation_ge": _operator_left(nodes.GREATER_EQUAL),
    "relation_eq": _operator_left(nodes.EQUAL),
    "relation_ne": _operator_left(nodes.NOT_EQUAL),
    "relation_in": _operator_left(nodes.IN),
    "addition": _sum,
    "addition_add": _operator_left(nodes.ADD),
    "addition_sub": _operator_left(nodes.SUBTRACT),
    "multiplication": _sum,
    "multiplication_mul": _operator_left(nodes.MULTIPLY),
    "multiplication_div": _operator_left(nodes.DIVIDE),
    "multiplication_mod": _operator_left(nodes.MODULO),
    "unary": _unary,
    "unary_not": _sign(nodes.NOT),
    "unary_neg": _sign(nodes.NEGATE),
    "member": _same,
    "member_dot": _dot,
    "member_dot_arg": _member_call,
    "member_index": _index,
    "member_object": _message,
    "primary": _same,
    "dot_ident_arg": _global_call,
    "dot_ident": _global_ident,
    "ident_arg": _call,
    "ident": _ident,
    "paren_expr": _same,
    "list_lit": _list,
    "map_lit": _map,
    "exprlist": _several,
    "fieldinits": _fields,
    "mapinits": _several,
    "literal": _literal,
}
