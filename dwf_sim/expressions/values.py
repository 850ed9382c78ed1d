"""The values expressions compute with.

JSON of an event is used as it is: its numbers are doubles (B203), so a Python `int` met inside an
event means a double, while a bare `int` met during evaluation means an int of the language.
`adapt` is the one place where the first becomes the second world. Lists and maps that a text
builds are classes of their own, since the engine tells them apart from those of an event.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

INT_MIN, INT_MAX, UINT_MAX = -(2**63), 2**63 - 1, 2**64 - 1


class Uint(int):
    """An unsigned integer of 64 bits."""


@attrs.frozen
class Failure:
    """An error that travels as a value until an operator absorbs it or the result is asked for."""

    message: str


@attrs.frozen
class Missing:
    """A path that the event does not have (the engine's "unknown")."""


@attrs.frozen
class Nothing:
    """No value at all: what `date` returns for a text it cannot read."""


MISSING: Final = Missing()
NOTHING: Final = Nothing()
NO_OVERLOAD: Final = Failure("no such overload")


class EngineFault(Exception):
    """The engine would crash here, which ends the whole evaluation whatever surrounds it."""


@attrs.frozen
class TypeValue:
    """A type as a value: what `type(x)` returns."""

    name: str


@attrs.frozen
class Duration:
    """A length of time in nanoseconds."""

    nanos: int


@attrs.frozen
class Timestamp:
    """An instant in nanoseconds since 1970, with the zone in which its text is written."""

    nanos: int
    offset_s: int = 0
    zone: str = "UTC"


@attrs.frozen(eq=False)
class ListValue:
    """A list that the text built."""

    items: tuple[object, ...]


@attrs.frozen(eq=False)
class JoinedList(ListValue):
    """Two lists added; its text follows other rules than a literal's (see text.py)."""


@attrs.frozen(eq=False)
class Collector:
    """The list a macro fills; the engine changes it in place, and its text is always `[]`."""

    items: list[object]


@attrs.frozen(eq=False)
class MapValue:
    """A map that the text built: identity of the key → the key and its value."""

    entries: dict[tuple[str, object], tuple[object, object]]

    def find(self, key: object) -> object:
        """Look a key up, integers also under their other integer type; NOTHING if absent."""
        for candidate in _same_keys(key):
            if candidate in self.entries:
                return self.entries[candidate][1]
        return NOTHING


_NAMES: Final[dict[type, str]] = {
    bool: "bool",
    str: "string",
    float: "double",
    int: "int",
    Uint: "uint",
    type(None): "null_type",
    bytes: "bytes",
    list: "list",
    ListValue: "list",
    JoinedList: "list",
    Collector: "list",
    dict: "map",
    MapValue: "map",
    Timestamp: "google.protobuf.Timestamp",
    Duration: "google.protobuf.Duration",
    TypeValue: "type",
    Failure: "error",
    Missing: "unknown",
    Nothing: "",
}

TYPE_NAMES: Final = tuple(sorted({*_NAMES.values()} - {"error", "unknown", ""}))
"""The types that a text can name."""


def kind_of(value: object) -> str:
    """Name a value's type as the language does; the empty text for no value."""
    return _NAMES[type(value)]


def adapt(raw: object) -> object:
    """Take a piece of an event's JSON as a value: every number is a double (B203)."""
    kind = type(raw)
    if kind is int:
        return _as_double(raw)
    if kind in _NAMES:
        return raw
    return _adapt_other(raw)


def elements_of(value: object) -> list[object]:
    """List the elements of any list."""
    if isinstance(value, list):
        return [adapt(raw) for raw in value]
    assert isinstance(value, ListValue | Collector), "only lists have elements"
    return list(value.items)


def size_of_map(value: object) -> int:
    """Count the entries of any map."""
    if isinstance(value, MapValue):
        return len(value.entries)
    assert isinstance(value, dict), "only maps have entries"
    return len(value)


def keys_of(value: object) -> list[object]:
    """List the keys of any map in a fixed order; the engine's own order is random."""
    if isinstance(value, MapValue):
        return [key for key, _ in value.entries.values()]
    assert isinstance(value, dict), "only maps have keys"
    return sorted(value)


def find_key(value: object, key: object) -> object:
    """Look a key up in any map; NOTHING if it is absent."""
    if isinstance(value, MapValue):
        return value.find(key)
    assert isinstance(value, dict), "only maps have keys"
    if type(key) is not str or key not in value:
        return NOTHING
    return adapt(value[key])


def build_map(entries: list[tuple[object, object]]) -> MapValue:
    """Build a map; a later entry replaces an earlier one of the same key."""
    return MapValue({_identity(key): (key, value) for key, value in entries})


def _identity(key: object) -> tuple[str, object]:
    kind = kind_of(key)
    if kind == "bytes":
        raise EngineFault("bytes cannot be a key of a map")
    return kind, id(key) if kind in ("list", "map") else key


def _same_keys(key: object) -> list[tuple[str, object]]:
    own = _identity(key)
    if own[0] == "double":
        whole = lossless_int(key)
        return [own] if whole is None else [own, ("int", whole), ("uint", whole)]
    other = {"int": "uint", "uint": "int"}.get(own[0])
    return [own] if other is None else [own, (other, key)]


def lossless_int(value: object) -> int | None:
    """Read a double as an integer if it is one, else None."""
    if isinstance(value, float) and value.is_integer() and INT_MIN < value <= UINT_MAX:
        return int(value)
    return None


def _as_double(number: object) -> float:
    assert isinstance(number, int), "only numbers become doubles"
    try:
        return float(number)
    except OverflowError:
        return float("inf") if number > 0 else float("-inf")


def _adapt_other(raw: object) -> object:
    # Mappings and tuples are allowed where a Python caller would write them; the result must be
    # one of the known types, for every operator decides by the exact type.
    if isinstance(raw, bool):
        return bool(raw)
    if isinstance(raw, int | float):
        return _as_double(raw) if isinstance(raw, int) else float(raw)
    if isinstance(raw, str):
        return str(raw)
    if isinstance(raw, Mapping):
        return {str(key): value for key, value in raw.items()}
    if isinstance(raw, tuple):
        return list(raw)
    raise EngineFault(f"an event holds JSON only, not {type(raw).__name__}")
