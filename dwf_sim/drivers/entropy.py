"""The chance of user code: `random`, `uuid4`, `secrets` and `os.urandom`, all from the seed.

Each simulation keeps its own state of the global generator and puts back the one it found.
"""

from __future__ import annotations

import os
import random


class Entropy:
    """Seeded chance in place of the real one, between `enter` and `leave`."""

    def __init__(self, seed: int) -> None:
        self._bytes = random.Random(f"{seed}/urandom")
        self._seed = seed
        self._inner: tuple[object, ...] | None = None
        self._outer: tuple[object, ...] | None = None
        self._urandom = os.urandom

    def enter(self) -> None:
        """Put the simulation's own state in place."""
        self._outer = random.getstate()
        if self._inner is None:
            random.seed(f"{self._seed}/user")
        else:
            random.setstate(self._inner)
        self._urandom = os.urandom
        _set_urandom(self._draw)

    def leave(self) -> None:
        """Keep the simulation's state and put the outer one back."""
        _set_urandom(self._urandom)
        self._inner = random.getstate()
        assert self._outer is not None, "entropy is left after it was entered"
        random.setstate(self._outer)

    def _draw(self, size: int, /) -> bytes:
        return self._bytes.randbytes(size)


def _set_urandom(source: object) -> None:
    """`uuid4` reads `os.urandom`; `SystemRandom`, and so `secrets`, a name of its own."""
    vars(os)["urandom"] = source
    vars(random)["_urandom"] = source
