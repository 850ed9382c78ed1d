"""Unstable places: what was not the same each time a case was recorded, one sample for each time.

A list of facts agrees when one of its samples does: that one takes the place of the list, and all
its facts are compared. Times of such samples become an interval. Single values stay as they are,
since the comparison of values takes any of the samples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Agree: TypeAlias = Callable[[str, Any, Any], bool]

TIMES = ("t", "start", "end", "queued", "received", "started", "ended")
_FACTS = (
    "runs",
    "entries",
    "steps",
    "executions",
    "events",
    "internal_events",
    "sends",
    "signals",
    "cancel_run",
    "requests",
)
_COMPARED_LATER = ("at", "checkpoints", "body")


def settle(expected: Any, got: Any, agree: Agree, key: str = "") -> Any:
    """Give a recording's observation with the sample of each unstable list that agrees with ours.

    If none does, it is the first, so that a difference is found where it is.
    """
    if is_unstable(expected):
        return _settled(expected["unstable"], got, agree, key)
    if isinstance(expected, Mapping) and isinstance(got, Mapping):
        return {name: settle(expected[name], got.get(name), agree, name) for name in expected}
    if isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        return [settle(*pair, agree, key) for pair in zip(expected, got, strict=True)]
    return expected


def is_unstable(value: Any) -> bool:
    """Whether a place of a recording holds its samples."""
    return isinstance(value, Mapping) and value.keys() == {"unstable"}


def samples_of(value: Any) -> list[Any]:
    """List what was recorded at a place: its samples, or the one value it always had."""
    return list(value["unstable"]) if is_unstable(value) else [value]


def _settled(samples: list[Any], got: Any, agree: Agree, key: str) -> Any:
    if key in TIMES:
        return _interval(samples, got)
    if key in _FACTS:
        fitting = [sample for sample in samples if _is_alike(sample, got, agree, key)]
        return _merged(fitting or samples[:1], key)
    return {"unstable": samples}


def _is_alike(sample: Any, got: Any, agree: Agree, key: str) -> bool:
    """Whether the facts of a sample are ours, but for their times."""
    if is_unstable(sample):
        return any(_is_alike(one, got, agree, key) for one in sample["unstable"])
    if key in TIMES:
        return (sample is None) == (got is None)
    if key in _FACTS and isinstance(sample, list) and isinstance(got, list):
        pairs = zip(sample, got, strict=False)
        return len(sample) == len(got) and all(_is_alike(*pair, agree, key) for pair in pairs)
    if key in _FACTS and isinstance(sample, Mapping) and isinstance(got, Mapping):
        return all(
            _is_alike(sample[name], got[name], agree, name)
            for name in sample
            if name in got and name not in _COMPARED_LATER
        )
    return agree(key, sample, got)


def _merged(samples: list[Any], key: str) -> Any:
    """Make one of samples that are alike: their times become intervals."""
    first = samples[0]
    if key in TIMES:
        return _interval(samples, None)
    if isinstance(first, Mapping) and key in _FACTS:
        return {
            name: _merged([sample[name] for sample in samples if name in sample], name)
            for name in first
        }
    if isinstance(first, list) and key in _FACTS:
        return [_merged(list(items), key) for items in zip(*samples, strict=False)]
    return first


def _interval(samples: list[Any], got: Any) -> Any:
    """Make an interval of times; none where one was missing, and ours is, too."""
    ends = [
        end
        for sample in samples
        for one in samples_of(sample)
        for end in (one if isinstance(one, list) else [one])
    ]
    known = [end for end in ends if end is not None]
    if not known or (got is None and len(known) < len(ends)):
        return None
    return [min(known), max(known)]
