"""Plans in force: how often faults strike, by chance and by number, and which have."""

from __future__ import annotations

import pytest

import dwf_sim as dwf
from dwf_sim import clock, crash, events
from dwf_sim.faults import Site
from dwf_sim.model.records import FaultStruck


def app() -> dwf.App:
    made = dwf.App("a")

    @made.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"), retries=9)
    async def f(ctx: dwf.Context) -> None:
        await ctx.step.run("one", lambda: 1)
        await ctx.step.run("two", lambda: 2)

    return made


def run(*faults: dwf.Fault, seed: int = 0, count: int = 1) -> dwf.Simulation:
    sim = dwf.Simulation(seed, faults=faults).serve(app())
    for _ in range(count):
        sim.send("go")
    sim.run_until_idle()
    return sim


def struck(sim: dwf.Simulation, fault: dwf.Fault) -> list[str]:
    return [str(each.site) for each in sim.faults_struck if each.fault is fault]


def test_a_chance_strikes_about_so_often_and_the_seed_says_where() -> None:
    fault = crash.before("one", times=None, chance=0.25)

    sim, again, other = (run(fault, seed=seed, count=200) for seed in (1, 1, 2))

    entered = 200 + len(struck(sim, fault))  # Each strike leads to another attempt.
    assert 0.15 < len(struck(sim, fault)) / entered < 0.35
    assert struck(again, fault) == struck(sim, fault)
    assert struck(other, fault) != struck(sim, fault)


def test_a_fault_of_another_kind_moves_no_draw() -> None:
    fault = crash.before("one", times=None, chance=0.5)
    other = events.duplicate("nothing", times=None, chance=0.5)
    drawn_too = events.delay("go", by="0s", times=None, chance=0.5)

    alone, beside = run(fault, count=30), run(drawn_too, other, fault, count=30)

    assert struck(beside, drawn_too)
    assert struck(alone, fault) == struck(beside, fault)


@pytest.mark.parametrize(("chance", "count"), [(0.0, 0), (1.0, 3)])
def test_the_ends_of_chance_are_never_and_always(chance: float, count: int) -> None:
    assert len(struck(sim := run(f := crash.before("one", times=3, chance=chance)), f)) == count
    assert (sim.unstruck == (f,)) is (count == 0)


def test_a_place_that_is_come_to_again_can_be_meant() -> None:
    fault = crash.before("", visit=3)

    sim = run(fault)

    assert struck(sim, fault) == ["a-f#1//0/before#3"]
    assert [each.steps["two"].is_memoized for each in sim.runs] == [True]
    assert sim.runs[0].entries == 3  # Of four tries, the third died before it entered.


def test_what_has_struck_is_told_with_site_and_time_and_so_is_what_has_not() -> None:
    hit, typo, late = crash.before("one"), crash.before("oen"), clock.jump(by="1h", at="400d")

    sim = run(hit, typo, late)

    assert [(each.fault, str(each.site), each.at) for each in sim.faults_struck] == [
        (hit, "a-f#1/one/0/before", sim.start_ms)
    ]
    assert sim.unstruck == (typo, late)
    assert len(sim.trace.of(FaultStruck)) == 1


@pytest.mark.parametrize("made", [crash.before(), events.delay(by="5s"), events.lose_ack()])
def test_a_fault_can_be_pinned_to_one_site(made: dwf.Fault) -> None:
    phase = made.phases[0]
    site, other = Site("a-f#1", "go", 1, phase, 2), Site("a-f#1", "go", 1, phase, 2, visit=2)
    elsewhere = Site("a-f#1", "went", 1, phase, 2)

    pinned = made.at_site(site)

    assert made.hits(site)
    assert made.hits(elsewhere)
    assert pinned.hits(site)
    assert not pinned.hits(elsewhere)
    assert pinned.hits(other) is (phase != "before")  # Events and answers are counted by `nth`.


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (
            crash.before("a", times=None, chance=0.1),
            "kill the worker before `a` began, every time, with a chance of 10%",
        ),
        (crash.before("a", visit=3), "kill the worker before `a` began, at visit 3"),
    ],
)
def test_how_often_reads_as_part_of_the_sentence(fault: dwf.Fault, sentence: str) -> None:
    assert str(fault) == sentence


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"chance": 1.5}, "chance is 1.5; a chance lies between 0 and 1"),
        ({"chance": True}, "chance is True; a chance lies"),
        ({"chance": float("nan")}, "chance is nan; a chance lies"),
        ({"times": True}, "times is True; a fault strikes once"),
        ({"visit": 0}, "visit of a fault is 0"),
    ],
)
def test_what_cannot_be_is_refused(fields: dict[str, object], text: str) -> None:
    with pytest.raises(dwf.ConfigError, match=text):
        crash.before("a", **fields)  # type: ignore[arg-type]  # Meant.


def test_what_a_kind_does_not_have_is_refused() -> None:
    with pytest.raises(dwf.ConfigError, match=r"events\.drop has no step, it takes"):
        type(events.drop())(kind="drop", step="a")


def test_a_fault_that_is_given_twice_is_two_faults() -> None:
    app = dwf.App("a")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> None:
        await ctx.step.run("one", int)

    fault = dwf.crash.before("one", attempt=0)
    sim = dwf.Simulation(faults=[fault, fault]).serve(app)
    sim.send("go")
    sim.run_until_idle()

    assert (len(sim.faults_struck), sim.unstruck) == (1, (fault,))
