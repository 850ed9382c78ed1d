"""Fitting: whether what is remembered of a step can be what the step now says it returns.

Only annotations are looked at, and only those whose meaning for JSON is plain; anything else fits.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

_SCALARS: Mapping[Any, tuple[type, ...]] = {
    str: (str,),
    int: (int,),
    float: (int, float),
    type(None): (type(None),),
    None: (type(None),),
}
_LISTS = (list, tuple, set, frozenset)


def returned_by(body: Callable[..., object] | None) -> Any:
    """Give the annotation of what a step's body returns; `typing.Any` when there is none."""
    while isinstance(body, partial):
        body = body.func
    try:
        return typing.get_type_hints(body).get("return", Any)
    except Exception:  # Annotations may name what is not there, or be of anything.
        return Any


def fits(value: object, hint: Any) -> bool:
    """Say whether a value of JSON may be one of this type."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return any(fits(value, argument) for argument in arguments)
    if origin is typing.Annotated:
        return fits(value, arguments[0])
    if origin is typing.Literal:
        return value in arguments
    plain = origin or hint
    if plain is bool:
        return isinstance(value, bool)
    if plain in _SCALARS:
        return isinstance(value, _SCALARS[plain]) and not isinstance(value, bool)
    if plain in _LISTS:
        return isinstance(value, list) and _all_fit(value, plain, arguments)
    return _fits_object(value, plain, arguments) if inspect.isclass(plain) else True


def _all_fit(values: list[Any], kind: type, arguments: tuple[Any, ...]) -> bool:
    if not arguments:
        return True
    if kind is tuple and arguments[-1] is not Ellipsis:
        pairs = zip(values, arguments, strict=False)
        return len(values) == len(arguments) and all(fits(*pair) for pair in pairs)
    return all(fits(value, arguments[0]) for value in values)


def _fits_object(value: object, kind: type, arguments: tuple[Any, ...]) -> bool:
    required = _required_fields(kind)
    if required is not None:
        return isinstance(value, dict) and required <= value.keys()
    if kind is dict or kind is Mapping:
        inner = arguments[1] if len(arguments) == 2 else Any
        return isinstance(value, dict) and all(fits(each, inner) for each in value.values())
    return True


def _required_fields(kind: type) -> frozenset[str] | None:
    """List the fields that an object of a `TypedDict` or a model of pydantic must have."""
    if typing.is_typeddict(kind):
        return _required_keys(kind)
    fields = getattr(kind, "model_fields", None)
    if not isinstance(fields, dict):
        return None
    needed = [name for name, field in fields.items() if field.is_required()]
    return frozenset(getattr(fields[name], "alias", None) or name for name in needed)


def _required_keys(kind: Any) -> frozenset[str]:
    """List them by their annotations: where those are texts, the class counts every key."""
    try:
        hints = typing.get_type_hints(kind, include_extras=True)
    except Exception:  # They may name what is not there.
        return frozenset()
    optional = [name for name in hints if typing.get_origin(hints[name]) is typing.NotRequired]
    return frozenset(kind.__required_keys__).difference(optional)
