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
        return f"{self.path}: expected {_shown(self.expected)}, got {_shown(self.got)}"


def _shown(value: Any) -> str:
    if isinstance(value, Words):
        return str(value)
    text = repr(value)
    half = _SHOWN // 2
    return text if len(text) <= _SHOWN else f"{text[:half]} … {text[-half:]}"
