"""All runs, in the order of their creation: those that live as they are, those that ended packed.

A simulation may have a hundred thousand runs, and nearly all of them have ended. Python's garbage
collector looks at every object that may refer to others, again and again; it stops looking at a
tuple that holds only texts, numbers and such tuples.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from dwf_sim.model.event import Invocation, StoredEvent
from dwf_sim.model.function import FunctionConfig
from dwf_sim.model.run import Run

_Event: TypeAlias = tuple[
    str, str, str, int, str, str, str | None, int, tuple[str, str] | None, str | None
]
_Texts: TypeAlias = tuple[str, ...]
_Packed: TypeAlias = tuple[
    str,  # Label.
    str,  # Function.
    tuple[_Event, ...],
    int,  # When it was created, started and ended.
    int | None,
    int | None,
    str,  # Status.
    str,  # Result.
    _Texts,  # Memos: hashes and texts.
    _Texts,
    _Texts,  # Labels: hashes and names.
    _Texts,
]

_STATUS = 6  # Its place there.


class Runs(Mapping[str, Run]):
    """Runs by id. Of one that has ended it gives a new copy each time, with the settings its
    function has now."""

    def __init__(self, functions: Mapping[str, FunctionConfig]) -> None:
        self._functions = functions
        self._runs: dict[str, Run | _Packed] = {}
        self._shared: dict[_Texts, _Texts] = {}  # Most runs of a function have the same steps.

    def add(self, run: Run) -> None:
        """Take in a new run."""
        self._runs[run.id] = run

    def pack(self, run: Run) -> None:
        """Keep of a run that has ended what can still be asked for."""
        self._runs[run.id] = (
            run.label,
            run.function.id,
            tuple([_pack_event(event) for event in run.events]),
            run.created_at,
            run.started_at,
            run.ended_at,
            run.status,
            run.result,
            self._share(tuple(run.memos)),
            tuple(run.memos.values()),
            self._share(tuple(run.labels)),
            self._share(tuple(run.labels.values())),
        )

    def _share(self, steps: _Texts) -> _Texts:
        return self._shared.setdefault(steps, steps)

    def status(self, run_id: str) -> str:
        """Say what has become of a run, without a copy of it."""
        found = self._runs[run_id]
        return str(found.status if isinstance(found, Run) else found[_STATUS])

    def __getitem__(self, run_id: str) -> Run:
        found = self._runs[run_id]
        return found if isinstance(found, Run) else self._unpack(run_id, found)

    def _unpack(self, run_id: str, packed: _Packed) -> Run:
        label, function, events, created_at, started_at, ended_at, status, result = packed[:8]
        memo_hashes, memos, label_hashes, labels = packed[8:]
        return Run(
            run_id,
            label,
            self._functions[function],
            tuple(_unpack_event(event) for event in events),
            created_at,
            status,
            result,
            started_at,
            ended_at,
            dict(zip(memo_hashes, memos, strict=True)),
            dict(zip(label_hashes, labels, strict=True)),
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self._runs)

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._runs)

    def __len__(self) -> int:
        return len(self._runs)


def _pack_event(event: StoredEvent) -> _Event:
    call = event.invocation
    return (
        event.internal_id,
        event.name,
        event.id,
        event.ts,
        event.data,
        event.user,
        event.v,
        event.received_at,
        None if call is None else (call.function_id, call.correlation_id),
        event.run_id,
    )


def _unpack_event(packed: _Event) -> StoredEvent:
    call = packed[8]
    return StoredEvent(*packed[:8], None if call is None else Invocation(*call), packed[9])
