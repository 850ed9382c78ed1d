"""Types at registration, and how cel-go makes two of them agree (checker/types.go).

`dyn` agrees with everything; a type variable (its name starts with `_`) agrees with whatever it
meets first and remembers it in the bindings. Failed attempts leave no trace, so each starts from
a copy.
"""

from __future__ import annotations

import attrs


@attrs.frozen
class Type:
    """A type by its name, with the types of its elements, or of its keys and values."""

    name: str
    parameters: tuple[Type, ...] = ()

    @property
    def is_variable(self) -> bool:
        """Say whether this stands for a type still to be found."""
        return self.name.startswith("_")

    def __str__(self) -> str:
        inner = ", ".join(map(str, self.parameters))
        return f"{self.name}({inner})" if inner else self.name


DYN, NULL = Type("dyn"), Type("null")
BOOL, INT, UINT, DOUBLE = Type("bool"), Type("int"), Type("uint"), Type("double")
STRING, BYTES = Type("string"), Type("bytes")
TIMESTAMP, DURATION = Type("timestamp"), Type("duration")

Bindings = dict[str, Type]
_NULLABLE = ("timestamp", "duration")


def list_of(element: Type) -> Type:
    """Make the type of a list."""
    return Type("list", (element,))


def map_of(key: Type, value: Type) -> Type:
    """Make the type of a map."""
    return Type("map", (key, value))


def type_of(inner: Type) -> Type:
    """Make the type of a type."""
    return Type("type", (inner,))


def agree(pairs: list[tuple[Type, Type]], bindings: Bindings) -> Bindings | None:
    """Bind variables so that each first type fits its second; None if that cannot be."""
    attempt = dict(bindings)
    if all(_fits(given, wanted, attempt) for given, wanted in pairs):
        return attempt
    return None


def resolved(type_: Type, bindings: Bindings) -> Type:
    """Replace the bound variables in a type by what they are bound to."""
    while type_.name in bindings:
        type_ = bindings[type_.name]
    if not type_.parameters:
        return type_
    return Type(type_.name, tuple(resolved(inner, bindings) for inner in type_.parameters))


def more_general(first: Type, second: Type) -> Type:
    """Choose the less specific of two types that agree."""
    return first if _is_as_general(first, second) else second


def _fits(given: Type, wanted: Type, bindings: Bindings) -> bool:
    if wanted.is_variable:
        is_bound = wanted.name in bindings
        if _bind(wanted, given, bindings):
            return True
        if is_bound:
            return False
    if given.is_variable:
        return _bind(given, wanted, bindings)
    if DYN in (given, wanted):
        return True
    if NULL in (given, wanted):
        return given == wanted or (given if wanted == NULL else wanted).name in _NULLABLE
    if given.name != wanted.name:
        return False
    # The types of types all agree; everything else agrees if its parameters do.
    return given.name == "type" or all(
        _fits(mine, yours, bindings)
        for mine, yours in zip(given.parameters, wanted.parameters, strict=True)
    )


def _bind(variable: Type, other: Type, bindings: Bindings) -> bool:
    """Let a variable stand for another type, or for the more general of two that agree."""
    if variable == other:
        return True
    bound = bindings.get(variable.name)
    if bound is None:
        if _occurs(variable, other, bindings):
            return False
        bindings[variable.name] = other
        return True
    if other == bound:
        return True
    if not _fits(other, bound, bindings):
        return False
    general = more_general(other, bound)
    if not _occurs(variable, general, bindings):
        bindings[variable.name] = general
    return True


def _occurs(variable: Type, within: Type, bindings: Bindings) -> bool:
    if within == variable:
        return True
    if within.is_variable:
        bound = bindings.get(within.name)
        return bound is not None and _occurs(variable, bound, bindings)
    return any(_occurs(variable, inner, bindings) for inner in within.parameters)


def _is_as_general(first: Type, second: Type) -> bool:
    if first == DYN or first.is_variable:
        return True
    if second == DYN or second.is_variable or first.name != second.name:
        return False
    return first.name == "type" or all(
        _is_as_general(mine, yours)
        for mine, yours in zip(first.parameters, second.parameters, strict=True)
    )
