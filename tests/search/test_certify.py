"""Certify: each crash of an input, pairs of them, its events twice and late, and what is proved."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

import dwf_sim as dwf
from dwf_sim.model.records import EffectCalled
from dwf_sim.search.certification import Certificate
from dwf_sim.search.course import Course
from dwf_sim.search.playing import Judge
from dwf_sim.search.sites import faults_of_events
from dwf_sim.search.subject import subject_of
from tests.search import subjects

HERE = "tests.search.subjects"


def kinds_of(found: Certificate) -> list[str]:
    return [finding.verdict.kind for finding in found.findings]


def test_the_table_has_a_row_for_each_step_and_a_column_for_each_phase() -> None:
    found = dwf.certify(subjects.keyless, "go", {"n": 1}, pairs=False)

    assert found.table.splitlines()[:4] == [
        "step           before    at an effect      after the body    response lost     "
        "after the memo  after the ack",
        "(the handler)  holds ×3  -                 -                 holds             -"
        "               holds",
        "think          holds     -                 holds             holds             holds"
        "           holds",
        "pay            holds     duplicate effect  duplicate effect  duplicate effect  holds"
        "           holds",
    ]


def test_a_mistake_that_needs_two_crashes_is_found_by_pairs() -> None:
    app = dwf.App("a")

    @app.create_function(fn_id="f", trigger=subjects.GO, retries=1)
    async def f(ctx: dwf.Context) -> int:
        return await ctx.step.run("a", lambda: 1)

    singles = dwf.certify(app, "go", pairs=False)
    pairs = dwf.certify(app, "go")

    assert singles.holds
    assert singles.doubles == 0
    assert "double" not in singles.bound
    assert kinds_of(pairs) == ["lost"]
    assert len(pairs.findings[0].course.faults) == 2
    columns = [
        line.split("  ")[-1].strip() for line in pairs.table.partition("\n\n")[0].splitlines()
    ]
    assert columns[0] == "and one more"
    assert "lost" in columns[1] + columns[2]
    assert "and one more" not in singles.table


def test_sites_that_only_the_first_fault_makes_are_struck_by_the_second() -> None:
    found = dwf.certify(subjects.keyed, "go", {"n": 1}, kinds=["crash.before"])

    assert (found.singles, found.doubles) == (3, 7)
    assert found.holds


def test_a_wait_that_is_missed_is_found_by_events_around_it() -> None:
    found = dwf.certify(subjects.build, events=[(0, "go"), ("1m", "answer", {"n": 1})], pairs=False)

    (finding,) = found.findings
    assert finding.verdict.kind == "lost"
    assert "'NoneType' object has no attribute 'data'" in finding.verdict.text
    assert str(finding.course) == "deliver `go` 1ms late", "and the answer comes at once"


def test_a_wait_that_is_registered_too_late_gives_another_output() -> None:
    found = dwf.certify(f"{HERE}:late_wait", pairs=False)

    assert kinds_of(found) == ["other output"]
    assert dwf.certify(f"{HERE}:late_wait", pairs=False, tolerate=["other output"]).holds


def test_what_is_wrong_without_faults_is_told_and_nothing_else_is_played() -> None:
    def play(sim: dwf.Simulation) -> None:
        sim.serve(subjects.keyed)
        sim.send("go", {"n": 1})
        assert len(sim.runs) == 2, "one is missing"

    found = dwf.certify(play)

    assert kinds_of(found) == ["broken"]
    assert found.bound == "not certified: it does not hold without faults"
    assert "one is missing" in str(found)
    with pytest.raises(dwf.InvariantViolated, match="it does not hold without faults"):
        found.check()


def test_outside_state_is_put_back_before_each_run() -> None:
    found = dwf.certify(subjects.counting, "go", setup=subjects.forget, pairs=False)

    (finding,) = found.findings
    calls = finding.played.stage.trace.of(EffectCalled)
    assert finding.verdict.kind == "duplicate effect"
    assert [call.key for call in calls] == ["1", "2"], "each run begins to count anew"


@pytest.mark.parametrize(
    ("arguments", "settings", "text"),
    [
        ((subjects.keyed,), {}, "needs events"),
        ((subjects.late_wait, "go"), {}, "a play sends its own events"),
        (("no.such:app", "go"), {}, "cannot be loaded"),
        ((dwf.App("a"),), {"events": "go"}, "give one event as event='go'"),
        ((subjects.keyed, "go"), {"kinds": ["crash.never"]}, "kinds has 'crash.never'"),
        ((subjects.keyed, "go"), {"tolerate": ["sadness"]}, "tolerate is"),
        ((subjects.keyed, "go"), {"tolerate": ["unplayable"]}, "proves nothing"),
        ((subjects.keyed, "gone"), {}, "no run began of 'gone', so there is nothing to prove"),
        ((lambda _: None,), {}, "nothing was sent, so there is nothing to prove"),
        ((subjects.keyed, "go"), {"kinds": ["clock.jump"]}, "none of these can strike"),
        ((subjects.keyed, "go"), {"pairs": "yes"}, "pairs is 'yes'"),
        ((subjects.keyed, "go"), {"pair": False}, "certify was given pair=, which nobody takes"),
        ((subjects.keyed, "go"), {"wroker": 1}, "did you mean worker"),
        ((subjects.keyed, "go"), {"seed": 3}, "certify chooses it for each of its simulations"),
        ((subjects.keyed, "go"), {"faults": []}, r"faults is \[\]; certify chooses it"),
        ((subjects.keyed,), {"events": ["go"]}, "an event of the input is 'go'"),
    ],
)
def test_what_cannot_be_played_is_refused(
    arguments: tuple[object, ...], settings: dict[str, object], text: str
) -> None:
    with pytest.raises(dwf.ConfigError, match=text):
        dwf.certify(*arguments, **settings)  # type: ignore[arg-type]


def test_the_bound_says_what_it_does_not_cover() -> None:
    app = dwf.App("a")

    @app.create_function(fn_id="f", trigger=subjects.GO)
    async def f(ctx: dwf.Context) -> None:
        raise dwf.NonRetriableError(f"no {ctx.event.data['n']}")

    found = dwf.certify(
        app,
        events=[(0, "go", {"n": 1}), (0, "go", {"n": 2})],
        kinds=["crash.before", "response.lose"],
        pairs=False,
        tolerate="mistake",
    )

    assert found.holds
    assert found.bound == (
        "all 4 single schedules of crash.before or response.lose of this input, and all 6 with an "
        "event twice, a minute late or around a wait, hold, where 'mistake' does not count, "
        "though a-f#1 fails without faults (NonRetriableError: no 1) and so do 1 more"
    )
    assert found.as_json()["failing"] == [
        "a-f#1 fails without faults (NonRetriableError: no 1)",
        "a-f#2 fails without faults (NonRetriableError: no 2)",
    ]


def test_a_play_that_cannot_be_played_without_faults_is_the_users_mistake() -> None:
    with pytest.raises(dwf.ConfigError, match="without faults, the play ends with"):
        dwf.certify(lambda sim: sim.send("go").run)


@pytest.mark.parametrize("when", [2, 6])
@pytest.mark.parametrize("search", [dwf.certify, dwf.explore])
def test_a_play_that_is_not_the_same_each_time_is_the_users_mistake(
    search: Callable[..., object], when: int
) -> None:
    """Given state outside of the runs; then it is said, whether it shows at once or later."""
    app, counts = dwf.App("a"), {"n": 0}

    @app.create_function(fn_id="f", trigger=subjects.GO)
    async def f(ctx: dwf.Context) -> bool:
        def body() -> bool:
            counts["n"] += 1
            return counts["n"] == when

        return await ctx.step.run("a", body)

    with pytest.raises(dwf.UsageError, match="put it back in setup="):
        search(app, "go", kinds=["crash.before"])


def test_fail_and_skip_of_pytest_are_ends_of_a_play() -> None:
    def play(sim: dwf.Simulation) -> None:
        sim.serve(subjects.keyless)
        sim.send("go", {"n": 1})
        sim.run_until_idle()
        if subjects.bank.count("pay") > 1:
            pytest.fail("paid twice")
        if sim.runs[0].entries > 3:
            pytest.skip("entered too often")

    found = dwf.certify(play, pairs=False, kinds=["crash.before", "crash.after_effect"])

    texts = [finding.verdict.text.partition(",")[0] for finding in found.findings]
    assert texts == ["step pay of keyless-f#1 did bank pay twice", "Failed: paid twice"]
    assert found.unplayable[0].text.startswith("Skipped: entered too often, at ")


def test_another_process_gives_the_same_reports() -> None:
    code = "from tests.search.test_certify import reports; print(*reports())"

    shown = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert shown.stdout.split() == reports()


def reports() -> list[str]:
    """The hashes of a certificate with a finding, and of a search without one."""
    return [
        dwf.certify(f"{HERE}:keyless", "go", {"n": 1}, pairs=False).digest,
        dwf.explore(f"{HERE}:keyed", "go", {"n": 1}, runs=10).digest,
    ]


def test_a_play_that_cannot_go_on_proves_nothing_and_is_counted() -> None:
    def play(sim: dwf.Simulation) -> None:
        sim.serve(subjects.keyed)
        assert sim.send("go", {"n": 1}).run.status

    found = dwf.certify(play, kinds=["crash.after_ack"], pairs=False)
    explored = dwf.explore(play, kinds=["events.delay"], runs=3)

    assert found.holds
    assert found.bound.startswith(
        "all 2 single schedules of crash.after_ack of this input, and all 3 with an event "
        "twice, a minute late or around a wait, hold, but for 1 that could not be played: "
        "UsageError: the send has started no run"
    )
    assert explored.holds
    assert explored.unplayable == explored.runs == 3


def test_a_batch_in_another_order_is_to_give_the_same() -> None:
    app = dwf.App("b")

    @app.create_function(
        fn_id="f", trigger=subjects.GO, batch_events=dwf.Batch(max_size=3, timeout="5m")
    )
    async def last(ctx: dwf.Context) -> object:
        return await ctx.step.run("last", lambda: ctx.events[-1].data["n"])

    events = [(n * 1000, "go", {"n": n}) for n in range(3)]
    found = dwf.explore(app, events=events, seed=2)

    assert [finding.verdict.kind for finding in found.findings] == ["other output"]


def test_an_event_comes_on_the_other_side_of_where_a_wait_began_or_ended() -> None:
    def make() -> dwf.App:
        app = dwf.App("a")

        @app.create_function(fn_id="f", trigger=subjects.GO)
        async def f(ctx: dwf.Context) -> bool:
            return await ctx.step.wait_for_event("w", event="answer", timeout="1h") is not None

        return app

    def delays(*answers: str) -> list[str]:
        events = [("10s", "go"), *((at, "answer") for at in answers)]
        judge = Judge(subject_of(make, events=events), {})
        stage = judge.play(Course(), is_pilot=True)[0].stage
        found = [fault for word, fault in faults_of_events(stage) if word == "late"]
        assert all(judge.play(Course(faults=(fault,)))[1] == () for fault in found)
        return [str(fault).removeprefix("deliver number 1 of ") for fault in found]

    assert delays("20s") == [
        "`go` 10.001s late",
        "`go` 1m late",
        "`answer` 1m late",
        "`answer` 59m49.999s late",
        "`answer` 59m50.001s late",
    ]
    assert delays("4s") == ["`answer` 6.001s late", "`answer` 1m late", "`go` 1m late"]
    assert delays("2h") == ["`go` 1m late", "`go` 59m50.001s late", "`answer` 1m late"]
