"""Spans of time that mean something to functions, by the settings they are registered with."""

from __future__ import annotations

from collections.abc import Iterable

from dwf_sim.duration import format_duration
from dwf_sim.model.served import FunctionServed

__all__ = ["spans_of"]

_USUAL = (1000, 60_000, 3_600_000)


def spans_of(served: Iterable[FunctionServed]) -> list[str]:
    """List durations, shortest first: a half of each period and timeout, all of it, and a second
    more; a throttle's or a rate limit's are those of one start."""
    found = dict.fromkeys(_USUAL)
    for record in served:
        for period in _periods(record):
            found.update(dict.fromkeys((period // 2, period, period + 1000)))
    return [format_duration(span) for span in sorted(found) if span > 0]


def _periods(record: FunctionServed) -> list[int]:
    """List the lengths of time of a function's settings, in milliseconds."""
    rates = [each for each in (record.throttle, record.rate_limit) if each is not None]
    periods = [each[1] // max(each[0], 1) for each in rates]
    if record.debounce is not None:
        period, _, timeout = record.debounce
        periods += [period] if timeout is None else [period, timeout]
    if record.batch is not None:
        periods.append(record.batch[1])
    return periods + [timeout for _, _, timeout in record.cancel if timeout is not None]
