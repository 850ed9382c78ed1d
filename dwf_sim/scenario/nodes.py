"""Text with places: YAML and JSON as values that know the line and column they stand in.

This is the one file that imports the YAML library. Of YAML 1.1 only what JSON has is kept: `no`,
`on`, `012`, `12:30` and dates are texts, a key that comes twice is an error, and so are tags.
"""

from __future__ import annotations

import re
from typing import Any, TypeAlias

import attrs
import yaml

from dwf_sim.errors import ConfigError

BYTES_MAX, NODES_MAX, DEPTH_MAX = 1_000_000, 100_000, 50

_PLAIN = {
    "null": re.compile(r"(?:~|null|)\Z"),
    "bool": re.compile(r"(?:true|false)\Z"),
    "int": re.compile(r"-?(?:0|[1-9][0-9]*)\Z"),
    "float": re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\Z"),
}
_STANDARD = "tag:yaml.org,2002:"


class ScenarioError(ConfigError):
    """A scenario file cannot be read, or not be played; each line says where and what to do."""


@attrs.frozen
class Place:
    """Where in a file something stands; lines and columns count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@attrs.frozen
class Node:
    """A value, and where it stands: a text, number, bool or None, a list, or a table by key."""

    value: Value
    place: Place
    key_places: dict[str, Place] = attrs.field(factory=dict)

    def at(self, path: str) -> Place:
        """Find the place of what `moments[2].cancel` names, or of the last part that is there."""
        node = self
        for part in re.findall(r"[^.\[\]]+", path):
            inner: Node | None = None
            if isinstance(node.value, dict):
                inner = node.value.get(part)
            elif isinstance(node.value, list) and part.isdecimal():
                inner = node.value[int(part)]
            if inner is None:
                break
            node = inner
        return node.place

    def plain(self) -> Any:
        """The same without places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


Value: TypeAlias = str | int | float | bool | list[Node] | dict[str, Node] | None


class _Loader(yaml.SafeLoader):
    """Takes every plain word for a text, save for the words of JSON."""

    yaml_implicit_resolvers: dict[str, list[Any]] = {}  # noqa: RUF012  # The library's contract.


for _kind, _pattern in _PLAIN.items():
    _Loader.add_implicit_resolver(_STANDARD + _kind, _pattern, None)


def parse(text: str, file: str) -> Node:
    """Read a file's text. Raises `ScenarioError` that says where it cannot be read."""
    if len(text.encode("utf-8", "surrogatepass")) > BYTES_MAX:
        raise ScenarioError(
            f"{file}:1:1: the file has more than {BYTES_MAX:,} bytes; split it into several"
        )
    if file.endswith(".json"):
        text = text.replace("\t", " ")  # White space in JSON, an error in YAML.
    try:
        composed = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else f"{file}:1:1"
        hint = ""
        if mark and "${" in text.splitlines()[mark.line]:
            hint = '; inside of braces and brackets a parameter has quotes: "${name}"'
        raise ScenarioError(f"{place}: {error.problem or error.context}{hint}") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise ScenarioError(f"{file}:1:1: this cannot be read: {error}") from None
    if composed is None:
        raise ScenarioError(f"{file}:1:1: the file is empty; it holds a scenario")
    return _Composer(file).convert(composed, 0)


class _Composer:
    """Makes nodes of the library's, and counts them: a file can say a lot with few characters."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._count = 0

    def convert(self, given: yaml.Node, depth: int) -> Node:
        """Make a node, with all that is in it."""
        place = self._place(given)
        self._count += 1
        if self._count > NODES_MAX:
            raise ScenarioError(f"{place}: the file holds more than {NODES_MAX:,} values")
        if depth > DEPTH_MAX:
            raise ScenarioError(f"{place}: values are nested more than {DEPTH_MAX} deep")
        if isinstance(given, yaml.MappingNode):
            return self._table(given, place, depth)
        if isinstance(given, yaml.SequenceNode):
            return Node([self.convert(each, depth + 1) for each in given.value], place)
        assert isinstance(given, yaml.ScalarNode), "there are no other nodes"
        return Node(self._scalar(given, place), place)

    def _table(self, given: yaml.MappingNode, place: Place, depth: int) -> Node:
        table: dict[str, Node] = {}
        places: dict[str, Place] = {}
        for key_node, value_node in given.value:
            at = self._place(key_node)
            key = key_node.value
            if not isinstance(key_node, yaml.ScalarNode) or not isinstance(key, str):
                raise ScenarioError(f"{at}: a key is no text; write a word and a colon")
            if key in table:
                raise ScenarioError(f"{at}: {key} is given twice, first in line {places[key].line}")
            table[key], places[key] = self.convert(value_node, depth + 1), at
        return Node(table, place, places)

    def _scalar(self, given: yaml.ScalarNode, place: Place) -> str | int | float | bool | None:
        kind, text = str(given.tag).removeprefix(_STANDARD), str(given.value)
        if kind == "str":
            return _joined(text)
        if kind not in _PLAIN:
            raise ScenarioError(f"{place}: the tag {given.tag} is not taken here; leave it out")
        if kind == "null":
            return None
        if kind == "bool":
            return text == "true"
        if kind == "int" and len(text) > 19:
            raise ScenarioError(f"{place}: {text[:20]}... is too large a number; quote it")
        return int(text) if kind == "int" else float(text)

    def _place(self, given: yaml.Node) -> Place:
        mark = given.start_mark
        return Place(self._file, mark.line + 1, mark.column + 1)


def _joined(text: str) -> str:
    """Join the halves of a character beyond 16 bits, as JSON writes them."""
    if not any("\ud800" <= char <= "\udfff" for char in text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
