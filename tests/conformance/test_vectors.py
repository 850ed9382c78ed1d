"""The engine's recorded answers are ours, and the command says so, or says what differs."""

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest

from dwf_sim.conformance.__main__ import main
from dwf_sim.conformance.cron_vectors import check_cron
from dwf_sim.conformance.duration_vectors import check_duration
from dwf_sim.conformance.vector_cases import CaseError
from dwf_sim.conformance.vectors import check_folder
from dwf_sim.errors import UsageError

VECTORS = Path(__file__).parent.parent / "vectors"

FIVE = {"duration": "5s", "ms": 5000.0, "error": None, "batch_timeout_ms": 5000.0}
NOON = {
    "cron": "0 12 * * *",
    "from": "2026-01-01T00:00:00Z",
    "registration_error": None,
    "next": ["2026-01-01T12:00:00Z", "2026-01-02T12:00:00Z"],
}
NEVER = {**NOON, "cron": "0 0 30 2 *"}


def cases(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (VECTORS / name).read_text("utf-8").splitlines()]


def write(folder: Path, name: str, *lines: object) -> None:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    (folder / name).write_text("\n".join(texts) + "\n", "utf-8")


def install_expressions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in for the expression language: it knows how to look up a key, no more."""

    def check_expression(case: Mapping[str, object], event: Mapping[str, object]) -> str | None:
        got = event.get(str(case["expression"]))
        return None if got == case["key_text"] else f"expected {case['key_text']}, got {got}"

    module = ModuleType("dwf_sim.conformance.expression_vectors")
    module.check_expression = check_expression  # type: ignore[attr-defined]  # a made-up module
    monkeypatch.setitem(sys.modules, module.__name__, module)


@pytest.mark.parametrize("case", cases("cron.jsonl"), ids=lambda case: f"{case['cron']!a}")
def test_a_cron_schedule_ticks_as_recorded(case: dict[str, object]) -> None:
    assert check_cron(case) is None


@pytest.mark.parametrize("case", cases("durations.jsonl"), ids=lambda c: f"{c['duration']!a}")
def test_a_duration_is_read_as_recorded(case: dict[str, object]) -> None:
    assert check_duration(case) is None


@pytest.mark.parametrize(
    ("case", "complaint"),
    [
        (
            {**NOON, "next": ["2026-01-01T11:00:00Z"]},
            "asked '0 12 * * * after 2026-01-01T00:00:00Z', expected 2026-01-01T11:00:00Z, "
            "got 2026-01-01T12:00:00Z",
        ),
        (
            {**NOON, "next": []},
            "asked '0 12 * * * after 2026-01-01T00:00:00Z', expected no tick, "
            "got 2026-01-01T12:00:00Z",
        ),
        (
            {**NOON, "registration_error": "no"},
            "asked '0 12 * * *', expected error: no, got it is accepted",
        ),
        (
            {**NOON, "cron": "0 12 * *"},
            "asked '0 12 * *', expected it is accepted, got error: '0 12 * *' isn't a valid cron",
        ),
    ],
)
def test_another_answer_for_a_schedule_is_told(case: dict[str, object], complaint: str) -> None:
    assert str(check_cron(case)).startswith(complaint)


@pytest.mark.parametrize("expected", [[], ["0001-01-01T00:00:00Z"] * 3])
def test_a_schedule_that_never_ticks_may_be_recorded_as_nothing_or_as_the_zero_time(
    expected: list[str],
) -> None:
    assert check_cron({**NEVER, "next": expected}) is None


def test_ticks_are_each_asked_from_the_one_before_even_from_the_zero_time() -> None:
    leap_day = {**NOON, "cron": "0 0 29 2 *", "from": "2096-03-01T00:00:00Z"}

    assert (
        check_cron({**leap_day, "next": ["0001-01-01T00:00:00Z", "0004-02-29T00:00:00Z"]}) is None
    )


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"ms": 5001.0}, "asked '5s' as a duration, expected 5001.0 ms, got 5000.0 ms"),
        ({"ms": None}, "asked '5s' as a duration, expected an error, got 5000.0 ms"),
        ({"duration": "5", "ms": 1, "batch_timeout_ms": None}, "expected 1.0 ms, got an error"),
        ({"batch_timeout_ms": None}, "asked '5s' as a batch timeout, expected an error"),
    ],
)
def test_another_answer_for_a_duration_is_told(change: dict[str, object], complaint: str) -> None:
    assert complaint in str(check_duration({**FIVE, **change}))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cron": 5}, "'cron' is 5; it must be a text"),
        ({"next": "x"}, "'next' is 'x'; it must be a list of texts"),
        ({"next": [5]}, "'next' is 5; it must be a list of texts"),
        ({"from": "soon"}, "'soon' is not a moment"),
        ({"from": "2026-01-01T00:00:00"}, "is not a moment"),
    ],
)
def test_a_damaged_case_is_told_from_a_wrong_answer(
    change: dict[str, object], message: str
) -> None:
    with pytest.raises(CaseError, match=message):
        check_cron({**NOON, **change})


def test_the_command_counts_what_agrees(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All expressions are compared by a test of their own."""
    for name in ("cron.jsonl", "durations.jsonl", "events.json"):
        shutil.copy(VECTORS / name, tmp_path)
    write(tmp_path, "expressions.jsonl", *cases("expressions.jsonl")[::20])

    exit_code = main(["vectors", str(tmp_path)])

    lines = capsys.readouterr().out.splitlines()
    assert exit_code == 0
    assert "expressions: 109 of 109" in lines
    assert "cron: 190 of 190" in lines
    assert "durations: 31 of 31" in lines


