"""The JSON Schema of scenario files, made of the classes that read them, for editors.

`python -m dwf_sim.scenario.schema` prints it; `schemas/scenario.schema.json` is that.
"""

from __future__ import annotations

import json
import sys
import types
import typing
from typing import Annotated, Any, Union, get_args, get_origin

import attrs

from dwf_sim.faults import FAULTS, Fault
from dwf_sim.faults.stored import fields_of, kinds_of
from dwf_sim.scenario.model import (
    ACTIONS,
    INVARIANT_NAMES,
    STATUSES,
    Moment,
    RunExpected,
    Scenario,
)

_SPAN = {"type": ["string", "integer"], "description": 'a duration such as "5s", or milliseconds'}
_PARAMETER = {"type": "string", "pattern": r"^\$\{.*\}$"}
_NAMES = {str: "string", int: "integer", float: "number", bool: "boolean"}


def schema() -> dict[str, Any]:
    """Describe what a scenario file may hold."""
    top = _of_class(Scenario)
    top["properties"]["format"] = {"const": 1}
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Scenario"}
    return {**head, **top}


def _of_class(kind: type, name_of_kind: str = "") -> dict[str, Any]:
    hints = typing.get_type_hints(kind, include_extras=True)
    properties: dict[str, Any] = {}
    required: list[str] = []
    for name, field in fields_of(kind, name_of_kind).items():
        is_span = field.metadata.get("is_span", False)
        properties[name] = _SPAN if is_span else _of_type(hints[field.name])
        if kind is RunExpected and field.name == "status":
            properties[name] = _or_parameter({"enum": [*STATUSES]})
        if field.default is attrs.NOTHING:
            required.append(name)
    made = {
        "type": "object",
        "description": (kind.__doc__ or "").strip().splitlines()[0],
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
    if kind is Moment:
        made["oneOf"] = [{"required": [action]} for action in ACTIONS]
    return made


def _of_type(kind: Any) -> dict[str, Any]:
    if get_origin(kind) is Annotated:
        mark = get_args(kind)[1]
        if mark == "invariant":
            return _or_parameter({"enum": [*INVARIANT_NAMES]})
        return _SPAN if mark == "span" else {}
    if get_origin(kind) in (Union, types.UnionType):
        (inner,) = (each for each in get_args(kind) if each is not types.NoneType)
        return {"anyOf": [_of_type(inner), {"type": "null"}]}
    if get_origin(kind) is list:
        return {"type": "array", "items": _of_type(get_args(kind)[0])}
    if get_origin(kind) is dict:
        return {"type": "object", "additionalProperties": _of_type(get_args(kind)[1])}
    if kind is Fault:
        kinds = [_of_fault(name, made) for name, (made, _) in kinds_of(FAULTS).items()]
        return {"oneOf": [*kinds, {"type": "object", "properties": {"kind": _PARAMETER}}]}
    if kind is object:
        return {"type": "string"}
    if attrs.has(kind):
        return _of_class(kind)
    return _or_parameter({"type": _NAMES[kind]})


def _or_parameter(schema: dict[str, Any]) -> dict[str, Any]:
    """A value, or the parameter that stands for it."""
    if schema == {"type": "string"}:
        return schema
    return {"anyOf": [schema, _PARAMETER]}


def _of_fault(name: str, kind: type[Fault]) -> dict[str, Any]:
    made = _of_class(kind, name)
    made["properties"] = {"kind": {"const": name}, **made["properties"]}
    made["required"] = ["kind", *made["required"]]
    return made


def text() -> str:
    """The schema as it is written in the file."""
    return json.dumps(schema(), indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
