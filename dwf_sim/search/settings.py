"""Settings: the keywords of a search that are those of its simulations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dwf_sim.errors import ConfigError
from dwf_sim.given import check_keywords, shown
from dwf_sim.search.stage import OF_THE_COURSE, SETTINGS


def settings_given(whose: str, given: Mapping[str, Any], taken: Iterable[str]) -> dict[str, Any]:
    """Take keywords of `Simulation`, beside those that the search itself has `taken`.

    Raises `ConfigError` for any other, naming what it is for.
    """
    for name in OF_THE_COURSE:
        if name in given:
            raise ConfigError(
                f"{name} is {shown(given[name])}; {whose} chooses it for each of its simulations: "
                "leave it out"
            )
    check_keywords(whose, given, (*taken, *SETTINGS))
    return dict(given)
