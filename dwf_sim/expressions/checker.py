"""Checks the types of an expression when a function is registered (B221).

Follows cel-go checker/checker.go, except that the first complaint ends the check: any one of
them refuses the expression.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from dwf_sim.errors import ExpressionError
from dwf_sim.expressions import nodes
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
    dotted_name,
)
from dwf_sim.expressions.signatures import SIGNATURES, Signature
from dwf_sim.expressions.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    NULL,
    STRING,
    TIMESTAMP,
    UINT,
    Bindings,
    Type,
    agree,
    list_of,
    map_of,
    more_general,
    resolved,
    type_of,
)
from dwf_sim.expressions.values import kind_of

Locals = Mapping[str, Type]

_TYPES: dict[str, Type] = {
    **{type_.name: type_ for type_ in (BOOL, BYTES, DOUBLE, INT, STRING, UINT)},
    "null_type": NULL,
    "google.protobuf.Timestamp": TIMESTAMP,
    "google.protobuf.Duration": DURATION,
    "list": list_of(DYN),
    "map": map_of(DYN, DYN),
    "type": Type("type"),
}
_EVENT = map_of(STRING, DYN)
_GLOBALS: dict[str, Type] = {
    **dict.fromkeys(("event", "async", "vars"), _EVENT),
    **{name: type_of(type_) for name, type_ in _TYPES.items()},
}
_NO_LOCALS: Locals = {}


def check_types(tree: Node) -> None:
    """Refuse undeclared names and functions, and calls whose types no function takes."""
    _Checker().type_of(tree, _NO_LOCALS)


@attrs.define
class _Checker:
    bindings: Bindings = attrs.Factory(dict)
    variables: int = 0

    def type_of(self, node: Node, names: Locals) -> Type:
        """Find the type of a node; raises `ExpressionError` if it has none."""
        match node:
            case Literal(value):
                return _TYPES[kind_of(value)]
            case Ident(name):
                return _declared(name, names)
            case Select():
                return self._select(node, names)
            case Call():
                return self._call(node, names)
            case ListNode(elements):
                return list_of(self._joined([self.type_of(part, names) for part in elements]))
            case MapNode(entries):
                return self._map(entries, names)
            case Comprehension():
                return self._fold(node, names)
            case Message(name):
                raise ExpressionError(f"{name}{{…}} is given; no such type can be built, use a map")

    def _select(self, node: Select, names: Locals) -> Type:
        spelled = dotted_name(node)
        if spelled is not None and spelled.split(".")[0] not in names:
            declared = _GLOBALS.get(spelled.removeprefix("."))
            if declared is not None:
                return declared
        operand = resolved(self.type_of(node.operand, names), self.bindings)
        field = self._field(operand, node.field)
        return BOOL if node.is_test else resolved(field, self.bindings)

    def _field(self, operand: Type, field: str) -> Type:
        if operand.name == "map":
            return operand.parameters[1]
        if operand.is_variable:
            self._unify([(DYN, operand)])
        elif operand != DYN:
            raise ExpressionError(
                f"the field {field!r} is taken from a {operand}; only maps, such as event.data, "
                "have fields"
            )
        return DYN

    def _call(self, node: Call, names: Locals) -> Type:
        given = []
        for argument in node.arguments:
            given.append(self.type_of(argument, names))
        if node.function in (nodes.AND, nodes.OR):
            return self._logic(given)
        if node.target is not None:
            given.insert(0, self.type_of(node.target, names))
        signatures = SIGNATURES.get(node.function)
        if signatures is None:
            raise ExpressionError(
                f"{node.function}() is called; there is no such function; known are "
                + ", ".join(name for name in SIGNATURES if name.isidentifier())
            )
        return self._chosen(node, signatures, given)

    def _logic(self, given: list[Type]) -> Type:
        for type_ in given:
            if not self._unify([(type_, BOOL)]):
                raise ExpressionError(
                    f"&& or || is given a {resolved(type_, self.bindings)}; at registration both "
                    "sides must be bool or come from an event; write a comparison"
                )
        return BOOL

    def _chosen(self, node: Call, signatures: tuple[Signature, ...], given: list[Type]) -> Type:
        """Find the result of the signatures that fit; several different ones make it dyn."""
        result: Type | None = None
        for signature in signatures:
            is_same_style = signature.is_member == (node.target is not None)
            if not is_same_style or len(signature.arguments) != len(given):
                continue
            *wanted, outcome = self._fresh((*signature.arguments, signature.result))
            if self._unify(list(zip(given, wanted, strict=True))):
                outcome = resolved(outcome, self.bindings)
                result = outcome if result in (None, outcome) else DYN
        if result is None:
            raise ExpressionError(_no_match(node, [resolved(one, self.bindings) for one in given]))
        return result

    def _joined(self, types: list[Type]) -> Type:
        """Find what the elements of a literal have in common, dyn if nothing."""
        if not types:
            return self._variable()
        joined = types[0]
        for type_ in types[1:]:
            joined = more_general(joined, type_) if self._unify([(joined, type_)]) else DYN
        return joined

    def _map(self, entries: tuple[tuple[Node, Node], ...], names: Locals) -> Type:
        types = [(self.type_of(key, names), self.type_of(value, names)) for key, value in entries]
        keys = self._joined([key for key, _ in types])
        return map_of(keys, self._joined([value for _, value in types]))

    def _fold(self, node: Comprehension, names: Locals) -> Type:
        items = resolved(self.type_of(node.items, names), self.bindings)
        total = self.type_of(node.start, names)
        outer = {**names, nodes.ACCUMULATOR: total}
        inner = {**outer, node.variable: self._element(items)}
        self.type_of(node.condition, inner)
        step = self.type_of(node.step, inner)
        if not self._unify([(total, step)]):
            raise ExpressionError(f"a macro's body is a {step}; it must be a {total}")
        return resolved(self.type_of(node.result, outer), self.bindings)

    def _element(self, items: Type) -> Type:
        if items.name in ("list", "map"):
            return items.parameters[0]
        if items.is_variable:
            self._unify([(DYN, items)])
        elif items != DYN:
            raise ExpressionError(
                f"a macro walks over a {items}; it walks over lists and the keys of maps only"
            )
        return DYN

    def _unify(self, pairs: list[tuple[Type, Type]]) -> bool:
        bindings = agree(pairs, self.bindings)
        self.bindings = self.bindings if bindings is None else bindings
        return bindings is not None

    def _fresh(self, types: tuple[Type, ...]) -> list[Type]:
        """Give every variable of a signature a new name for this call."""
        renamed: Bindings = {}
        for type_ in types:
            for variable in _variables_of(type_):
                renamed.setdefault(variable, self._variable())
        return [resolved(type_, renamed) for type_ in types]

    def _variable(self) -> Type:
        self.variables += 1
        return Type(f"_{self.variables}")


def _declared(name: str, names: Locals) -> Type:
    declared = names.get(name) or _GLOBALS.get(name.removeprefix("."))
    if declared is None:
        raise ExpressionError(
            f"the name {name!r} is undeclared; an expression knows event and async; write "
            "event.data.… for a field, and quotes around a text"
        )
    return declared


def _variables_of(type_: Type) -> list[str]:
    if type_.is_variable:
        return [type_.name]
    return [name for inner in type_.parameters for name in _variables_of(inner)]


def _no_match(node: Call, given: list[Type]) -> str:
    spelled = ", ".join("dyn" if type_.is_variable else str(type_) for type_ in given)
    return (
        f"{node.function} is applied to ({spelled}); no overload takes these; convert with "
        "int(), double() or string(), and compare values of one type"
    )
