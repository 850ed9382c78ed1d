"""Inputs of steps: what a body is given, as texts that can be compared from entry to entry.

A body is given arguments, and variables of the functions around it that it reads. Of values that
are data, the text of their JSON is compared; of others nothing is known, and nothing is said.
"""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from types import CellType, FrameType
from typing import Any, TypeAlias

import attrs

from dwf_sim.drivers.lost import Owner, function_of, owner_of
from dwf_sim.errors import UnserializableError
from dwf_sim.model.payload import encode

Inputs: TypeAlias = Mapping[str, str]  # By the name of an argument, the text of its value.

_AS_TEXT = (datetime.date, datetime.time, datetime.timedelta, decimal.Decimal, uuid.UUID, bytes)


def inputs_of(
    body: Callable[..., object],
    args: Sequence[object],
    kwargs: Mapping[str, object],
    frame: FrameType,
) -> Inputs:
    """List what a body is given: arguments, and variables of the handler that it reads."""
    if isinstance(body, partial):
        args, kwargs, body = (*body.args, *args), {**body.keywords, **kwargs}, body.func
    given: dict[str, object] = {f"argument {n}": value for n, value in enumerate(args, 1)}
    given |= {f"argument {name}": value for name, value in kwargs.items()}
    for name, cell, _ in variables_of(body, frame):
        given[f"variable {name}"] = cell.cell_contents
    return texts_of(given)


def texts_of(given: Mapping[str, object]) -> Inputs:
    """Write each value that is data."""
    texts = ((name, text_of(value)) for name, value in given.items())
    return {name: text for name, text in texts if text is not None}


def text_of(value: object) -> str | None:
    """Write a value as JSON; None when it is no data."""
    try:
        return encode(_plain(value))
    except UnserializableError:
        return None


def variables_of(
    body: Callable[..., object], frame: FrameType | None
) -> Iterator[tuple[str, CellType, Owner]]:
    """Yield the variables of a handler that a step's body knows, and whose they are."""
    function = function_of(body)
    code, cells = getattr(function, "__code__", None), getattr(function, "__closure__", None)
    if code is None or not cells:
        return
    for name, cell in zip(code.co_freevars, cells, strict=True):
        owner = owner_of(name, code, frame)
        if owner is not None and _is_filled(cell):
            yield name, cell, owner


def _is_filled(cell: CellType) -> bool:
    try:
        return cell.cell_contents is not cell
    except ValueError:  # The variable is assigned later.
        return False


def _plain(value: Any) -> Any:
    """Bring a value into shapes that JSON knows, as far as these are known."""
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, _AS_TEXT):
        return str(value)
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, set | frozenset):
        return sorted(encode(_plain(inner)) for inner in value)
    if isinstance(value, type):
        return value
    if attrs.has(type(value)):
        return _plain(attrs.asdict(value, recurse=False))
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value)]
        return {name: _plain(getattr(value, name)) for name in names}
    return _plain(value.model_dump()) if callable(getattr(value, "model_dump", None)) else value
