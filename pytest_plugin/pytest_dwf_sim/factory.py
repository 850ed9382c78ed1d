"""The factory: what `durable_engine_factory` gives, simulations of the keywords they are given."""

from __future__ import annotations

from typing import Any

from dwf_sim import Simulation
from dwf_sim.given import check_keywords, keywords_of


def make(seed: int = 0, **settings: Any) -> Simulation:
    """Make a fresh `Simulation`. Raises `ConfigError` for a keyword that it does not take."""
    check_keywords("durable_engine_factory", settings, keywords_of(Simulation))
    return Simulation(seed, **settings)
