"""Differences: where something here is not as it was recorded, and how that is said."""

from __future__ import annotations

from typing import Any

import attrs

_SHOWN = 400


class Words(str):
    """What is told in words: shown as it is, where a value is shown as it is written."""

    __slots__ = ()


class _Absent:
    """What stands where one of the two has nothing."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "(absent)"


ABSENT = _Absent()


@attrs.frozen
class Difference:
    """The first place where ours differs from the recording."""

    path: str
    expected: Any
    got: Any

    def __str__(self) -> str:
        expected, got = _cut(_shown(self.expected), _shown(self.got))
        return f"{self.path}: expected {expected}, got {got}"


def _shown(value: Any) -> str:
    return str(value) if isinstance(value, Words) else repr(value)


def _cut(expected: str, got: str) -> tuple[str, str]:
    """Cut two long texts to what is around the place where they part."""
    if max(len(expected), len(got)) <= _SHOWN:
        return expected, got
    pairs = enumerate(zip(expected, got, strict=False))
    alike = next((n for n, (one, other) in pairs if one != other), min(len(expected), len(got)))
    first = max(0, alike - _SHOWN // 4)
    return _part(expected, first), _part(got, first)


def _part(text: str, first: int) -> str:
    last = first + _SHOWN // 2
    before = f"{text[: _SHOWN // 8]} … " if first > _SHOWN // 8 else text[:first]
    return before + text[first:last] + (" …" if last < len(text) else "")
