"""The trace: every record with its time and its cause, cheap to append, hashed on demand."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import TypeVar

import attrs

from dwf_sim.model.records import Record

R = TypeVar("R")

_SHOWN_MAX = 200


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

    Kept as plain tuples: Python's garbage collector costs per object it has to look at.
    """

    def __init__(self, bound: int | None = None) -> None:
        self.bound = bound
        self._kept: deque[tuple[int, int | None, Record]] = deque(maxlen=bound)
        self.count = 0

    def append(self, at: int, cause: int | None, record: Record) -> int:
        """Add a record and return its number."""
        self._kept.append((at, cause, record))
        self.count += 1
        return self.count - 1

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Entry]:
        first = self.count - len(self._kept)
        for offset, (at, cause, record) in enumerate(self._kept):
            yield Entry(first + offset, at, cause, record)

    def since(self, seq: int) -> list[Entry]:
        """List the entries from a number on."""
        kept, first = self._kept, self.count - len(self._kept)
        numbers = range(max(seq, first), self.count)
        return [Entry(number, *kept[number - first]) for number in numbers]

    def tuples_since(self, seq: int) -> Iterator[tuple[int, int | None, Record]]:
        """Yield instant, cause and record of each entry from a number on: cheaper than entries."""
        return islice(self._kept, max(0, seq - (self.count - len(self._kept))), None)

    def of(self, *kinds: type[R]) -> list[R]:
        """List the records of these classes, oldest first."""
        return [record for _, _, record in self._kept if isinstance(record, kinds)]

    def newest(self, kind: type[R], since: int) -> int | None:
        """Give the number of the newest entry with a record of this class, from a number on."""
        newer = islice(reversed(self._kept), self.count - since)
        for back, (_, _, record) in enumerate(newer, 1):
            if isinstance(record, kind):
                return self.count - back
        return None

    def causes(self, seq: int) -> Iterator[tuple[int, Record]]:
        """Yield instant and record of an entry, of its cause, and so on as far as they are kept."""
        kept, first = self._kept, self.count - len(self._kept)
        number: int | None = seq
        while number is not None and number >= first:
            at, number, record = kept[number - first]
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
        for at, cause, record in self._kept:
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
