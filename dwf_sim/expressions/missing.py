"""What a call answers when an argument is missing, an error or null: rules B208 to B216, ALG11.

Follows the engine's pkg/expressions/unknown.go, which wraps every call. Its order matters:
two known types are tried first, then a failed `+` becomes a text, then missing values and errors
get the fixed answers below, and last a null on one side of `<` turns into the other side's zero.
"""

from __future__ import annotations

from dwf_sim.expressions import nodes
from dwf_sim.expressions.functions import Function
from dwf_sim.expressions.text import go_text
from dwf_sim.expressions.values import MISSING, EngineFault, Failure, Missing, Uint, kind_of

UNKNOWN_NAME = "no such attribute"
"""How the failure of an undeclared name begins; only this one is passed on as it is."""

_ABSENT = ("unknown", "error")
_SMALLER = (nodes.LESS, nodes.LESS_EQUAL)
_GREATER = (nodes.GREATER, nodes.GREATER_EQUAL)
_ZEROS: dict[str, object] = {"int": 0, "uint": Uint(0), "double": 0.0, "string": ""}


def is_absent(value: object) -> bool:
    """Say whether a value is missing or an error."""
    return isinstance(value, Missing | Failure)


def call(function: Function, arguments: tuple[object, ...]) -> object:
    """Apply a function the way the engine does, whatever its arguments are."""
    kinds = _kinds(arguments)
    if len(kinds) == 2 and "unknown" not in kinds:
        result = _strictly(function, arguments)
        if not is_absent(result):
            return result
        if function.name == nodes.ADD:
            return "".join(go_text(argument) for argument in arguments)
    if "unknown" in kinds or "error" in kinds:
        if any(_is_unknown_name(argument) for argument in arguments[:2]):
            return _strictly(function, arguments)
        return _answer(function.name, arguments, kinds)
    if len(kinds) == 2 and "null_type" in kinds and function.name in (*_SMALLER, *_GREATER):
        return function.body(*_zeros_for_null(arguments, kinds))
    return _strictly(function, arguments)


def _kinds(arguments: tuple[object, ...]) -> list[str]:
    """List the first two different kinds; no value at all has none."""
    kinds: list[str] = []
    for argument in arguments:
        kind = kind_of(argument)
        if kind and kind not in kinds and len(kinds) < 2:
            kinds.append(kind)
    return kinds


def _strictly(function: Function, arguments: tuple[object, ...]) -> object:
    if function.is_strict:
        for argument in arguments:
            if is_absent(argument):
                return argument
    return function.apply(arguments)


def _is_unknown_name(argument: object) -> bool:
    return isinstance(argument, Failure) and argument.message.startswith(UNKNOWN_NAME)


def _answer(name: str, arguments: tuple[object, ...], kinds: list[str]) -> object:
    if name == nodes.ADD:
        return next((value for value in arguments if value is not MISSING), False)
    if name in (nodes.EQUAL, nodes.NOT_EQUAL):
        return ("null_type" in kinds) == (name == nodes.EQUAL)
    if name in (*_SMALLER, *_GREATER):
        first = kind_of(arguments[0])
        if not first:
            raise EngineFault("no value at all is compared")
        return (first in _ABSENT) == (name in _SMALLER)
    return 0 if name == "size" else False


def _zeros_for_null(arguments: tuple[object, ...], kinds: list[str]) -> list[object]:
    other = next(kind for kind in kinds if kind != "null_type")
    return [_ZEROS.get(other) if argument is None else argument for argument in arguments]
