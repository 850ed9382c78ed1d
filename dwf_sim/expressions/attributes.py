"""Reads `a.b[c].d`: finds the variable, then follows one qualifier after the other.

Follows cel-go interpreter/attributes.go and attribute_patterns.go. An attribute is missing when a
path that the expression uses and the event lacks begins like it, or it like that path. A dotted
name may also be the name of a type (`google.protobuf.Timestamp`).
"""

from __future__ import annotations

import attrs

from dwf_sim.errors import ExpressionError
from dwf_sim.expressions.missing import UNKNOWN_NAME
from dwf_sim.expressions.paths import Path, path_exists
from dwf_sim.expressions.scope import ABSENT, Evaluate, Scope
from dwf_sim.expressions.text import INNER, go_text
from dwf_sim.expressions.values import (
    MISSING,
    NOTHING,
    TYPE_NAMES,
    EngineFault,
    Failure,
    Missing,
    TypeValue,
    adapt,
    elements_of,
    find_key,
    kind_of,
    lossless_int,
)

_KEY_KINDS = ("string", "int", "uint", "double", "bool")


@attrs.frozen
class Qualifier:
    """One step: a fixed key, or one to be computed; `is_test` only asks whether it is there."""

    key: object
    compute: Evaluate | None = None
    is_test: bool = False

    def resolved(self, scope: Scope) -> object:
        """Return the key, a failure if it cannot be one, or MISSING."""
        if self.compute is None:
            return self.key
        key = self.compute(scope)
        if key is NOTHING:
            raise EngineFault("a key has no value at all")
        if kind_of(key) in (*_KEY_KINDS, "unknown", "error"):
            return key
        return Failure(f"invalid qualifier type: {kind_of(key)}")


def fixed_qualifier(key: object) -> Qualifier:
    """Make the qualifier of a key that the text itself spells out."""
    if kind_of(key) not in _KEY_KINDS:
        raise ExpressionError(
            f"{go_text(key)} is given as an index; an index is a string, a number or a bool"
        )
    return Qualifier(key)


@attrs.frozen
class Named:
    """A variable and its qualifiers; `is_local` if a macro declared it."""

    name: str
    is_local: bool
    qualifiers: tuple[Qualifier, ...] = ()

    def qualified(self, qualifier: Qualifier) -> Named:
        """Add a step."""
        return attrs.evolve(self, qualifiers=_added(self.qualifiers, qualifier))

    def reader(self, used: tuple[Path, ...]) -> Evaluate:
        """Compile into a reader; `used` are all the paths of the expression."""
        candidates = [self] if self.is_local else self._candidates()
        readers = [_named_reader(candidate, used) for candidate in candidates]
        longest = candidates[0].name.removeprefix(".")
        unknown = Failure(f"{UNKNOWN_NAME}(s): {longest}")

        def read(scope: Scope) -> object:
            for reader in readers:
                value = reader(scope)
                if value is not ABSENT:
                    return value
            return unknown

        return read

    def static_path(self) -> Path | None:
        """Spell the attribute as a path if all its steps are plain texts, else None."""
        keys = [self.name]
        for qualifier in self.qualifiers:
            if qualifier.compute is not None or qualifier.is_test or type(qualifier.key) is not str:
                return None
            keys.append(qualifier.key)
        return tuple(keys)

    def _candidates(self) -> list[Named]:
        """List the readings `a.b.c`, `a.b`.c and `a`.b.c, the longest name first."""
        readings, name = [self], self.name
        for position, qualifier in enumerate(self.qualifiers):
            if qualifier.compute is not None or type(qualifier.key) is not str:
                break
            name = f"{name}.{qualifier.key}"
            readings.insert(0, Named(name, False, self.qualifiers[position + 1 :]))
        return readings


@attrs.frozen
class Conditional:
    """`condition ? then : otherwise`; steps after it belong to both sides."""

    condition: Evaluate
    then: Attribute
    otherwise: Attribute

    def qualified(self, qualifier: Qualifier) -> Conditional:
        """Add a step."""
        return attrs.evolve(
            self,
            then=self.then.qualified(qualifier),
            otherwise=self.otherwise.qualified(qualifier),
        )

    def reader(self, used: tuple[Path, ...]) -> Evaluate:
        """Compile into a reader."""
        condition, then = self.condition, self.then.reader(used)
        otherwise = self.otherwise.reader(used)
        return lambda scope: then(scope) if condition(scope) else otherwise(scope)


