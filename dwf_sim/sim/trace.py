"""The trace: every record with its time and its cause, cheap to append, hashed on demand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import islice
from typing import Any, TypeVar

import attrs

from dwf_sim.model.records import Record

R = TypeVar("R")

_SHOWN_MAX = 200
_PLACES, _RECORD = 3, 2  # Of an entry in the list: its instant, its cause, and its record.
_SLACK = 2  # How many times what is kept may be in the list.
_NEVER = -1


@attrs.frozen
class Entry:
    """A record in its place: `cause` is the number of the entry that led to it, if one did."""

    seq: int
    at: int
    cause: int | None
    record: Record

    def __str__(self) -> str:
        fields = ", ".join(
            f"{name}={_shortened(getattr(self.record, name))}"
            for name in _fields(type(self.record))
        )
        return f"#{self.seq} {self.at} {type(self.record).__name__}({fields})"


class Trace:
    """All records of a simulation, or the newest `bound` of them.

    Kept in one flat list, three places for each entry: Python's garbage collector costs per object
    it has to look at, and a tuple for each entry would be half of them. Of a bounded trace a third
    to two thirds of the list may be out of date; `_first` is the number of its first entry.
    """

    def __init__(self, bound: int | None = None) -> None:
        self.bound = bound
        self.count = 0
        self._kept: list[Any] = []
        self._first = 0
        self._trim_at = _NEVER if bound is None else _SLACK * max(1, bound)

    def append(self, at: int, cause: int | None, record: Record) -> int:
        """Add a record and return its number."""
        kept, number = self._kept, self.count
        kept.append(at)
        kept.append(cause)
        kept.append(record)
        self.count = number + 1
        if number == self._trim_at:
            self._trim()
        return number

    def _trim(self) -> None:
        first = self._oldest
        del self._kept[: (first - self._first) * _PLACES]
        self._first = first
        self._trim_at = self.count + _SLACK * max(1, len(self))

    @property
    def _oldest(self) -> int:
        """The number of the oldest entry that is kept."""
        return 0 if self.bound is None else max(0, self.count - self.bound)

    def __len__(self) -> int:
        return self.count - self._oldest

    def __iter__(self) -> Iterator[Entry]:
        for number, (at, cause, record) in enumerate(self.tuples_since(0), self._oldest):
            yield Entry(number, at, cause, record)

    def since(self, seq: int) -> list[Entry]:
        """List the entries from a number on."""
        first = max(seq, self._oldest)
        return [Entry(number, *entry) for number, entry in enumerate(self.tuples_since(seq), first)]

    def tuples_since(self, seq: int) -> Iterator[tuple[int, int | None, Record]]:
        """Yield instant, cause and record of each entry from a number on: cheaper than entries."""
        places = iter(self._kept[self._place(max(seq, self._oldest)) :])
        return zip(places, places, places, strict=True)

    def _place(self, number: int) -> int:
        return (number - self._first) * _PLACES

    def of(self, *kinds: type[R]) -> list[R]:
        """List the records of these classes, oldest first."""
        records = islice(self._kept, self._place(self._oldest) + _RECORD, None, _PLACES)
        return [record for record in records if isinstance(record, kinds)]

    def newest(self, kind: type[R], since: int) -> int | None:
        """Give the number of the newest entry with a record of this class, from a number on."""
        for number in range(self.count - 1, max(since, self._oldest) - 1, -1):
            if isinstance(self._kept[self._place(number) + _RECORD], kind):
                return number
        return None

    def causes(self, seq: int) -> Iterator[tuple[int, Record]]:
        """Yield instant and record of an entry, of its cause, and so on as far as they are kept."""
        oldest = self._oldest
        number: int | None = seq
        while number is not None and number >= oldest:
            place = self._place(number)
            at, number, record = self._kept[place : place + _PLACES]
            yield at, record

    def about(self, run_id: str) -> list[Entry]:
        """List the entries about one run, oldest first."""
        return [entry for entry in self if getattr(entry.record, "run", None) == run_id]

    def digest(self) -> str:
        """Hash the trace: equal digests mean the same facts in the same order at the same times.

        Each record is written with its class and the `repr` of every field, so two different
        records never have the same text. Of a bounded trace, only what it keeps is hashed.
        """
        sha = hashlib.sha256(f"{self.count}\n".encode())
        for at, cause, record in self.tuples_since(0):
            fields = [getattr(record, name) for name in _fields(type(record))]
            line = f"{at} {cause} {type(record).__name__} {fields!r}\n"
            sha.update(line.encode("utf-8", "surrogatepass"))
        return sha.hexdigest()

    def tail(self, count: int) -> str:
        """Show the newest entries, one a line."""
        return "\n".join(str(entry) for entry in list(self)[-count:])


def _shortened(content: object) -> str:
    """Write a field for a reader, to whom a long text says no more than its beginning."""
    text = repr(content)
    return text if len(text) <= _SHOWN_MAX else f"{text[: _SHOWN_MAX - 1]}…"


def _fields(kind: type) -> tuple[str, ...]:
    names = _FIELDS.get(kind)
    if names is None:
        names = _FIELDS[kind] = tuple(field.name for field in attrs.fields(kind))
    return names


_FIELDS: dict[type, tuple[str, ...]] = {}
