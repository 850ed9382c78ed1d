"""Plans as JSON: kinds by the names they are made by, and only those fields that say something.

    {"format": 1, "faults": [{"kind": "crash.after_effect", "step": "charge"}]}

Durations are written in milliseconds, and read as those or as texts such as "5s".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import attrs

from dwf_sim.errors import ConfigError, UsageError
from dwf_sim.faults.base import Fault
from dwf_sim.given import meant, shown

Kinds: TypeAlias = Mapping[str, tuple[type[Fault], Mapping[str, object]]]

FORMAT = 1  # Raised when a reader of this one would misunderstand a newer plan.


def write(faults: Iterable[Fault]) -> str:
    """Write faults as JSON. Raises `ConfigError` for one that holds an object of yours."""
    content = {"format": FORMAT, "faults": [_content_of(fault) for fault in faults]}
    return json.dumps(content, ensure_ascii=False)


def read(text: str, classes: Sequence[type[Fault]]) -> list[Fault]:
    """Read faults. Raises `ConfigError` that says which fault and field cannot be."""
    try:
        content = json.loads(text)
    except (ValueError, TypeError, RecursionError) as error:
        raise ConfigError(f"a plan is {shown(text)}; that is no JSON: {error}") from None
    if not isinstance(content, dict) or set(content) != {"format", "faults"}:
        raise ConfigError(
            f'a plan is {shown(content)}; it is an object of two fields: {{"format": {FORMAT}, '
            '"faults": […]}'
        )
    if content["format"] != FORMAT or isinstance(content["format"], bool):
        raise ConfigError(
            f"a plan has format {shown(content['format'])}; this version of dwf_sim reads format "
            f"{FORMAT}"
        )
    if not isinstance(content["faults"], list):
        raise ConfigError(f"faults is {shown(content['faults'])}; it is a list of faults")
    kinds = kinds_of(classes)
    return [_fault_of(nth, given, kinds) for nth, given in enumerate(content["faults"])]


def kinds_of(classes: Iterable[type[Fault]]) -> Kinds:
    """List the kinds of faults by the names they are made by: their class, and what the name fixes
    of its fields."""
    return {kind: (each, fixed) for each in classes for kind, fixed in each.KINDS.items()}


def fields_of(made: type[Any], kind: str = "") -> dict[str, Any]:
    """List the fields of a class by their names in files; for a fault, those of its kind."""
    if issubclass(made, Fault):
        return {_outer(name): field for name, field in made.fields_of(kind).items()}
    return {_outer(field.name): field for field in attrs.fields(made)}


def _content_of(fault: Fault) -> dict[str, object]:
    kind = fault.kind_name
    content: dict[str, object] = {"kind": kind}
    for name, field in fields_of(type(fault), kind).items():
        given = getattr(fault, field.name)
        if given == field.default:
            continue
        if not isinstance(given, str | int | float | None):
            raise ConfigError(
                f"{field.name} of {kind} is {shown(given)}, which cannot be written as JSON; give "
                "it as a text, as in deploy.new_version('shop.later:app')"
            )
        content[name] = given
    return content


def _fault_of(nth: int, given: object, kinds: Kinds) -> Fault:
    where = f"fault {nth + 1} of the plan"
    if not isinstance(given, dict) or not isinstance(given.get("kind"), str):
        raise ConfigError(
            f"{where} is {shown(given)}; it is an object with a kind, such as "
            '{"kind": "crash.after_effect", "step": "charge"}'
        )
    content: dict[str, Any] = {**given}
    kind: str = content.pop("kind")
    if kind not in kinds:
        raise ConfigError(f"{where} has kind {shown(kind)}; {meant(kind, kinds)}")
    made, fixed = kinds[kind]
    allowed = fields_of(made, kind)
    for name in content:
        if name not in allowed:
            raise ConfigError(f"{where}, {kind}, has a field {shown(name)}; {meant(name, allowed)}")
    missing = [
        name
        for name, field in allowed.items()
        if field.default is attrs.NOTHING and name not in content
    ]
    if missing:
        raise ConfigError(f"{where}, {kind}, lacks {', '.join(missing)}")
    fields: dict[str, Any] = {**fixed}
    fields.update((allowed[name].name, value) for name, value in content.items())
    try:
        return made(**fields)
    except UsageError as error:
        raise ConfigError(f"{where}, {kind}: {error}") from None


def _outer(name: str) -> str:
    """Drop the mark that keeps a field's name apart from a word of Python."""
    return name.removesuffix("_")
