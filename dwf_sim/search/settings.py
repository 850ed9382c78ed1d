"""Settings: the keywords of a search that are those of its simulations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dwf_sim.errors import ConfigError
from dwf_sim.given import meant, shown
from dwf_sim.world import Simulation

# What a search gives to each of its simulations itself.
_OWN = ("seed", "faults", "interleave", "pilot")


def settings_given(whose: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Take keywords of `Simulation`. Raises `ConfigError` for another, naming what it is for."""
    known = [name for name in Simulation.__init__.__kwdefaults__ or {} if name not in _OWN]
    for name, value in given.items():
        if name in _OWN:
            raise ConfigError(
                f"{name} is {shown(value)}; {whose} chooses it for each of its simulations: leave "
                "it out"
            )
        if name not in known:
            raise ConfigError(f"{whose} has no keyword {shown(name)}; {meant(name, known)}")
    return dict(given)
