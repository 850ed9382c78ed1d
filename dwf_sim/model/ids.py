"""Identifiers: hashes of step ids, and ULIDs minted from a counter instead of chance."""

from __future__ import annotations

import hashlib
from functools import lru_cache

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@lru_cache(maxsize=65536)
def step_hash(label: str) -> str:
    """Hash a step's label (its id, `id:1` for the first repeat): hex SHA-1, as both SDKs (A10)."""
    return hashlib.sha1(label.encode("utf-8", "surrogatepass")).hexdigest()


class Mint:
    """Makes ULIDs that sort by time, then by order of making (A3).

    The random part of a real ULID is a counter here, written in decimal digits, which are valid
    ULID characters. So ids of one millisecond keep their order and never collide.
    """

    def __init__(self) -> None:
        self._count = 0

    def ulid(self, now: int) -> str:
        """Mint the next id for this instant, in milliseconds."""
        self._count += 1
        return f"{_time_part(now)}{self._count:016d}"


@lru_cache(maxsize=1024)
def _time_part(now: int) -> str:
    digits = []
    for _ in range(10):
        now, digit = divmod(now, 32)
        digits.append(_CROCKFORD[digit])
    return "".join(reversed(digits))