def test_the_command_lists_what_differs_and_what_is_absent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "durations.jsonl", FIVE, "", {**FIVE, "ms": 6000.0}, "{", "[]", {"ms": 5})

    exit_code = main(["vectors", str(tmp_path)])

    path = tmp_path / "durations.jsonl"
    lines = capsys.readouterr().out.splitlines()
    assert exit_code == 1
    assert lines[:2] == [
        "durations: 1 of 5",
        f"{path}:3: asked '5s' as a duration, expected 6000.0 ms, got 5000.0 ms",
    ]
    assert lines[2].startswith(f"{path}:4: the line is not JSON")
    assert lines[3].startswith(f"{path}:5: the line is not a JSON object")
    assert lines[4].startswith(f"{path}:6: the case has no 'duration'")
    assert lines[5:] == ["absent: expressions.jsonl, cron.jsonl, events.json"]


def test_a_line_that_is_not_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "cron.jsonl").write_bytes(b'{"cron": "\xff"}\n')

    report = check_folder(tmp_path)

    assert report.exit_code == 1
    assert report.lines()[1].startswith(f"{tmp_path / 'cron.jsonl'}:1: the line is not JSON")


def test_expressions_are_checked_on_their_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_expressions(monkeypatch)
    write(tmp_path, "events.json", {"e1": {"id": "a"}})
    write(
        tmp_path,
        "expressions.jsonl",
        {"expression": "id", "event": "e1", "key_text": "a"},
        {"expression": "id", "event": "e1", "key_text": "b"},
        {"expression": "id", "event": "e2", "key_text": "a"},
    )

    report = check_folder(tmp_path)

    path = tmp_path / "expressions.jsonl"
    assert report.lines() == [
        "expressions: 1 of 3",
        f"{path}:2: expected b, got a",
        f"{path}:3: the event 'e2' is not in events.json: add it",
        "absent: cron.jsonl, durations.jsonl",
    ]


@pytest.mark.parametrize(
    ("events", "why"),
    [
        (None, "there is no events.json"),
        ("{", "not JSON"),
        ("[]", "it must be an object of events by name"),
    ],
)
def test_without_events_no_expression_is_checked(
    tmp_path: Path, events: str | None, why: str
) -> None:
    write(tmp_path, "expressions.jsonl", {"expression": "id", "event": "e1", "key_text": "a"})
    if events is not None:
        write(tmp_path, "events.json", events)

    report = check_folder(tmp_path)

    assert report.exit_code == 1
    assert report.lines()[0] == "expressions: 0 of 1"
    assert why in report.lines()[1]


def test_a_folder_that_is_none_or_holds_no_vectors_is_a_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["vectors", str(tmp_path / "absent")]) == 2
    assert main(["vectors", str(tmp_path)]) == 2

    messages = capsys.readouterr().err
    assert "is not a folder" in messages
    assert "holds no vector file" in messages


@pytest.mark.parametrize("arguments", [[], ["vectors"], ["vector", "."]])
def test_a_command_written_wrongly_ends_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        main(arguments)

    assert ending.value.code == 2


def test_a_report_needs_no_terminal(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        check_folder(tmp_path)


DAMAGED = [
    ('{"event": "e1", "expression": 5}', "'expression'"),
    ("{}", "'event'"),
    ('{"event": "e1", "expression": "1"}', "'registration_error'"),
    ('{"event": "e9", "expression": "1"}', "the event 'e9'"),
    (
        '{"event": "e1", "expression": "true", "registration_error": null, '
        '"restricted_error": null, "type": "bool", "key_text": "true", "as_bool": 1}',
        "'as_bool' is 1",
    ),
]


@pytest.mark.parametrize(("line", "complaint"), DAMAGED)
def test_a_damaged_expression_line_is_told_and_the_others_are_counted(
    tmp_path: Path, line: str, complaint: str
) -> None:
    good = (
        '{"event": "e1", "expression": "true", "registration_error": null, "error": null, '
        '"restricted_error": null, "type": "bool", "key_text": "true", "as_bool": true}'
    )
    (tmp_path / "events.json").write_text('{"e1": {"data": {}}}')
    (tmp_path / "expressions.jsonl").write_text(f"{line}\n{good}\n")

    report = check_folder(tmp_path)

    assert report.exit_code == 1
    assert report.lines()[0] == "expressions: 1 of 2"
    assert complaint in report.lines()[1]
    assert "expressions.jsonl:1:" in report.lines()[1]
