"""The chance of user code: `random`, `uuid4`, `secrets` and `os.urandom`, all from the seed.

Each simulation keeps its own state of the global generator and puts back the one it found.
"""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable
from typing import Any


class Entropy:
    """Seeded chance in place of the real one, between `enter` and `leave`."""

    def __init__(self, seed: int) -> None:
        self._bytes = random.Random(f"{seed}/urandom")
        self._seed = seed
        self._inner: tuple[object, ...] | None = None
        self._outer: tuple[object, ...] | None = None
        self._urandom = os.urandom
        self._seed_method: Callable[..., None] = random.Random.seed

    def enter(self) -> None:
        """Put the simulation's own state in place."""
        self._outer = random.getstate()
        if self._inner is None:
            random.seed(f"{self._seed}/user")
        else:
            random.setstate(self._inner)
        self._urandom = os.urandom
        draw = self._drawing()
        _set_urandom(draw)
        self._seed_method = random.Random.seed
        _set_seed_method(_seeded_by(self._seed_method, draw))

    def leave(self) -> None:
        """Keep the simulation's state and put the outer one back."""
        _set_urandom(self._urandom)
        _set_seed_method(self._seed_method)
        self._inner = random.getstate()
        assert self._outer is not None, "entropy is left after it was entered"
        random.setstate(self._outer)

    def _drawing(self) -> Callable[[int], bytes]:
        """A thread that was there before keeps the real source, as it keeps the real clock: a
        cluster names what it hands over by `uuid4`, and may do so while a simulation is at work."""
        others = {thread.ident for thread in threading.enumerate()} - {threading.get_ident()}
        real, seeded = self._urandom, self._bytes.randbytes

        def draw(size: int, /) -> bytes:
            return real(size) if threading.get_ident() in others else seeded(size)

        return draw


def _seeded_by(method: Callable[..., None], draw: Callable[[int], bytes]) -> Callable[..., None]:
    """A generator made without a seed takes it from the simulation instead of the system."""

    def seed(self: random.Random, a: Any = None, version: int = 2) -> None:
        method(self, draw(32) if a is None else a, version)

    return seed


def _set_seed_method(method: Callable[..., None]) -> None:
    type.__setattr__(random.Random, "seed", method)


def _set_urandom(source: object) -> None:
    """`uuid4` reads `os.urandom`; `SystemRandom`, and so `secrets`, a name of its own."""
    vars(os)["urandom"] = source
    vars(random)["_urandom"] = source
