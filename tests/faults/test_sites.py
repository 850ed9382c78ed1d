"""A pilot lists the sites that faults can strike, and what can go wrong at each strikes there."""

from __future__ import annotations

import pytest

import dwf_sim as dwf
from dwf_sim import crash
from dwf_sim.faults import FAULTS, Site, faults_at
from dwf_sim.faults import base as phases
from dwf_sim.faults.storm import Storm
from tests.faults.shapes import SHAPES, play

DRIVEN = [
    (name, driver)
    for name, shape in SHAPES.items()
    for driver in (("native", "sdk") if shape.has_twin else ("native",))
]


def test_sites_have_stable_names() -> None:
    sites = [str(site) for site in play("sequence", "native", pilot=True).sites]

    assert [site for site in sites if site.startswith("sequence-f#1/a/")] == [
        "sequence-f#1/a/0/duration",
        "sequence-f#1/a/0/before",
        "sequence-f#1/a/0/inside@1",
        "sequence-f#1/a/0/effect@1",
        "sequence-f#1/a/0/after_effect",
        "sequence-f#1/a/0/response",
        "sequence-f#1/a/0/after_memo",
        "sequence-f#1/a/0/after_ack",
    ]
    assert sites == [str(site) for site in play("sequence", "native", pilot=True, seed=9).sites]


@pytest.mark.parametrize(("name", "driver"), DRIVEN)
def test_a_pilot_flies_as_any_other_run(name: str, driver: str) -> None:
    pilot = play(name, driver, pilot=True)

    assert pilot.trace.digest() == play(name, driver).trace.digest()
    assert len(set(pilot.sites)) == len(pilot.sites)


def test_a_site_that_exists_after_a_fault_only_is_found_with_that_fault() -> None:
    plain = play("sequence", "native", pilot=True)
    struck = play("sequence", "native", pilot=True, faults=[crash.after_effect("a")])

    assert Site("sequence-f#1", "a", 1, "before") in {*struck.sites} - {*plain.sites}


@pytest.mark.parametrize(
    ("name", "driver"),
    [
        (name, driver)
        for name, driver in DRIVEN
        if driver == "native" or name in ("sequence", "parallel", "failing")
    ],
)
def test_each_fault_of_a_site_strikes_there_once(name: str, driver: str) -> None:
    sites = play(name, driver, pilot=True).sites
    chosen = {(site.phase, bool(site.step)): site for site in sites}  # One of each sort.

    for site in chosen.values():
        for fault in faults_at(site):
            struck = play(name, driver, faults=[fault]).faults_struck
            assert [each.site for each in struck] == [site], fault


def test_each_phase_has_its_faults() -> None:
    phase_names = [phases.BEFORE, phases.INSIDE, phases.EFFECT, phases.AFTER_EFFECT]
    phase_names += [phases.AFTER_MEMO, phases.AFTER_ACK, phases.RESPONSE, phases.DURATION]
    phase_names += [phases.TIMER, phases.EVENT, phases.ACK]
    found = {
        type(fault) for phase in phase_names for fault in faults_at(Site("r", "s", 0, phase, 1))
    }
    timed = {each for each in FAULTS if issubclass(each, (phases.TimedFault, Storm))}

    assert found | timed == {*FAULTS}


def test_a_timer_of_no_run_can_be_late() -> None:
    (fault,) = faults_at(Site("", "", 0, "timer"))

    assert fault == dwf.timers.late("", by="1m", run="", attempt=0, visit=1)


def test_what_is_no_phase_is_told() -> None:
    with pytest.raises(dwf.ConfigError, match="has phase 'lunch'; sites have one of before, "):
        faults_at(Site("r", "s", 0, "lunch"))


def test_what_is_no_site_is_told() -> None:
    with pytest.raises(
        dwf.ConfigError, match=r"site is 'a-f#1/a/0/before'; give one of sim\.sites"
    ):
        faults_at("a-f#1/a/0/before")  # type: ignore[arg-type]  # Meant.


def test_only_a_pilot_lists_sites() -> None:
    with pytest.raises(dwf.UsageError, match=r"Simulation\(pilot=True\)"):
        _ = dwf.Simulation().sites
