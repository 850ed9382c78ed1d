"""Reading: a file's JSON becomes a history, or an error that names the file and the field.

Every format that was ever released is read: what an older one lacks or calls otherwise is brought
into the shape of the present one by a step of `UPGRADES` first, one for each number. Files are
never rewritten by reading. A newer format than we know is refused.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from dwf_sim.errors import ConfigError
from dwf_sim.given import shown
from dwf_sim.histories.history import (
    ENDING,
    FORMAT,
    KINDS,
    OUTCOMES,
    Asked,
    Awaited,
    Boundary,
    History,
    Memo,
)
from dwf_sim.model.event import StoredEvent
from dwf_sim.model.ids import step_hash
from dwf_sim.model.payload import encode

# By the number of a format, what makes the next one of it; there is none before 1.
UPGRADES: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}

_TYPES: Mapping[type, str] = {
    str: "a text",
    int: "a whole number",
    list: "a list",
    dict: "an object",
}


class HistoryError(ConfigError):
    """A file is no history: the text names the file, the field, and what is allowed there."""


def read_history(file: Path | str) -> History:
    """Read one file; raises `HistoryError`."""
    path = Path(file)
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise HistoryError(f"{path}: it cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise HistoryError(f"{path}: it is no JSON: {error}") from None
    return history_of(content, str(path))


def find_histories(folder: Path | str) -> list[History]:
    """Read all histories in a folder and below it, by name; raises `HistoryError`."""
    path = Path(folder)
    if path.is_file():
        return [read_history(path)]
    if not path.is_dir():
        raise HistoryError(f"{path}: there is no such folder; dwf_sim.record(…).save makes one")
    files = sorted(path.rglob(f"*{ENDING}"))
    if not files:
        raise HistoryError(f"{path}: it holds no history; their names end with {ENDING}")
    return [read_history(file) for file in files]


def history_of(content: object, place: str) -> History:
    """Read what a file holds; raises `HistoryError`."""
    if not isinstance(content, dict):
        raise HistoryError(f"{place}: it holds {shown(content)}; a history is an object")
    whole = _Fields(place, "", _present(content, place))
    whole.only(
        *("format", "function", "name", "module", "source", "versions"),
        *("events", "calls", "memos", "boundaries"),
    )
    history = History(
        function=whole.text("function"),
        name=whole.text("name"),
        module=whole.optional_text("module"),
        source=whole.optional_text("source"),
        versions=whole.take("versions", dict),
        events=tuple(_event(each) for each in whole.objects("events")),
        calls=tuple(whole.texts("calls")),
        memos=tuple(_memo(each) for each in whole.objects("memos")),
        boundaries=tuple(_boundary(each) for each in whole.objects("boundaries")),
        place=place,
    )
    _check_whole(history, whole)
    return history


def _present(content: dict[str, Any], place: str) -> dict[str, Any]:
    """Bring an older format into the shape of the present one."""
    number = content.get("format")
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise HistoryError(
            f"{place}: format is {shown(number)}; it is the number of a format, {FORMAT} at present"
        )
    if number > FORMAT:
        raise HistoryError(
            f"{place}: format is {number}, and this dwf_sim knows those up to {FORMAT}: a newer "
            "one wrote it; install that, or record the history again"
        )
    for older in range(number, FORMAT):
        content = UPGRADES[older](content)
    return content


def _check_whole(history: History, whole: _Fields) -> None:
    if not history.events:
        whole.refuse("events", [], "at least one event, by which the run was started")
    if not history.boundaries:
        whole.refuse("boundaries", [], "at least one boundary at which to enter the code")
    for nth, boundary in enumerate(history.boundaries):
        memos = f"boundaries[{nth}].memos"
        if boundary.memos > len(history.memos):
            whole.refuse(memos, boundary.memos, f"at most {len(history.memos)}, as many as memos")
        given, title = whole.content["boundaries"][nth]["title"], history.title(boundary)
        if given != title:
            whole.refuse(f"boundaries[{nth}].title", given, f"{title!r}, which {memos} says")
    seen: dict[str, int] = {}
    for nth, memo in enumerate(history.memos):
        if memo.step in seen:
            whole.refuse(
                f"memos[{nth}].step", memo.step, f"another than that of memos[{seen[memo.step]}]"
            )
        seen[memo.step] = nth


def _event(fields: _Fields) -> StoredEvent:
    fields.only("name", "id", "ts", "data", "user", "v")
    own_id, ts = fields.text("id"), fields.take("ts", int)
    return StoredEvent(
        own_id,
        fields.text("name"),
        own_id,
        ts,
        encode(fields.take("data", dict)),
        encode(fields.take("user", dict)),
        fields.optional_text("v"),
        ts,
    )


def _memo(fields: _Fields) -> Memo:
    fields.only("step", "hash", "kind", "outcome", "at", "memo", "fits")
    step, given = fields.text("step"), fields.text("hash")
    if given != step_hash(step):
        fields.refuse("hash", given, f"{step_hash(step)!r}, the SHA-1 of {step!r}")
    kind, outcome = fields.choice("kind", KINDS), fields.choice("outcome", OUTCOMES)
    is_fit = fields.content.get("fits", True)
    if not isinstance(is_fit, bool):
        fields.refuse("fits", is_fit, "true or false")
    memo = encode(fields.anything("memo"))
    return Memo(step, kind, outcome, fields.instant("at"), memo, is_fit)


def _boundary(fields: _Fields) -> Boundary:
    fields.only("title", "memos", "at", "waits_for", "asks", "ends", "unread")
    fields.text("title")  # It has to agree with the rest, once that is read.
    return Boundary(
        fields.count("memos"),
        fields.instant("at"),
        tuple(_awaited(each) for each in fields.objects("waits_for", is_needed=False)),
        tuple(_asked(each) for each in fields.objects("asks", is_needed=False)),
        fields.optional_text("ends"),
        tuple(fields.texts("unread", is_needed=False)),
    )


def _awaited(fields: _Fields) -> Awaited:
    fields.only("step", "kind", "until", "awaits", "condition")
    return Awaited(
        fields.text("step"),
        fields.choice("kind", KINDS),
        fields.instant("until") if "until" in fields.content else None,
        fields.optional_text("awaits"),
        fields.optional_text("condition"),
    )


def _asked(fields: _Fields) -> Asked:
    fields.only("step", "kind", "awaits")
    return Asked(fields.text("step"), fields.choice("kind", KINDS), fields.optional_text("awaits"))


class _Fields:
    """The fields of one object of a file; every complaint names the file and the field."""

    def __init__(self, place: str, path: str, content: dict[str, Any]) -> None:
        self.content = content
        self._place = place
        self._path = path

    def refuse(self, name: str, given: object, allowed: str) -> None:
        """Raise the error of a field."""
        field = f"{self._path}.{name}" if self._path else name
        raise HistoryError(f"{self._place}: {field} is {shown(given)}; it must be {allowed}")

    def only(self, *names: str) -> None:
        """Refuse fields of other names."""
        for name in self.content:
            if name not in names:
                field = f"{self._path}.{name}" if self._path else name
                raise HistoryError(
                    f"{self._place}: {field} is no field of a history; here are {', '.join(names)}"
                )

    def anything(self, name: str) -> Any:
        """Give a field that must be there, whatever it holds."""
        if name not in self.content:
            field = f"{self._path}.{name}" if self._path else name
            raise HistoryError(f"{self._place}: {field} is missing")
        return self.content[name]

    def take(self, name: str, kind: type) -> Any:
        """Give a field that must be of a type."""
        given = self.anything(name)
        if not isinstance(given, kind) or isinstance(given, bool):
            self.refuse(name, given, _TYPES[kind])
        return given

    def text(self, name: str) -> str:
        """Give a text that is not empty."""
        given: str = self.take(name, str)
        if not given:
            self.refuse(name, given, "a text that is not empty")
        return given

    def optional_text(self, name: str) -> str | None:
        """Give a text, or None when the field is null or left out."""
        return None if self.content.get(name) is None else self.text(name)

    def count(self, name: str) -> int:
        """Give a whole number from 0 on."""
        given: int = self.take(name, int)
        if given < 0:
            self.refuse(name, given, "0 or more")
        return given

    def choice(self, name: str, allowed: Iterable[str]) -> str:
        """Give one of some words."""
        given = self.text(name)
        if given not in allowed:
            self.refuse(name, given, f"one of {', '.join(allowed)}")
        return given

    def instant(self, name: str) -> int:
        """Give an instant, in milliseconds since 1970."""
        given = self.text(name)
        try:
            at = datetime.datetime.fromisoformat(given)
        except ValueError:
            at = datetime.datetime.min
        if at.tzinfo is None:
            self.refuse(name, given, "an instant such as 2030-01-01T00:00:00.000Z")
        return round(at.timestamp() * 1000)

    def texts(self, name: str, *, is_needed: bool = True) -> list[str]:
        """Give a list of texts."""
        if not is_needed and name not in self.content:
            return []
        given: list[Any] = self.take(name, list)
        for nth, each in enumerate(given):
            if not isinstance(each, str):
                self.refuse(f"{name}[{nth}]", each, "a text")
        return given

    def objects(self, name: str, *, is_needed: bool = True) -> list[_Fields]:
        """Give a list of objects."""
        if not is_needed and name not in self.content:
            return []
        found = []
        for nth, each in enumerate(self.take(name, list)):
            if not isinstance(each, dict):
                self.refuse(f"{name}[{nth}]", each, "an object")
            path = f"{self._path}.{name}[{nth}]" if self._path else f"{name}[{nth}]"
            found.append(_Fields(self._place, path, each))
        return found
