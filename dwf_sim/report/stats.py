"""What flow control did to whom: time in queue and requests in flight, by function and by key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from dwf_sim.errors import UnknownKeyError
from dwf_sim.model import records as r
from dwf_sim.report.times import span
from dwf_sim.sim.trace import Trace


@attrs.frozen
class KeyStats:
    """The figures of one function or key. Times are in milliseconds of virtual time.

    `queued_ms` lists, shortest first, how long each run was kept from starting: until it started,
    was cancelled, or until now. `not_started` says how many of them did not start, and
    `in_flight_max` how many requests were in flight together at most. `in_flight` says how many
    were from which instant on; requests take no time unless step bodies or `Latency` make them.
    """

    key: str
    queued_ms: tuple[int, ...]
    not_started: int
    in_flight_max: int
    in_flight: tuple[tuple[int, int], ...]

    @property
    def runs(self) -> int:
        """How many runs there were."""
        return len(self.queued_ms)

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
        if key not in self._figures:
            known = ", ".join(map(repr, self._figures)) or "none yet"
            raise UnknownKeyError(f"there are no figures of {key!r}; those there are: {known}")
        return self._figures[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._figures)

    def __len__(self) -> int:
        return len(self._figures)

    def __str__(self) -> str:
        head = (
            "key",
            "runs",
            "not started",
            "queued: median",
            "95 %",
            "max",
            "in flight: mean",
            "max",
        )
        rows = [head, *(_row(figure) for figure in self._figures.values())]
        widths = [max(len(row[n]) for row in rows) for n in range(len(head))]
        return "\n".join(_line(row, widths) for row in rows)


@attrs.define
class _Count:
    queued: list[int] = attrs.field(factory=list)
    not_started: int = 0
    flying: int = 0
    most: int = 0
    in_flight: list[tuple[int, int]] = attrs.field(factory=list)

    def change(self, at: int, by: int) -> None:
        self.flying += by
        self.most = max(self.most, self.flying)
        if self.in_flight and self.in_flight[-1][0] == at:
            self.in_flight.pop()
        self.in_flight.append((at, self.flying))


def measure(trace: Trace, now: int) -> Stats:
    """Read the figures from a trace; of a bounded one, of the runs whose beginning it holds."""
    reading = _Reading()
    for entry in trace:
        reading.read(entry.at, entry.record)
    for run in list(reading.queued_since):
        reading.give_up(run, now)
    return Stats({key: _figures(key, count) for key, count in reading.counts.items()})


class _Reading:
    """What is known of runs while a trace is read."""

    def __init__(self) -> None:
        self.counts: dict[str, _Count] = {}
        self.queued_since: dict[str, int] = {}  # Runs that have not started.
        self._keys: dict[str, tuple[str, ...]] = {}
        self._open: dict[int, str] = {}  # Runs by request.

    def read(self, at: int, record: r.Record) -> None:
        if isinstance(record, r.RunScheduled):
            self._keys[record.run] = (record.function, *record.keys)
            self.queued_since[record.run] = at
            for key in self._keys[record.run]:
                self.counts.setdefault(key, _Count())
        elif isinstance(record, r.RequestSent) and record.run in self._keys:
            self._open[record.number] = record.run
            since = self.queued_since.pop(record.run, None)
            for count in self._counts_of(record.run):
                count.change(at, 1)
                if since is not None:
                    count.queued.append(at - since)
        elif isinstance(record, r.ResponseReceived | r.ResponseIgnored | r.LeaseLost):
            for count in self._counts_of(self._open.pop(record.number, None)):
                count.change(at, -1)
        elif isinstance(record, r.RunFinished) and record.run in self.queued_since:
            self.give_up(record.run, at)

    def give_up(self, run: str, at: int) -> None:
        since = self.queued_since.pop(run)
        for count in self._counts_of(run):
            count.queued.append(at - since)
            count.not_started += 1

    def _counts_of(self, run: str | None) -> list[_Count]:
        return [] if run is None else [self.counts[key] for key in self._keys[run]]


def _figures(key: str, count: _Count) -> KeyStats:
    queued = tuple(sorted(count.queued))
    return KeyStats(key, queued, count.not_started, count.most, tuple(count.in_flight))


def _row(figure: KeyStats) -> tuple[str, ...]:
    queued = [span(figure.queued_ms_at(share)) for share in (0.5, 0.95, 1)]
    mean = f"{figure.in_flight_mean:.2f}"
    counts = str(figure.runs), str(figure.not_started)
    return (figure.key, *counts, *queued, mean, str(figure.in_flight_max))


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    cells = [row[0].ljust(widths[0])]
    cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
    return "  ".join(cells)
