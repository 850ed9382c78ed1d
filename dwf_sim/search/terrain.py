"""The terrain of a search: where a subject can be struck, and which durations mean something."""

from __future__ import annotations

from collections.abc import Collection

import attrs

from dwf_sim.errors import ConfigError
from dwf_sim.faults import FAULTS, Fault, Site
from dwf_sim.faults.at_site import KINDS_AT_SITES
from dwf_sim.faults.base import EVENT
from dwf_sim.faults.stored import kinds_of
from dwf_sim.model.records import StepReported
from dwf_sim.search.playing import Played
from dwf_sim.search.sites import faults_of, kinds_given
from dwf_sim.search.stage import Stage

# A function can do nothing against an event that was accepted and then lost.
DEFAULT_KINDS = tuple(
    kind for kind in kinds_of(FAULTS) if kind in KINDS_AT_SITES and kind != "events.drop"
)


def drawn_kinds(given: object) -> tuple[str, ...]:
    """Take names of kinds of faults. Raises `ConfigError` for one that there is not, and for one
    that strikes at no site."""
    kinds = kinds_given(given)
    for kind in kinds:
        if kind not in KINDS_AT_SITES:
            raise ConfigError(
                f"kinds has {kind!r}, and such a fault has an instant and no site, so that none is "
                "ever drawn; have the play put it in force: "
                "sim.inject(dwf_sim.clock.jump(by='1h', at='2h'))"
            )
    return kinds


@attrs.frozen
class Terrain:
    """What a pilot has shown: the faults at its sites, in their order, its instants in
    milliseconds after the start, and how often several callbacks were ready at once."""

    faults: tuple[Fault, ...]
    instants: tuple[int, ...]
    choices: int
    steps: tuple[tuple[str, str], ...]  # Kinds of faults, with the steps where they can strike.

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of faults that can strike here."""
        return tuple(dict.fromkeys(fault.kind_name for fault in self.faults))


def terrain_of(pilot: Played, kinds: Collection[str], choices: int) -> Terrain:
    """Take from a pilot where it can be struck."""
    sites = pilot.stage.sites
    pairs = [(fault, site) for site in sites for fault in usual_faults(site, kinds)]
    names = dict.fromkeys((fault.kind_name, site.step) for fault, site in pairs)
    return Terrain(
        tuple(fault for fault, _ in pairs), _instants(pilot.stage), choices, tuple(names)
    )


def usual_faults(site: Site, kinds: Collection[str]) -> tuple[Fault, ...]:
    """The faults of these kinds at a site; none at events that the engine sends to nobody."""
    if site.phase == EVENT and site.step.startswith("inngest/"):
        return ()
    return tuple(faults_of(site, kinds))


def _instants(stage: Stage) -> tuple[int, ...]:
    """List when anything happened, and when a wait or a sleep would have ended.

    An invoke is given a year unless told otherwise: to be later than that is no mistake.
    """
    start = stage.start_ms
    found = {entry[0] - start: None for entry in stage.trace.tuples_since(0)}
    for record in stage.trace.of(StepReported):
        if record.until is not None and record.kind != "invoke":
            found[record.until - start] = None
    return tuple(sorted(found))
