"""The factory: what `durable_engine_factory` gives, simulations of the keywords they are given.

Hypothesis calls a test hundreds of times, and the example that it shows is the last. So the newest
simulation is the one to tell of, and nothing has to be written before a test has failed.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import attrs

from dwf_sim import Simulation
from dwf_sim.given import check_keywords, keywords_of


class Made(Simulation):
    """Tells Hypothesis, when it is closed, how far it went."""

    _is_closed = False

    def close(self) -> None:
        """End it as any other, and tell of it once."""
        super().close()
        hypothesis = sys.modules.get("hypothesis")
        if self._is_closed or hypothesis is None:
            return
        self._is_closed = True
        if hypothesis.currently_in_test_context():
            from dwf_sim.strategies.aims import aim

            aim(self)


@attrs.define
class _Newest:
    """The newest simulation, and the test that has made it."""

    test: str = ""
    simulation: Simulation | None = None


_NEWEST = _Newest()


def make(seed: int = 0, **settings: Any) -> Simulation:
    """Make a fresh `Simulation`. Raises `ConfigError` for a keyword that it does not take."""
    check_keywords("durable_engine_factory", settings, keywords_of(Simulation))
    _NEWEST.simulation = None  # What it holds may be large.
    simulation = Made(seed, **settings)
    _NEWEST.test, _NEWEST.simulation = _test_now(), simulation
    return simulation


def newest_of(test: str) -> Simulation | None:
    """Give the newest simulation that a test has made, by the test's id, and let go of it."""
    simulation = _NEWEST.simulation if _NEWEST.test == test else None
    _NEWEST.simulation = None
    return simulation


def _test_now() -> str:
    return os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0]
