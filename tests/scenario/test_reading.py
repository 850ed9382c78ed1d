"""What is wrong in a scenario file is told by line and column, with what is allowed there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dwf_sim import crash, events
from dwf_sim.scenario import ScenarioError, read_scenarios
from dwf_sim.scenario.model import Absent

GOOD = """\
format: 1
functions: [scenarios.functions.shop:naive]
moments:
  - send: order/created
    data: {orderId: 012, paid: no, at: 12:30, on: 2030-01-01, total: 4.5, gift: null}
  - {at: 1h30m, cancel: "shop-process-order#1"}
faults:
  - {kind: crash.after_effect, step: charge, times: null}
  - {kind: events.duplicate, event: order/created, after: 5s}
expect:
  runs:
    - {run: "shop-process-order#1", status: cancelled}
"""
FILE = Path("a.scenario.yaml")


def test_a_file_is_read() -> None:
    (sheet,) = read_scenarios(FILE, GOOD)

    scenario = sheet.scenario
    assert [moment.at for moment in scenario.moments] == [0, 5_400_000]
    assert scenario.faults == [
        crash.after_effect("charge", times=None),
        events.duplicate("order/created", after=5000),
    ]
    assert scenario.expect.runs[0].output is Absent.ABSENT
    assert scenario.for_ is None


def test_what_is_no_json_is_a_text() -> None:
    (sheet,) = read_scenarios(FILE, GOOD)

    assert sheet.scenario.moments[0].data == {
        "orderId": "012",
        "paid": "no",
        "at": "12:30",
        "on": "2030-01-01",
        "total": 4.5,
        "gift": None,
    }


def test_json_is_read_by_the_same_reader() -> None:
    content = {
        "format": 1,
        "functions": ["a:b"],
        "moments": [{"send": "e", "data": {"smile": "\U0001f600", "tab": "a\tb", "path": "a/b"}}],
        "expect": {},
    }
    text = json.dumps(content, indent="\t").replace("a/b", "a\\/b")

    (sheet,) = read_scenarios(Path("a.scenario.json"), text)

    assert sheet.scenario.moments[0].data == content["moments"][0]["data"]  # type: ignore[index]


def test_each_row_of_parameters_is_a_scenario() -> None:
    text = GOOD.replace("after: 5s", 'after: "${after}"').replace("1h30m", '"${wait}m"')
    text += "parameters:\n  - {after: 5s, wait: 1}\n  - {after: 7000, wait: 2}\n"

    one, two = read_scenarios(FILE, text)

    assert (one.row, two.row) == ("after=5s,wait=1", "after=7000,wait=2")
    assert [sheet.scenario.moments[1].at for sheet in (one, two)] == [60_000, 120_000]
    assert two.scenario.faults[1] == events.duplicate("order/created", after=7000)


BROKEN = {
    "no yaml": ("moments:", "moments: [", "4:3: expected the node content, but found '-'"),
    "a key twice": ("faults:", "format: 1\nfaults:", "7:1: format is given twice, first in line 1"),
    "a tag": (
        "functions: [",
        "about: !!python/name:os.system\nfunctions: [",
        "2:8: the tag tag:yaml",
    ),
    "a newer format": ("format: 1", "format: 2", "1:9: format is 2; this version reads 1; install"),
    "no format": ("format: 1\n", "", "1:1: the scenario lacks format"),
    "an unknown field": ("faults:", "fautls:", "7:1: fautls is no field; did you mean faults?"),
    "a wrong type": ("format: 1", "format: one", "1:9: format is 'one'; it is a whole number"),
    "no list": (
        "[scenarios.functions.shop:naive]",
        "a:b",
        "2:12: functions is 'a:b'; it is a list",
    ),
    "no import path": (
        "shop:naive",
        "shop",
        "2:12: functions has 'scenarios.functions.shop'; write",
    ),
    "two actions": (
        "send: order",
        "signal: x\n    send: order",
        "4:5: moments[0]: it says send and",
    ),
    "no action": ("cancel:", "id:", "6:10: moments[1]: it says nothing; say one of send, signal"),
    "data of no event": ("cancel:", "data: {}, cancel:", "6:23: moments[1]: data goes with send"),
    "an instant before all": ("1h30m", "-5", "6:10: moments[1]: at is -5ms; nothing happens"),
    "no duration": ("1h30m", "soon", "6:10: moments[1].at: 'soon' is not a duration"),
    "an unknown fault": (
        "crash.after_effect",
        "crash.after",
        "8:12: faults[0].kind is 'crash.after'",
    ),
    "no kind": ("kind: crash.after_effect, ", "", "8:5: faults[0] lacks a kind"),
    "a field of no fault": ("times: null", "tmes: 2", "8:46: faults[0].tmes is no field; did you"),
    "a bad chance": ("after: 5s", "chance: 1.5", "9:60: faults[1]: chance is 1.5; a chance lies"),
    "a bad count": ("times: null", "times: 0", "8:53: faults[0]: times is 0"),
    "an unknown status": (
        "cancelled",
        "gone",
        "12:45: expect.runs[0]: status is 'gone'; it is one",
    ),
    "no parameter": (
        "charge",
        '"${what}"',
        "8:38: ${what} is no parameter; there are no parameters",
    ),
    "a parameter without quotes": (
        "charge",
        "${what}",
        "braces and brackets a parameter has quotes",
    ),
    "an unknown invariant": (
        "  runs:",
        "  invariants: {off: [memos stnd]}\n  runs:",
        "11:22: expect.invariants.off[0] is 'memos stnd'; did you mean memos stand? it is one of ",
    ),
    "an invariant that is no name": (
        "  runs:",
        "  invariants: {hold: [7]}\n  runs:",
        "11:23: expect.invariants.hold[0] is 7; it is one of ",
    ),
    "an invariant that is off and broken": (
        "  runs:",
        "  invariants: {off: [one ending], broken: [one ending]}\n  runs:",
        "11:43: expect.invariants: 'one ending' is in off and in broken; name it once",
    ),
    "no table": ("  runs:", "  - runs:", "11:3: expect is"),
    "an empty list": (
        "[scenarios.functions.shop:naive]",
        "[]",
        "2:12: functions is empty; name an",
    ),
    "an end before the start": (
        "faults:",
        "for: -1h\nfaults:",
        "7:6: for is -1h; time only goes forward",
    ),
    "a bad order": (
        "faults:",
        "interleave: lifo\nfaults:",
        "7:13: interleave is 'lifo'; it is fifo",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_is_told_where(name: str) -> None:
    old, new, error = BROKEN[name]
    assert old in GOOD

    with pytest.raises(ScenarioError) as caught:
        read_scenarios(FILE, GOOD.replace(old, new, 1))

    assert error in str(caught.value)
    assert all(line.startswith("a.scenario.yaml:") for line in str(caught.value).splitlines())


def test_all_that_is_wrong_is_told_at_once() -> None:
    text = GOOD.replace("format: 1", "format: x").replace("times: null", "times: x")

    with pytest.raises(ScenarioError) as caught:
        read_scenarios(FILE, text)

    assert [line.split(": ")[0] for line in str(caught.value).splitlines()] == [
        "a.scenario.yaml:1:9",
        "a.scenario.yaml:8:53",
    ]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "1:1: the file is empty"),
        ("a: &x [1]\n" + "b: " + "[" * 60 + "]" * 60, "nested more than 50 deep"),
        ("x" * 1_000_001, "more than 1,000,000 bytes; split it"),
        (
            "a: &a [1,1,1,1,1,1,1,1,1,1]\n"
            + "".join(
                f"{new}: &{new} [{','.join([f'*{old}'] * 10)}]\n"
                for old, new in zip("abcde", "bcdef", strict=True)
            ),
            "holds more than 100,000 values",
        ),
        ("n: 99999999999999999999", "too large a number; quote it"),
        ("? [a]\n: 1", "a key is no text"),
        ("3", "a.scenario.yaml:1:1: the file is 3; it is a table"),
    ],
)
def test_files_are_bounded(text: str, error: str) -> None:
    with pytest.raises(ScenarioError, match=error.replace("[", r"\[")):
        read_scenarios(FILE, text)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"a\.scenario\.yaml:1:1: the file cannot be read"):
        read_scenarios(tmp_path / "a.scenario.yaml")
