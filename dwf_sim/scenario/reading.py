"""Reading: a file becomes scenarios, or every mistake in it is told by line and column."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

import attrs

from dwf_sim.duration import to_ms
from dwf_sim.errors import UsageError
from dwf_sim.faults import FAULTS, Fault
from dwf_sim.faults.stored import fields_of, kinds_of
from dwf_sim.given import meant, shown
from dwf_sim.scenario.model import INVARIANT_NAMES, FieldError, Scenario
from dwf_sim.scenario.nodes import Node, Place, ScenarioError, parse

_PARAMETER = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_NAMES = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}
_HINTS: dict[type, dict[str, Any]] = {}


@attrs.frozen
class Sheet:
    """A scenario as a file has it; `row` names its row of the table of parameters, if any."""

    scenario: Scenario
    row: str
    root: Node

    def place(self, path: str) -> Place:
        """Say where in the file something stands, by its path: `moments[2].cancel`."""
        return self.root.at(path)


def read_scenarios(file: Path, text: str | None = None) -> list[Sheet]:
    """Read a file's scenarios: one, or one for each row of its parameters.

    Raises `ScenarioError` with a line for each mistake: the place, what is there, what is allowed.
    """
    name = str(file)
    if text is None:
        try:
            text = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ScenarioError(f"{name}:1:1: the file cannot be read: {error}") from None
    root = parse(text, name)
    found = []
    for row_name, row in _rows(root):
        reader = _Reader()
        filled = reader.fill(root, row)
        scenario = reader.value(filled, Scenario, "")
        if reader.errors:
            raise ScenarioError("\n".join(dict.fromkeys(reader.errors)))
        found.append(Sheet(scenario, row_name, root))
    return found


def _rows(root: Node) -> Iterable[tuple[str, dict[str, Any]]]:
    """Give the rows of the table of parameters; a file without one has a single, empty row."""
    table = root.value.get("parameters") if isinstance(root.value, dict) else None
    rows = table.plain() if table is not None else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows) or not rows:
        return [("", {})]  # What is wrong with it is told when the scenario is read.
    return [(",".join(f"{key}={row[key]}" for key in row), row) for row in rows]


class _Reader:
    """Makes values of nodes, and collects what is wrong with them."""

    def __init__(self) -> None:
        self.errors: list[str] = []

    def fill(self, node: Node, row: dict[str, Any], *, is_top: bool = True) -> Node:
        """Put a row's values in place of `${name}`; a text that is nothing else takes its type."""
        given = node.value
        if isinstance(given, dict):
            inner = {
                key: each if is_top and key == "parameters" else self.fill(each, row, is_top=False)
                for key, each in given.items()
            }
            return attrs.evolve(node, value=inner)
        if isinstance(given, list):
            return attrs.evolve(node, value=[self.fill(e, row, is_top=False) for e in given])
        if not isinstance(given, str):
            return node
        for name in _PARAMETER.findall(given):
            if name not in row:
                has = f"it has {', '.join(row)}" if row else "there are no parameters"
                self._fail(node.place, f"${{{name}}} is no parameter; {has}")
                return node
        whole = _PARAMETER.fullmatch(given)
        if whole is not None:
            return attrs.evolve(node, value=_as_nodes(row[whole[1]], node.place).value)
        return attrs.evolve(node, value=_PARAMETER.sub(lambda found: str(row[found[1]]), given))

    def value(self, node: Node, kind: Any, path: str) -> Any:
        """Make a value of a type; what is made of a mistake does not matter."""
        if get_origin(kind) is Annotated:
            inner, mark = get_args(kind)
            if mark == "invariant":
                return self._invariant(node, path)
            return self._span(node, path) if mark == "span" else node.plain()
        if get_origin(kind) in (Union, types.UnionType):
            if node.value is None:
                return None
            (kind,) = (each for each in get_args(kind) if each is not types.NoneType)
            return self.value(node, kind, path)
        if get_origin(kind) is list:
            if not isinstance(node.value, list):
                self._wrong(node, path, "a list")
                return []
            (inner,) = get_args(kind)
            return [
                self.value(each, inner, f"{path}[{nth}]") for nth, each in enumerate(node.value)
            ]
        if get_origin(kind) is dict:
            if not isinstance(node.value, dict):
                self._wrong(node, path, "a table")
                return {}
            inner = get_args(kind)[1]
            return {
                key: self.value(each, inner, f"{path}.{key}") for key, each in node.value.items()
            }
        if kind is object:
            return node.plain()
        if kind is Fault:
            return self._fault(node, path)
        if attrs.has(kind):
            return self._made(node, kind, path)
        is_right = type(node.value) is kind or (kind is float and type(node.value) is int)
        if not is_right:
            self._wrong(node, path, _NAMES[kind])
        return node.value

    def _span(self, node: Node, path: str) -> int | None:
        if not isinstance(node.value, str | int) or isinstance(node.value, bool):
            self._wrong(node, path, 'a duration such as "5s", or milliseconds')
            return None
        try:
            return to_ms(node.value)
        except UsageError as error:
            self._fail(node.place, f"{path}: {error}")
            return None

    def _invariant(self, node: Node, path: str) -> Any:
        name = node.value
        if not isinstance(name, str) or name not in INVARIANT_NAMES:
            given = node.plain()
            allowed = meant(given if isinstance(given, str) else "", INVARIANT_NAMES)
            self._fail(node.place, f"{path} is {shown(given)}; {allowed}")
        return name

    def _fault(self, node: Node, path: str) -> Any:
        kinds = kinds_of(FAULTS)
        kind_node = node.value.get("kind") if isinstance(node.value, dict) else None
        if kind_node is None or not isinstance(kind_node.value, str):
            self._fail(node.place, f"{path} lacks a kind, such as crash.after_effect")
            return None
        kind = kind_node.value
        if kind not in kinds:
            self._fail(kind_node.place, f"{path}.kind is {shown(kind)}; {meant(kind, kinds)}")
            return None
        return self._made(node, kinds[kind][0], path, kind)

    def _made(self, node: Node, made: Any, path: str, kind: str = "") -> Any:
        """Make an object of a table: its fields are those of the class, and of the kind of a
        fault, which fixes some of them."""
        if not isinstance(node.value, dict):
            self._wrong(node, path, "a table")
            return None
        count = len(self.errors)
        types_of = _types(made)
        fields = fields_of(made, kind)
        values: dict[str, Any] = {}
        for key, each in node.value.items():
            inner = f"{path}.{key}" if path else key
            if key == "kind" and kind:
                continue
            if key not in fields:
                self._fail(node.key_places[key], f"{inner} is no field; {meant(key, fields)}")
                continue
            field = fields[key]
            if field.metadata.get("is_span", False):
                values[field.name] = self._span(each, inner)
            else:
                values[field.name] = self.value(each, types_of[field.name], inner)
        for key, field in fields.items():
            if (
                field.default is attrs.NOTHING
                and field.name not in values
                and key not in node.value
            ):
                self._fail(node.place, f"{path or 'the scenario'} lacks {key}")
        if len(self.errors) > count:
            return None
        try:
            return made(**(made.KINDS[kind] if kind else {}), **values)
        except FieldError as error:
            self._fail(self._at(node, error.field), f"{path}: {error}".removeprefix(": "))
        except UsageError as error:
            named = str(error).split(" ", 1)[0]
            self._fail(self._at(node, named), f"{path}: {error}")
        return None

    def _at(self, node: Node, key: str) -> Place:
        """The place of a field's value, or of the table that lacks it."""
        assert isinstance(node.value, dict), "it has fields"
        return node.value[key].place if key in node.value else node.place

    def _wrong(self, node: Node, path: str, allowed: str) -> None:
        self._fail(node.place, f"{path or 'the file'} is {shown(node.plain())}; it is {allowed}")

    def _fail(self, place: Place, text: str) -> None:
        self.errors.append(f"{place}: {text}")


def _types(kind: type) -> dict[str, Any]:
    if kind not in _HINTS:
        _HINTS[kind] = typing.get_type_hints(kind, include_extras=True)
    return _HINTS[kind]


def _as_nodes(given: Any, place: Place) -> Node:
    """Make nodes of a parameter's value, which stand where it is used."""
    if isinstance(given, dict):
        inner = {key: _as_nodes(each, place) for key, each in given.items()}
        return Node(inner, place, dict.fromkeys(inner, place))
    if isinstance(given, list):
        return Node([_as_nodes(each, place) for each in given], place)
    return Node(given, place)
