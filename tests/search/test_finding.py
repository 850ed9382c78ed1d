"""Findings: stored as they are, replayed as they were, and said when something has changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import dwf_sim as dwf
from dwf_sim.commands.replay import command
from dwf_sim.faults import FAULTS, faults_at
from dwf_sim.search.certification import certify
from dwf_sim.search.finding import Finding, replay
from dwf_sim.search.spelling import spelled
from dwf_sim.search.subject import place_of
from tests.faults.examples import examples
from tests.faults.shapes import SHAPES, play
from tests.search import functions, subjects

PLACE = "tests.search.subjects"


@pytest.fixture(scope="module")
def finding() -> Finding:
    """A finding in an app that can be imported."""
    return certify(f"{PLACE}:keyless", "go", {"n": 1}, pairs=False).findings[0]


def test_a_stored_finding_replays_record_by_record(finding: Finding, tmp_path: Path) -> None:
    file = tmp_path / "deep" / "finding.json"
    finding.write(file)

    again = replay(file)

    assert again.is_there
    assert again.is_same_trace
    assert again.changes == ()
    assert str(again).endswith("the trace is the same, record by record")
    assert json.loads(file.read_text("utf-8"))["kind"] == "finding"


def test_what_has_changed_since_is_told_and_it_is_played_all_the_same(finding: Finding) -> None:
    content = finding.as_json()
    content["made_with"] = {
        "dwf_sim": "0.0.1",
        "python": "3.10.0",
        "inngest": None,
        "functions": {"keyless-f": ["other", "other"], "keyless-gone": ["x", "x"]},
    }

    again = replay(content)

    assert again.is_there
    assert [change.split(" was ")[0] for change in again.changes[:3]] == [
        "dwf_sim",
        "python",
        "inngest",
    ]
    assert again.changes[3:] == (
        "function keyless-f has another source",
        "function keyless-gone was served, and is not",
    )


def test_the_command_replays_it(finding: Finding, tmp_path: Path) -> None:
    finding.write(tmp_path / "finding.json")

    result = CliRunner().invoke(command, [str(tmp_path / "finding.json")])

    assert result.exit_code == 1
    assert "duplicate effect: step pay of keyless-f#1 did bank pay twice" in result.output


def test_a_mistake_that_was_mended_does_not_show_any_more(finding: Finding) -> None:
    content = {**finding.as_json(), "subject": f"{PLACE}:keyed"}

    again = replay(content)

    assert not again.is_there
    assert "it does not show any more: duplicate effect" in str(again)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"kind": "orange"}, "kind is 'orange'"),
        ({"format": "1"}, "format is '1'; it is the number of a format"),
        ({"subject": 7}, "its subject is 7"),
        ({"setup": 7}, "setup is 7; it is null or a place"),
        ({"events": 5}, "its events is 5"),
        ({"events": [{"foo": 1}]}, r"events\[0\] is {'foo': 1}; it is an object of at, name"),
        (
            {"events": [{"at": "1s", "name": "go", "data": {}, "id": ""}]},
            r"events\[0\].at is '1s'; it is of type int",
        ),
        ({"settings": None}, "its settings is None"),
        ({"settings": {"bogus": 1}}, "settings has 'bogus'; those of a simulation are start"),
        ({"settings": {"seed": 1}}, "settings has 'seed'"),
        ({"tolerate": None}, "its tolerate is None"),
        ({"tolerate": ["all"]}, "tolerate is "),
        ({"verdict": {"kind": 1}}, "verdict is {'kind': 1}; it is an object of kind, what, text"),
        (
            {"verdict": {"kind": "all", "what": "", "text": ""}},
            "verdict.kind is 'all'; it is one of duplicate effect, lost",
        ),
        ({"course": {}}, "a course is {}"),
    ],
)
def test_a_file_that_is_no_finding_is_refused(
    finding: Finding, change: dict[str, Any], text: str
) -> None:
    with pytest.raises(dwf.ConfigError, match=text):
        replay({**finding.as_json(), **change})


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"seed": "0"}, "seed of a course is '0'; it is a whole number"),
        (
            {"turns": [["a", "b"]]},
            "turns of a course is .*; it is a list of pairs of whole numbers",
        ),
        ({"turns": [1]}, "turns of a course is"),
        ({"pauses": [[1, 2, 3]]}, "pauses of a course is"),
        ({"left_out": ["a"]}, "left_out of a course is .*; it is a list of whole numbers"),
        ({"faults": 7}, "7"),
    ],
)
def test_a_course_that_is_none_is_refused(
    finding: Finding, change: dict[str, Any], text: str
) -> None:
    with pytest.raises(dwf.ConfigError, match=text):
        replay({**finding.as_json(), "course": {**finding.course.as_json(), **change}})


def test_a_finding_of_another_format_is_played_and_that_is_told(finding: Finding) -> None:
    again = replay({**finding.as_json(), "format": 2})

    assert again.is_there
    assert again.changes == ("the file's format is 2, and this dwf_sim writes 1",)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(dwf.ConfigError, match="this is no stored failure"):
        replay(tmp_path / "none.json")


def test_what_cannot_be_imported_cannot_be_stored() -> None:
    app = dwf.App("local")

    @app.create_function(fn_id="f", trigger=subjects.GO)
    async def f(ctx: dwf.Context) -> None:
        await ctx.step.run("pay", lambda: subjects.bank.call("pay", value=1))

    found = certify(app, "go", pairs=False).findings[0]

    with pytest.raises(dwf.ConfigError, match="its subject can be imported"):
        found.as_json()
    with pytest.raises(dwf.ConfigError, match="a subject that can be imported"):
        found.test()


def run_pasted(text: str) -> None:
    """Run the one test of a text."""
    names: dict[str, Any] = {}
    exec(compile(text, "pasted", "exec"), names)
    (test,) = (names[name] for name in names if name.startswith("test_"))
    test()


@pytest.mark.parametrize(
    ("place", "given", "mended"),
    [
        ("keyless", {"event": "go", "data": {"n": 1}}, ("keyless", "keyed")),
        ("build", {"events": [(0, "go"), ("1m", "answer", {"n": 1})]}, None),
        ("late_wait", {}, None),
    ],
)
def test_a_pasted_test_fails_until_the_mistake_is_mended(
    place: str, given: dict[str, Any], mended: tuple[str, str] | None
) -> None:
    text = certify(f"{PLACE}:{place}", pairs=False, **given).findings[0].test()

    with pytest.raises(AssertionError):
        run_pasted(text)
    if mended is not None:
        run_pasted(text.replace(*mended))


def test_the_scenario_of_a_finding_fails_until_the_mistake_is_mended(
    finding: Finding, tmp_path: Path
) -> None:
    from dwf_sim.scenario import play, read_scenarios

    file = tmp_path / "a.scenario.json"
    text = finding.scenario()

    file.write_text(text, "utf-8")
    (problem,) = play(read_scenarios(file)[0]).problems
    file.write_text(text.replace("keyless", "keyed"), "utf-8")
    problems = play(read_scenarios(file)[0]).problems

    assert problem == "bank pay happened 2 times, not once"
    assert problems == ()


def test_each_fault_is_spelled_as_the_call_that_makes_it() -> None:
    faults = [
        fault
        for shape in SHAPES
        for site in play(shape, "native", pilot=True).sites[:40]
        for fault in faults_at(site)
    ]
    faults += [
        *examples(),
        dwf.worker.storm(at="1s", lasts="9s", status=None),
        dwf.response.storm(at=0, lasts="1500ms", chance=0.5),
        dwf.clock.skew(by="-1h"),
        dwf.clock.jump(by="1d", at="2h"),
        dwf.deploy.new_version("shop.later:app", at="1s"),
        dwf.server.restart(at="3s"),
    ]

    kinds = {type(fault) for fault in faults}
    assert [spelled(fault) for fault in faults if eval(spelled(fault)) != fault] == []
    assert kinds == set(FAULTS)


@pytest.mark.parametrize("name", ["app", "native", "several", "with_client"])
def test_what_is_a_global_of_a_module_is_stored_by_that(name: str) -> None:
    found = certify(getattr(functions, name), "go", pairs=False, kinds=["crash.after_effect"])

    finding = found.findings[0]
    place = f"tests.search.functions:{name}"
    assert finding.as_json()["subject"] == place
    assert replay(finding.as_json()).is_there
    assert json.loads(finding.scenario())["functions"] == [place]
    with pytest.raises(AssertionError):
        run_pasted(finding.test())


def test_a_function_of_the_sdk_is_found_in_its_module() -> None:
    """Without its client: this process has frozen its objects, so that the client is not found."""
    assert place_of(functions.of_the_sdk) == "tests.search.functions:of_the_sdk"
    assert place_of([functions.native]) is None
    assert place_of([]) is None
    assert place_of((functions.client, [])) is None
