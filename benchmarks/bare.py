"""The bare loop: re-entry, memo look-up by hash, JSON round trip and one heap, and nothing else.

It is what replaying durable functions costs when there is no engine, no event loop and no trace.
"""

from __future__ import annotations

import hashlib
import heapq
import json
from collections.abc import Generator
from functools import lru_cache
from typing import Any

HOUR_MS = 3_600_000
_encode = json.JSONEncoder().encode
_read = json.JSONDecoder().decode  # An event comes from outside;
_decode = json.JSONDecoder().raw_decode  # memos are its own texts, without blanks around them.


@lru_cache
def _hash(step: str) -> str:
    return hashlib.sha1(step.encode()).hexdigest()


def function(_: dict[str, Any]) -> Generator[tuple[str, int], Any, Any]:
    """Three steps and a sleep; a step is a name and how long to sleep."""
    yield "a", 0
    yield "b", 0
    yield "s", HOUR_MS
    return (yield "c", 0)


def run(count: int) -> None:
    """Run the function so many times."""
    heap: list[tuple[int, int, str, dict[str, str]]] = [
        (0, n, _encode({"i": n}), {}) for n in range(count)
    ]
    seq = count
    finished = 0
    while heap:
        at, _, event, memos = heapq.heappop(heap)
        after = _enter(_read(event), memos)
        if after is None:
            finished += 1
        else:
            heapq.heappush(heap, (at + after, seq, event, memos))
            seq += 1
    assert finished == count


def _enter(event: dict[str, Any], memos: dict[str, str]) -> int | None:
    """Replay up to the first new step; how long to wait before the next entry, None at the end."""
    handler = function(event)
    try:
        step, sleep = next(handler)
        while (memo := memos.get(_hash(step))) is not None:
            step, sleep = handler.send(_decode(memo)[0])
    except StopIteration:
        return None
    memos[_hash(step)] = _encode(None if sleep else {"data": {"x": 1}})
    return sleep
