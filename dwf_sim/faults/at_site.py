"""What can go wrong at a site: one fault of each kind that fits there, and strikes nowhere else."""

from __future__ import annotations

from dwf_sim.errors import ConfigError
from dwf_sim.faults import crash, events, response, server, steps, timers, worker
from dwf_sim.faults.base import (
    ACK,
    AFTER_ACK,
    AFTER_EFFECT,
    AFTER_MEMO,
    BEFORE,
    DURATION,
    EFFECT,
    EVENT,
    INSIDE,
    REQUEST,
    RESPONSE,
    TIMER,
    Fault,
    Site,
)
from dwf_sim.given import shown

SLOW, LATE = "10m", "1m"  # How much longer a step takes, and how late anything comes.

_FAULTS: dict[str, tuple[Fault, ...]] = {
    BEFORE: (
        crash.before(),
        worker.restart(),
        worker.zombie(),
        server.restart(),
    ),
    INSIDE: (
        crash.inside(),
        worker.restart(phase=INSIDE),
        worker.zombie(phase=INSIDE),
        server.restart(phase=INSIDE),
    ),
    EFFECT: (
        crash.inside(at_effect=1),
        worker.restart(at_effect=1),
        worker.zombie(at_effect=1),
        server.restart(at_effect=1),
    ),
    AFTER_EFFECT: (
        crash.after_effect(),
        worker.restart(phase=AFTER_EFFECT),
        worker.zombie(phase=AFTER_EFFECT),
        server.restart(phase=AFTER_EFFECT),
    ),
    AFTER_MEMO: (crash.after_memo(),),
    AFTER_ACK: (crash.after_ack(),),
    RESPONSE: (
        response.lose(),
        response.repeat(after=LATE),
        response.delay(by=LATE),
        response.gateway(),
    ),
    REQUEST: (),  # Only storms strike there, which have an instant and no site.
    DURATION: (steps.slow(by=SLOW),),
    TIMER: (timers.late(by=LATE),),
    EVENT: (
        events.duplicate(),
        events.duplicate(after=LATE),
        events.delay(by=LATE),
        events.reorder(),
        events.drop(),
    ),
    ACK: (events.lose_ack(),),
}

# The others, such as storms and clocks, have an instant and no site: nothing draws them.
KINDS_AT_SITES = tuple(
    dict.fromkeys(fault.kind_name for faults in _FAULTS.values() for fault in faults)
)


def faults_at(site: Site) -> tuple[Fault, ...]:
    """Make one fault of each kind that can strike at a site, for that site alone.

    Sites are found by a pilot run: `Simulation(pilot=True)` lists them as `sim.sites`. Raises
    `ConfigError` for what is no site, and for one of no known phase.
    """
    if not isinstance(site, Site):
        raise ConfigError(
            f"site is {shown(site)}; give one of sim.sites, where sim = Simulation(pilot=True)"
        )
    if site.phase not in _FAULTS:
        raise ConfigError(
            f"site {site} has phase {site.phase!r}; sites have one of {', '.join(_FAULTS)}"
        )
    return tuple(fault.at_site(site) for fault in _FAULTS[site.phase])
