"""Files of histories: they go over the same way each time, and errors name file and field."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import pytest

import dwf_sim as dwf
from dwf_sim.histories import (
    HistoryError,
    Recording,
    Replayer,
    find_histories,
    read_history,
    reading,
    record,
)
from dwf_sim.histories.writing import write
from tests.histories import shop
from tests.histories.shop import DRIVERS, code, pay_late, served


@cache
def paid() -> Recording:
    return record(code(shop.before), pay_late, name="paid")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return paid().save(tmp_path)[0]


@pytest.mark.parametrize("driver", DRIVERS)
def test_what_is_written_is_read_again(driver: str, tmp_path: Path) -> None:
    recorded = record(code(shop.before, driver), pay_late)

    (path,) = recorded.save(tmp_path / "new" / "folder")

    assert path.name == "shop-order.pay_late.history.json"
    again = read_history(path)
    assert write(again) == path.read_text("utf-8") == write(recorded.histories[0])
    assert attrs.evolve(again, events=(), place="") == attrs.evolve(
        recorded.histories[0], events=(), place=""
    )


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_recording_is_the_same_each_time_but_for_what_it_is_of(driver: str) -> None:
    first, second = (write(record(code(shop.before, driver), pay_late).histories[0]) for _ in "ab")

    assert first == second


def test_both_drivers_record_the_same() -> None:
    native, sdk = (record(code(shop.before, driver), pay_late).histories[0] for driver in DRIVERS)

    assert native.versions["inngest"] is None
    assert sdk.versions["inngest"] is not None
    assert native == attrs.evolve(sdk, versions=native.versions)


def test_a_file_holds_what_a_reader_looks_for(file: Path) -> None:
    content = json.loads(file.read_text("utf-8"))

    assert content["format"] == 1
    assert content["function"] == "shop-order"
    assert set(content["versions"]) == {"dwf_sim", "python", "inngest"}
    assert content["source"].startswith("sha256:")
    assert content["events"][0]["data"] == {"order": 7}
    assert [memo["step"] for memo in content["memos"]] == [
        *("reserve", "charge", "fetch", "fetch:1", "paid", "ship")
    ]
    assert content["memos"][4]["memo"]["name"] == "order/paid"
    waiting = content["boundaries"][5]
    assert waiting["title"] == "at paid"
    assert waiting["waits_for"][0]["until"] == "2030-01-08T00:00:00.000Z"


def test_the_stack_of_an_error_stays_out_since_it_names_files_of_a_machine() -> None:
    def fail() -> None:
        raise ValueError("no")

    async def order(ctx: Any) -> None:
        try:
            await ctx.step.run("charge", fail)
        except dwf.StepError:
            return

    history = record(served(order, retries=0), "order/created").histories[0]

    assert json.loads(history.memos[0].memo) == {"error": {"name": "ValueError", "message": "no"}}


Change = Callable[[dict[str, Any]], object]

WRONG: dict[str, tuple[Change, str]] = {
    "no format": (lambda c: c.pop("format"), "format is None; it is the number of a format, 1"),
    "a newer format": (
        lambda c: c.update(format=2),
        "format is 2, and this dwf_sim knows those up to 1: a newer one wrote it",
    ),
    "a text for a list": (lambda c: c.update(memos="x"), "memos is 'x'; it must be a list"),
    "a field too many": (lambda c: c.update(memo=1), "memo is no field of a history; here are"),
    "a field is missing": (lambda c: c["memos"][1].pop("kind"), "memos[1].kind is missing"),
    "no such kind": (
        lambda c: c["memos"][1].update(kind="nap"),
        "memos[1].kind is 'nap'; it must be one of run, sleep, wait, signal, invoke, ai",
    ),
    "another hash": (
        lambda c: c["memos"][0].update(hash="0"),
        "memos[0].hash is '0'; it must be '5bac43c0231290341c42a3cef48b789922d02b35', the SHA-1",
    ),
    "no instant": (
        lambda c: c["boundaries"][2].update(at="noon"),
        "boundaries[2].at is 'noon'; it must be an instant such as 2030-01-01T00:00:00.000Z",
    ),
    "too many memos": (
        lambda c: c["boundaries"][2].update(memos=9),
        "boundaries[2].memos is 9; it must be at most 6, as many as memos",
    ),
    "another title": (
        lambda c: c["boundaries"][2].update(title="after ship"),
        "boundaries[2].title is 'after ship'; it must be 'after charge'",
    ),
    "a word for a truth": (
        lambda c: c["memos"][0].update(fits="no"),
        "memos[0].fits is 'no'; it must be true or false",
    ),
    "a memo twice": (
        lambda c: c["memos"].append(c["memos"][0]),
        "memos[6].step is 'reserve'; it must be another than that of memos[0]",
    ),
    "a number for a call": (lambda c: c["calls"].append(1), "calls[6] is 1; it must be a text"),
    "a text for an event": (
        lambda c: c["events"].append("x"),
        "events[1] is 'x'; it must be an object",
    ),
    "no event": (lambda c: c["events"].clear(), "events is []; it must be at least one event"),
}


@pytest.mark.parametrize(("change", "text"), [*WRONG.values()], ids=[*WRONG])
def test_an_error_names_the_file_and_the_field(file: Path, change: Change, text: str) -> None:
    content = json.loads(file.read_text("utf-8"))
    change(content)
    file.write_text(json.dumps(content), "utf-8")

    with pytest.raises(HistoryError) as found:
        read_history(file)

    assert str(found.value).startswith(f"{file}: {text}")


def test_what_is_no_json_or_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.history.json").write_text("{", "utf-8")

    with pytest.raises(HistoryError, match=r"x\.history\.json: it is no JSON"):
        find_histories(tmp_path)
    with pytest.raises(HistoryError, match="there is no such folder"):
        find_histories(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(HistoryError, match=r"it holds no history; their names end with \.history"):
        find_histories(tmp_path / "empty")
    with pytest.raises(HistoryError, match="it cannot be read"):
        read_history(tmp_path / "none.history.json")


def test_an_older_format_is_brought_up_to_the_present_one(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is none yet; so the present one plays the older, and had another name for `calls`."""
    content = json.loads(file.read_text("utf-8"))
    content["steps"] = content.pop("calls")
    file.write_text(json.dumps(content), "utf-8")

    def upgrade(old: dict[str, Any]) -> dict[str, Any]:
        return {**{k: v for k, v in old.items() if k != "steps"}, "calls": old["steps"]}

    monkeypatch.setattr(reading, "FORMAT", 2)
    monkeypatch.setattr(reading, "UPGRADES", {1: upgrade})

    assert read_history(file).calls[0] == "reserve"


