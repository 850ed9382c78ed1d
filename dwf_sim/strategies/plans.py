"""Fault plans as a strategy: a few faults, each at a site that a pilot has come to."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from hypothesis import strategies as st

from dwf_sim.errors import ConfigError
from dwf_sim.faults import FAULTS, Fault, FaultPlan, Site, faults_at
from dwf_sim.faults.at_site import KINDS_AT_SITES
from dwf_sim.given import check_count, shown

__all__ = ["fault_plans"]


def fault_plans(
    sites: Iterable[Site], *, faults_max: int = 3, kinds: Collection[str] | None = None
) -> st.SearchStrategy[FaultPlan]:
    """Draw plans of up to `faults_max` faults, each at another of these sites.

    `sites` are those of a pilot: `Simulation(pilot=True)` lists them as `sim.sites`. `kinds` are
    names of faults, such as "crash.after_effect", or of their modules, such as "crash"; without
    it, every kind that strikes at sites. A plan shrinks to few faults, at early sites. Raises
    `ConfigError` for a kind that there is not, and for one that strikes at no site.
    """
    check_count("faults_max of fault_plans", faults_max, 0)
    if kinds is not None:
        _check_kinds(kinds)
    struck: dict[str, bool] = {}  # By phase, which says what can go wrong at a site.
    places = [site for site in sites if _can_strike(site, kinds, struck)]
    if not places or not faults_max:
        return st.just(FaultPlan())
    one = st.sampled_from(range(len(places))).flatmap(
        lambda nth: st.tuples(st.just(nth), st.sampled_from(_faults_of(places[nth], kinds)))
    )
    several = st.lists(one, max_size=faults_max, unique_by=lambda pair: pair[0])
    return several.map(_plan)


def _plan(pairs: Iterable[tuple[int, Fault]]) -> FaultPlan:
    """Put faults in the order of their sites, so that equal plans are equal texts."""
    return FaultPlan([fault for _, fault in sorted(pairs, key=lambda pair: pair[0])])


def _can_strike(site: Site, kinds: Collection[str] | None, struck: dict[str, bool]) -> bool:
    """Say whether anything can go wrong at a site; nothing befalls the engine's own events."""
    if site.step.startswith("inngest/"):
        return False
    if site.phase not in struck:
        struck[site.phase] = bool(_faults_of(site, kinds))
    return struck[site.phase]


def _faults_of(site: Site, kinds: Collection[str] | None) -> list[Fault]:
    return [
        fault
        for fault in faults_at(site)
        if kinds is None or fault.kind_name in kinds or fault.kind_name.split(".")[0] in kinds
    ]


def _check_kinds(kinds: Collection[str]) -> None:
    names = [name for kind in FAULTS for name in kind.KINDS]
    modules = list(dict.fromkeys(name.split(".")[0] for name in names))
    if isinstance(kinds, str):
        raise ConfigError(f"kinds is {shown(kinds)}; give a list of names, such as [{kinds!r}]")
    if not kinds:
        raise ConfigError("kinds is empty; name one, such as 'crash', or leave it out for all")
    for kind in kinds:
        if kind not in names and kind not in modules:
            raise ConfigError(
                f"kinds has {shown(kind)}; faults are of the kinds {', '.join(modules)}, each of "
                "which can be told more exactly, such as crash.after_effect"
            )
        if not any(kind in (name, name.split(".")[0]) for name in KINDS_AT_SITES):
            raise ConfigError(
                f"kinds has {shown(kind)}, and such a fault has an instant and no site, so that "
                "none is ever drawn; put it in force for all that is drawn: "
                "simulation.inject(dwf_sim.clock.jump(by='1h', at='2h'))"
            )
