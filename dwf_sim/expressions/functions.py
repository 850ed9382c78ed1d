"""Every function and operator by its name: how many arguments, of which types, and what it does.

Follows cel-go common/stdlib/standard.go and the engine's exprenv/overloads.go. Two families
exist. A function with *overloads* looks for the one whose types fit. A function without them has
one body, which at most asks for a trait of its first argument (`first`). How many arguments a
function can be given is decided when an expression is compiled, everything else when it runs.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs

from dwf_sim.expressions import arithmetic, comparison, conversions, getters, nodes, strings
from dwf_sim.expressions.times import date_of_int, read_date
from dwf_sim.expressions.values import (
    NO_OVERLOAD,
    NOTHING,
    EngineFault,
    Failure,
    elements_of,
    find_key,
    kind_of,
    size_of_map,
)

Body = Callable[..., object]
DURATION, TIMESTAMP = "google.protobuf.Duration", "google.protobuf.Timestamp"
_NUMBERS = ("int", "uint", "double")
_TIMES = (TIMESTAMP, DURATION)
_ADDABLE = (*_NUMBERS, "string", "bytes", "list", *_TIMES)
_ORDERED = (*_NUMBERS, "string", "bytes", "bool", *_TIMES)
_SIZED = ("string", "bytes", "list", "map")


@attrs.frozen
class Function:
    """One function: `counts` are the numbers of arguments it can be planned with, None for any."""

    name: str
    body: Body
    counts: tuple[int, ...] | None
    first: tuple[str, ...] = ()
    is_strict: bool = True

    def apply(self, arguments: tuple[object, ...]) -> object:
        """Apply to values; only a function that is not strict sees failures and missing ones."""
        if self.first and kind_of(arguments[0]) not in self.first:
            return _received(self.name, arguments)
        return self.body(*arguments)


def unknown_function(name: str) -> Function:
    """Stand for a name that no function has; it fails only when it is applied."""

    def body(*arguments: object) -> object:
        return _received(name, arguments)

    return Function(name, body, None)


def _received(name: str, arguments: tuple[object, ...]) -> object:
    """Do what is left when nothing fits: texts and times know methods of their own."""
    kind = kind_of(arguments[0])
    if kind == "":
        raise EngineFault(f"{name} is applied to no value at all")
    if kind in ("string", *_TIMES):
        return NO_OVERLOAD
    return Failure(f"no such overload: {name}")


def _overloaded(name: str, *overloads: tuple[tuple[str, ...], Body]) -> Function:
    def body(*arguments: object) -> object:
        kinds = tuple(kind_of(argument) for argument in arguments)
        if "" in kinds:
            raise EngineFault(f"{name} is applied to no value at all")
        for wanted, chosen in overloads:
            if wanted == kinds:
                return chosen(*arguments)
        return Failure(f"no such overload: {name}({', '.join(kinds)})")

    return Function(name, body, None)


def _conversion(name: str, body: Body, *kinds: str) -> Function:
    return _overloaded(name, *(((kind,), body) for kind in kinds))


def _getter(name: str) -> Function:
    overloads: list[tuple[tuple[str, ...], Body]] = [
        ((TIMESTAMP,), getters.in_utc(name)),
        ((TIMESTAMP, "string"), getters.in_zone(name)),
    ]
    if name in getters.DURATION_UNITS:
        overloads.append(((DURATION,), getters.of_duration(name)))
    return _overloaded(name, *overloads)


def _relation(name: str, holds: Callable[[int], bool]) -> Function:
    def body(left: object, right: object) -> object:
        result = comparison.order(left, right)
        return result if isinstance(result, Failure) else holds(result)

    return Function(name, body, (2,), _ORDERED)


def _not(value: object) -> object:
    return not value if isinstance(value, bool) else NO_OVERLOAD


def _not_strictly_false(value: object) -> object:
    return value if isinstance(value, bool) else True


def _in(wanted: object, container: object) -> object:
    match kind_of(container):
        case "list":
            return comparison.contains(container, wanted)
        case "map":
            return find_key(container, wanted) is not NOTHING
        case "":
            raise EngineFault("in is applied to no value at all")
    return NO_OVERLOAD


def _size(value: object) -> object:
    if isinstance(value, str | bytes):
        return len(value)
    return size_of_map(value) if kind_of(value) == "map" else len(elements_of(value))


def _date(value: object) -> object:
    if isinstance(value, str):
        return read_date(value)
    if kind_of(value) == "":
        raise EngineFault("date is applied to no value at all")
    return date_of_int(value) if isinstance(value, int) and kind_of(value) == "int" else NOTHING


def _same(value: object) -> object:
    return value


_UNARY, _BINARY = (1,), (2,)
_LIST = [
    Function(nodes.NOT, _not, _UNARY),
    Function(nodes.NOT_STRICTLY_FALSE, _not_strictly_false, _UNARY, is_strict=False),
    Function(nodes.EQUAL, comparison.equal, _BINARY),
    Function(nodes.NOT_EQUAL, lambda left, right: not comparison.equal(left, right), _BINARY),
    _relation(nodes.LESS, lambda order: order < 0),
    _relation(nodes.LESS_EQUAL, lambda order: order <= 0),
    _relation(nodes.GREATER, lambda order: order > 0),
    _relation(nodes.GREATER_EQUAL, lambda order: order >= 0),
    Function(nodes.ADD, arithmetic.add, _BINARY, _ADDABLE),
    Function(nodes.SUBTRACT, arithmetic.subtract, _BINARY, (*_NUMBERS, *_TIMES)),
    Function(nodes.MULTIPLY, arithmetic.multiply, _BINARY, _NUMBERS),
    Function(nodes.DIVIDE, arithmetic.divide, _BINARY, _NUMBERS),
    Function(nodes.MODULO, arithmetic.modulo, _BINARY, ("int", "uint")),
    Function(nodes.NEGATE, arithmetic.negate, _UNARY, ("bool", "int", "double", DURATION)),
    Function(nodes.IN, _in, _BINARY),
    Function("size", _size, _UNARY, _SIZED),
    Function("type", conversions.to_type, _UNARY),
    Function("dyn", _same, _UNARY),
    _conversion("bool", conversions.to_bool, "bool", "string"),
    _conversion("bytes", conversions.to_bytes, "bytes", "string"),
    _conversion("double", conversions.to_double, *_NUMBERS, "string"),
    _conversion("int", conversions.to_int, *_NUMBERS, "string", *_TIMES),
    _conversion("uint", conversions.to_uint, *_NUMBERS, "string"),
    _conversion("string", conversions.to_string, *_NUMBERS, "string", "bool", "bytes", *_TIMES),
    _conversion("duration", conversions.to_duration, DURATION, "int", "string"),
    _conversion("timestamp", conversions.to_timestamp, TIMESTAMP, "int", "string"),
    Function("contains", strings.contains, _BINARY),
    Function("startsWith", strings.starts_with, _BINARY),
    Function("endsWith", strings.ends_with, _BINARY),
    Function("matches", strings.matches, _BINARY, ("string",)),
    Function("lowercase", strings.lowercase, _UNARY),
    Function("uppercase", strings.uppercase, _UNARY),
    Function("b64decode", strings.b64decode, _UNARY),
    Function("json_parse", strings.json_parse, _UNARY),
    Function("date", _date, _UNARY),
    *(_getter(name) for name in getters.NAMES),
]

FUNCTIONS: dict[str, Function] = {function.name: function for function in _LIST}
CLOCK_FUNCTIONS = {"now": 0, "now_plus": 1, "now_minus": -1}
"""The functions that read the clock, and the sign of their argument (compiled in plan.py)."""