@attrs.frozen
class Relative:
    """Steps that start from the value of any expression."""

    operand: Evaluate
    qualifiers: tuple[Qualifier, ...] = ()

    def qualified(self, qualifier: Qualifier) -> Relative:
        """Add a step."""
        return attrs.evolve(self, qualifiers=_added(self.qualifiers, qualifier))

    def reader(self, used: tuple[Path, ...]) -> Evaluate:
        """Compile into a reader."""
        del used  # only a variable can be missing
        operand, qualifiers = self.operand, self.qualifiers
        if not qualifiers:
            return operand

        def read(scope: Scope) -> object:
            value = operand(scope)
            if isinstance(value, Missing | Failure):
                return value
            return _follow(scope, value, qualifiers)

        return read


Attribute = Named | Conditional | Relative


def _added(qualifiers: tuple[Qualifier, ...], added: Qualifier) -> tuple[Qualifier, ...]:
    # After has(a.b) every further step only tests, too.
    is_test = added.is_test or (bool(qualifiers) and qualifiers[-1].is_test)
    return (*qualifiers, attrs.evolve(added, is_test=is_test))


def _named_reader(attribute: Named, used: tuple[Path, ...]) -> Evaluate:
    """Compile one reading of a name; it answers ABSENT if no such variable exists."""
    # A used path keeps the dot of `.event`, the variable does not: so that path is never missing.
    is_global, name = attribute.name.startswith("."), attribute.name.removeprefix(".")
    qualifiers = attribute.qualifiers
    rivals = tuple(path for path in used if path[0] == name)
    type_value = TypeValue(name) if name in TYPE_NAMES and not qualifiers else None

    def read(scope: Scope) -> object:
        if rivals and (verdict := _missing(scope, rivals, qualifiers)) is not None:
            return verdict
        place = scope.root if is_global else scope
        value = place.find(name)
        if value is ABSENT:
            return ABSENT if type_value is None else type_value
        if isinstance(value, Failure):
            return value
        return _follow(place, value, qualifiers)

    return read


def _missing(
    scope: Scope, rivals: tuple[Path, ...], qualifiers: tuple[Qualifier, ...]
) -> Missing | Failure | None:
    """Say whether a used path that the event lacks covers these qualifiers."""
    lacking = [path for path in rivals if not path_exists(scope.root.names, path)]
    if not lacking:
        return None
    keys = []
    for qualifier in qualifiers:
        key = qualifier.resolved(scope)
        if isinstance(key, Failure):
            return key
        keys.append(key)
    for path in lacking:
        if all(_is_key(key, name) for key, name in zip(keys, path[1:], strict=False)):
            return MISSING
    return None


def _is_key(key: object, name: str) -> bool:
    return isinstance(key, str) and key == name


def _follow(scope: Scope, value: object, qualifiers: tuple[Qualifier, ...]) -> object:
    for qualifier in qualifiers:
        key = qualifier.resolved(scope)
        if isinstance(key, Failure):
            return key
        value = _step(value, key, qualifier.is_test)
        if isinstance(value, Failure):
            return value
    return value


def _step(value: object, key: object, is_test: bool) -> object:
    if key is MISSING or value is MISSING:
        return is_test or MISSING
    found = _look_up(value, key, is_test)
    if isinstance(found, Failure) or not is_test:
        return found
    return found is not NOTHING


def _look_up(value: object, key: object, is_test: bool) -> object:
    """Take one step; a test gets NOTHING where others get a failure for what is not there."""
    match kind_of(value):
        case "map":
            found = find_key(value, key)
            absent = f"no such key: {go_text(key, INNER)}"
        case "list":
            found = _element(value, key)
            absent = f"index out of bounds: {go_text(key, INNER)}"
        case "":
            raise EngineFault("a step starts from no value at all")
        case _:
            found, absent = NOTHING, f"no such key: {go_text(key, INNER)}"
    return Failure(absent) if found is NOTHING and not is_test else found


def _element(value: object, key: object) -> object:
    index = lossless_int(key) if isinstance(key, float) else key
    if index is None:
        return Failure(f"unsupported index value {go_text(key, INNER)} in list")
    if isinstance(index, bool) or not isinstance(index, int):
        return Failure(f"unsupported index type '{kind_of(key)}' in list")
    items = value if isinstance(value, list) else elements_of(value)
    if not 0 <= index < len(items):
        return NOTHING
    return adapt(items[index]) if isinstance(value, list) else items[index]
