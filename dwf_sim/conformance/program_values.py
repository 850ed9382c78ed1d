"""The values of a recorded program: paths such as `$out.a`, and what only Python can build."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable, Mapping
from typing import Any

import attrs

MOMENT = datetime.datetime(2026, 11, 20, tzinfo=datetime.UTC)


@attrs.define
class Scope:
    """What a program can name at a moment: one for each entry of a handler."""

    entry: int
    attempt: int
    event: Mapping[str, Any]
    events: list[Mapping[str, Any]]
    out: dict[str, Any] = attrs.field(factory=dict)
    index: int | None = None
    error: Mapping[str, str] | None = None
    started: dict[str, asyncio.Task[Any]] = attrs.field(factory=dict)
    attempts_max: int = 0

    def at(self, index: int) -> Scope:
        """The scope inside of a loop; the outputs are shared."""
        kept = self.entry, self.attempt, self.event, self.events, self.out
        return Scope(*kept, index, self.error, self.started, self.attempts_max)

    def text(self, template: str) -> str:
        """Fill in a text: `{i}`, `{entry}` and `{entry3}`."""
        if "{" not in template:
            return template
        filled = template.replace("{i}", str(self.index)).replace("{entry}", str(self.entry))
        return filled.replace("{entry3}", str(min(self.entry, 3)))

    def value(self, given: Any) -> Any:
        """Build a value: texts that begin with `$` are paths."""
        if isinstance(given, str):
            return self._path(given[1:].split(".")) if given.startswith("$") else self.text(given)
        if isinstance(given, list):
            return [self.value(item) for item in given]
        if isinstance(given, dict):
            if "$py" in given:
                return _python_value(given)
            return fill({key: self.value(content) for key, content in given.items()})
        return given

    def _failure(self) -> Mapping[str, Any]:
        """The error that a failure handler is given: what its event says, as an object again."""
        told = _member(self.event.get("data"), "error")
        name = _member(told, "name")
        kind = name if name == "NonRetriableError" else "Error"  # The one class that is kept.
        return {"type": kind, "name": name, "message": _member(told, "message")}

    def _path(self, names: list[str]) -> Any:
        root, *rest = names
        found: Any = {
            "out": self.out,
            "event": self.event,
            "events": self.events,
            "err": self.error,
            "error": self._failure(),
            "max_attempts": self.attempts_max,
            "i": self.index,
            "attempt": self.attempt,
            "entry": self.entry,
        }[root]
        for name in rest:
            found = _member(found, name)
        return found


def fill(given: Any) -> Any:
    """Put long texts in the places where a recording only says how long they are."""
    if isinstance(given, list):
        return [fill(item) for item in given]
    if not isinstance(given, dict):
        return given
    if given.keys() == {"$fill"}:
        return "x" * given["$fill"]
    return {key: fill(content) for key, content in given.items()}


def _member(found: Any, name: str) -> Any:
    """Follow a name; after a list it maps over it."""
    if isinstance(found, list):
        return [_member(item, name) for item in found]
    return found.get(name) if isinstance(found, dict) else None


def _python_value(given: Mapping[str, Any]) -> Any:
    makers: dict[str, Callable[[], Any]] = {
        "tuple": lambda: tuple(given.get("items", ())),
        "set": lambda: set(given.get("items", (1,))),
        "object": object,
        "bytes": lambda: b"abc",
        "nan": lambda: float("nan"),
        "datetime": lambda: MOMENT,
        "fill": lambda: "x" * given.get("n", 0),
    }
    return makers[given["$py"]]()
