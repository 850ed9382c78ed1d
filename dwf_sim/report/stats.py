"""What flow control did to whom: time in queue and requests in flight, by function and by key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from dwf_sim.model import records as r
from dwf_sim.model.run import START
from dwf_sim.report.times import span
from dwf_sim.sim.trace import Trace


@attrs.frozen
class KeyStats:
    """The figures of one function or key. Times are in milliseconds of virtual time.

    `queued_ms` lists, in order, how long each run that has started was kept from starting;
    `in_flight` says at which instant how many requests began to be in flight.
    """

    key: str
    runs: int
    queued_ms: tuple[int, ...]
    in_flight: tuple[tuple[int, int], ...]

    @property
    def waiting(self) -> int:
        """How many runs have not started, be they still in the queue or cancelled there."""
        return self.runs - len(self.queued_ms)

    @property
    def in_flight_max(self) -> int:
        """The most requests that were in flight at one instant."""
        return max((count for _, count in self.in_flight), default=0)

    @property
    def in_flight_mean(self) -> float:
        """How many were in flight on average, from the first request to the last answer."""
        if len(self.in_flight) < 2:
            return 0.0
        pairs = zip(self.in_flight, self.in_flight[1:], strict=False)
        area = sum(count * (after - at) for (at, count), (after, _) in pairs)
        total = self.in_flight[-1][0] - self.in_flight[0][0]
        return area / total if total else 0.0

    def queued_ms_at(self, share: float) -> int:
        """Say how long at most that share of the runs was kept from starting: 0.5, 0.95, 1."""
        if not self.queued_ms:
            return 0
        return self.queued_ms[max(0, -(-int(share * 1000) * len(self.queued_ms) // 1000) - 1)]


class Stats(Mapping[str, KeyStats]):
    """Figures by key, such as "concurrency of shop-f: event.data.tenant = a", and by function."""

    def __init__(self, figures: Mapping[str, KeyStats]) -> None:
        self._figures = figures

    def __getitem__(self, key: str) -> KeyStats:
        return self._figures[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._figures)

    def __len__(self) -> int:
        return len(self._figures)

    def __str__(self) -> str:
        head = ("key", "runs", "waiting", "queued: median", "95 %", "max", "in flight: mean", "max")
        rows = [head, *(_row(figure) for figure in self._figures.values())]
        widths = [max(len(row[n]) for row in rows) for n in range(len(head))]
        return "\n".join(_line(row, widths) for row in rows)


@attrs.define
class _Count:
    runs: int = 0
    queued: list[int] = attrs.field(factory=list)
    flying: int = 0
    in_flight: list[tuple[int, int]] = attrs.field(factory=list)

    def change(self, at: int, by: int) -> None:
        self.flying += by
        if self.in_flight and self.in_flight[-1][0] == at:
            self.in_flight.pop()
        self.in_flight.append((at, self.flying))


def measure(trace: Trace) -> Stats:
    """Read the figures from a trace; of a bounded one, of what it keeps."""
    counts: dict[str, _Count] = {}
    keys: dict[str, tuple[str, ...]] = {}
    earliest: dict[str, int] = {}
    open_requests: dict[int, str] = {}
    for entry in trace:
        record, at = entry.record, entry.at
        if isinstance(record, r.RunScheduled):
            keys[record.run] = (record.function, *record.keys)
            earliest[record.run] = max(at, record.start_at)
            for key in keys[record.run]:
                counts.setdefault(key, _Count()).runs += 1
        elif isinstance(record, r.RequestSent) and record.run in keys:
            open_requests[record.number] = record.run
            for key in keys[record.run]:
                counts[key].change(at, 1)
                if record.item == START and record.attempt == 0:
                    counts[key].queued.append(at - earliest[record.run])
        elif isinstance(record, r.ResponseReceived | r.ResponseIgnored | r.LeaseLost):
            run = open_requests.pop(record.number, None)
            for key in keys[run] if run is not None else ():
                counts[key].change(at, -1)
    return Stats({key: _figures(key, count) for key, count in counts.items()})


def _figures(key: str, count: _Count) -> KeyStats:
    return KeyStats(key, count.runs, tuple(sorted(count.queued)), tuple(count.in_flight))


def _row(figure: KeyStats) -> tuple[str, ...]:
    queued = [span(figure.queued_ms_at(share)) for share in (0.5, 0.95, 1)]
    mean = f"{figure.in_flight_mean:.2f}"
    counts = str(figure.runs), str(figure.waiting)
    return (figure.key, *counts, *queued, mean, str(figure.in_flight_max))


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    cells = [row[0].ljust(widths[0])]
    cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
    return "  ".join(cells)