def test_every_older_format_has_its_upgrade() -> None:
    assert sorted(reading.UPGRADES) == [*range(1, reading.FORMAT)]


def test_histories_of_several_runs_have_numbers(tmp_path: Path) -> None:
    def twice(simulation: dwf.Simulation) -> None:
        simulation.send("order/created")
        simulation.send("order/created")

    files = record(code(shop.before), twice).save(tmp_path)

    assert [file.name for file in files] == [
        "shop-order.twice.history.json",
        "shop-order.twice-2.history.json",
    ]


def test_a_recording_without_a_run_is_refused() -> None:
    with pytest.raises(dwf.UsageError, match="no run has begun; nobody took event 'order/creatd'"):
        record(code(shop.before), "order/creatd")
    with pytest.raises(dwf.UsageError, match="nothing is recorded: no run has begun"):
        record(code(shop.before), "order/other")
    with pytest.raises(dwf.UsageError, match="no run of 'shop-bill' has begun"):
        record(code(shop.before), "order/created", function="shop-bill")
    with pytest.raises(dwf.UsageError, match="data is given beside a function"):
        record(code(shop.before), pay_late, {"order": 7})


def test_a_name_that_leads_elsewhere_is_refused() -> None:
    with pytest.raises(dwf.UsageError, match=r"name is '\.\./x'; it becomes part of a file's name"):
        record(code(shop.before), "order/created", name="../x")


def test_a_boundary_that_is_not_there_is_refused(file: Path) -> None:
    with pytest.raises(dwf.UsageError, match="boundary is 'after shpi'; it is one of 'start'"):
        Replayer(file, boundary="after shpi")


def test_a_replayer_knows_whether_the_source_is_that_of_the_history(file: Path) -> None:
    assert Replayer(file).is_of(code(shop.rename)) is True  # All are of one function's source.
    assert Replayer(file).is_of(served(shop.before)) is False
    assert Replayer(file).is_of(served(eval("lambda ctx: None"))) is None


def test_a_recording_is_shown_as_its_files() -> None:
    recording = record(code(shop.before), pay_late, name="paid")
    history = recording.histories[0]

    shown = str(recording).splitlines()

    assert shown[0] == "1 history"
    counts = f"{len(history.memos)} memos, {len(history.boundaries)} boundaries"
    assert shown[1:] == [f"  {history.file_name}: {counts}"]
