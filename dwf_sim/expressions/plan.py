"""Compiles a tree into closures: everything that does not depend on the event is done here.

One function per kind of node. Chains of selections stay attributes until something uses their
value (attributes.py), because where a path ends decides what is missing. The commonest shapes,
a path of an event and a comparison of two scalars, have short cuts with the same answers.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping

import attrs

from dwf_sim.errors import ExpressionError
from dwf_sim.expressions import nodes
from dwf_sim.expressions.attributes import (
    Attribute,
    Conditional,
    Named,
    Qualifier,
    Relative,
    fixed_qualifier,
)
from dwf_sim.expressions.clock import clock_function
from dwf_sim.expressions.folds import Fold
from dwf_sim.expressions.functions import CLOCK_FUNCTIONS, FUNCTIONS, Function, unknown_function
from dwf_sim.expressions.lifting import VARIABLE
from dwf_sim.expressions.logic import all_of, any_of, condition_of
from dwf_sim.expressions.missing import call, is_absent
from dwf_sim.expressions.nodes import (
    Call,
    Comprehension,
    Ident,
    ListNode,
    Literal,
    MapNode,
    Message,
    Node,
    Select,
)
from dwf_sim.expressions.paths import Path, used_paths
from dwf_sim.expressions.scope import Evaluate, Scope
from dwf_sim.expressions.values import MISSING, ListValue, adapt, build_map

_EVENT_ROOTS = ("event", "async")
_SCALARS = (str, float)


def plan(tree: Node, lifted: Mapping[str, object]) -> Evaluate:
    """Compile a tree; raises `ExpressionError` for a call that no function could answer."""
    planner = _Planner(used_paths(tree), lifted)
    return planner.plan(tree, frozenset())


Locals = frozenset[str]
"""The names that macros around a node declare."""


@attrs.frozen
class _Planner:
    used: tuple[Path, ...]
    lifted: Mapping[str, object]

    def plan(self, node: Node, names: Locals) -> Evaluate:
        """Compile one node under the names that macros around it declare."""
        match node:
            case Ident() | Select() | Call(nodes.INDEX | nodes.TERNARY, target=None):
                return self._read(self._attribute(node, names), names)
            case Call():
                return self._call(node, names)
            case Literal(value):
                return lambda _: value
            case ListNode(elements):
                return _list([self.plan(element, names) for element in elements])
            case MapNode(entries):
                return _map(
                    [(self.plan(key, names), self.plan(value, names)) for key, value in entries]
                )
            case Comprehension():
                return self._fold(node, names)
            case Message(name):
                raise ExpressionError(f"{name}{{…}} is given; no such type can be built, use a map")

    def _read(self, attribute: Attribute, names: Locals) -> Evaluate:
        path = attribute.static_path() if isinstance(attribute, Named) else None
        if path is not None and path[0] not in names:
            if len(path) == 2 and path[0] == VARIABLE and path[1] in self.lifted:
                literal = self.lifted[path[1]]
                return lambda _: literal
            if path[0] in _EVENT_ROOTS and self._rivals(path) == [path]:
                return _event_path(path)
        return attribute.reader(self.used)

    def _rivals(self, path: Path) -> list[Path]:
        return [used for used in self.used if used[: len(path)] == path[: len(used)]]

    def _attribute(self, node: Node, names: Locals) -> Attribute:
        match node:
            case Ident(name):
                return Named(name, is_local=name in names)
            case Select(operand, field, is_test):
                qualifier = Qualifier(field, is_test=is_test)
                return self._attribute(operand, names).qualified(qualifier)
            case Call(nodes.INDEX, (operand, Literal(key)), None):
                return self._attribute(operand, names).qualified(fixed_qualifier(key))
            case Call(nodes.INDEX, (operand, index), None):
                qualifier = Qualifier(None, self.plan(index, names))
                return self._attribute(operand, names).qualified(qualifier)
            case Call(nodes.TERNARY, (condition, then, otherwise), None):
                return Conditional(
                    condition_of(self.plan(condition, names)),
                    self._attribute(then, names),
                    self._attribute(otherwise, names),
                )
        return Relative(self.plan(node, names))

    def _call(self, node: Call, names: Locals) -> Evaluate:
        # resolveFunction: a dotted function name exists nowhere, so a target is an argument.
        arguments = [] if node.target is None else [self.plan(node.target, names)]
        for argument in node.arguments:
            arguments.append(self.plan(argument, names))
        if node.function == nodes.OR:
            return any_of(tuple(arguments))
        if node.function == nodes.AND:
            return all_of(tuple(arguments))
        if node.function in CLOCK_FUNCTIONS:
            return clock_function(node.function, tuple(arguments))
        return _applied(_planned(node.function, len(arguments)), tuple(arguments))

    def _fold(self, node: Comprehension, names: Locals) -> Evaluate:
        inner = names | {nodes.ACCUMULATOR, node.variable}
        fold = Fold(
            self.plan(node.items, names),
            node.variable,
            self.plan(node.start, names),
            self.plan(node.condition, inner),
            self.plan(node.step, inner),
            self.plan(node.result, names | {nodes.ACCUMULATOR}),
        )
        return fold.run


def _planned(name: str, count: int) -> Function:
    function = FUNCTIONS.get(name) or unknown_function(name)
    counts = function.counts
    is_zero_refused = count == 0 and name not in FUNCTIONS
    if is_zero_refused or (counts is not None and count not in counts):
        allowed = "at least one" if counts is None else " or ".join(map(str, counts))
        raise ExpressionError(f"{name}() is given {count} arguments; it takes {allowed}")
    return function


def _applied(function: Function, arguments: tuple[Evaluate, ...]) -> Evaluate:
    quick = _QUICK.get(function.name)
    if quick is not None and len(arguments) == 2:
        return _compared(function, quick, *arguments)
    if len(arguments) == 1:
        only = arguments[0]
        return lambda scope: call(function, (only(scope),))
    if len(arguments) == 2:
        first, second = arguments
        return lambda scope: call(function, (first(scope), second(scope)))
    return lambda scope: call(function, tuple([argument(scope) for argument in arguments]))


_QUICK: dict[str, Callable[[object, object], object]] = {
    nodes.EQUAL: operator.eq,
    nodes.NOT_EQUAL: operator.ne,
}


def _compared(
    function: Function,
    quick: Callable[[object, object], object],
    left: Evaluate,
    right: Evaluate,
) -> Evaluate:
    """Compile `==` and `!=`; two strings or two doubles need none of the rules."""

    def run(scope: Scope) -> object:
        mine, yours = left(scope), right(scope)
        kind = type(mine)
        if kind is type(yours) and kind in _SCALARS:
            return quick(mine, yours)
        return call(function, (mine, yours))

    return run


def _event_path(path: Path) -> Evaluate:
    """Compile a path of an event that no other used path touches."""
    root, *keys = path

    def read(scope: Scope) -> object:
        value = scope.root.names.get(root)
        for key in keys:
            if type(value) is not dict or key not in value:
                return MISSING
            value = value[key]
        return value if type(value) is str else adapt(value)

    return read


def _list(elements: list[Evaluate]) -> Evaluate:
    def run(scope: Scope) -> object:
        values: list[object] = []
        for element in elements:
            value = element(scope)
            if is_absent(value):
                return value
            values.append(value)
        return ListValue(tuple(values))

    return run


def _map(entries: list[tuple[Evaluate, Evaluate]]) -> Evaluate:
    def run(scope: Scope) -> object:
        values: list[tuple[object, object]] = []
        for key, value in entries:
            pair = key(scope), value(scope)
            if is_absent(pair[0]) or is_absent(pair[1]):
                return pair[0] if is_absent(pair[0]) else pair[1]
            values.append(pair)
        return build_map(values)

    return run
