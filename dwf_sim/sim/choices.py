"""Chance: one oracle, asked by name, so that one more draw here never moves a draw there."""

from __future__ import annotations

import hashlib


class Choices:
    """Draws integers from named streams; the n-th draw of a stream depends on nothing else.

    Each draw hashes seed, stream and n, so a stream costs one counter and needs no generator.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._counts: dict[str, int] = {}

    def integer(self, stream: str, low: int, high: int) -> int:
        """Draw an integer between `low` and `high`, both included."""
        assert low <= high, "a draw needs at least one value"
        nth = self._counts.get(stream, 0)
        self._counts[stream] = nth + 1
        digest = hashlib.blake2b(f"{self.seed}/{stream}/{nth}".encode(), digest_size=16).digest()
        return low + int.from_bytes(digest, "big") % (high - low + 1)
