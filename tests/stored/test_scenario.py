"""Scenarios that failed: stored with their text, and played again from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dwf_sim.errors import ConfigError
from dwf_sim.scenario import play, read_scenarios
from dwf_sim.stored.file import read_stored
from dwf_sim.stored.scenario import replay, store_scenario
from tests.source import ROOT

TEXT = """\
format: 1
functions: [scenarios.functions.shop:naive]
parameters: [{step: charge}, {step: ship}]
moments:
  - {send: order/created, data: {orderId: A-17, total: 42.5}}
  - {at: 26h, send: order/paid, data: {orderId: A-17}}
faults: [{kind: crash.after_effect, step: charge}]
expect:
  effects: [{ledger: stripe, count: 1}]
"""


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(ROOT)
    source = tmp_path / "pay.scenario.yaml"
    source.write_text(TEXT)
    sheet = read_scenarios(source)[0]
    return store_scenario(tmp_path / "found", source, sheet, play(sheet))


def test_it_fails_again_with_the_same_trace(stored: Path) -> None:
    content = read_stored(stored)

    again = replay(stored, content)

    assert stored.name == "pay-step-charge.json"
    assert content["kind"] == "scenario"
    assert again.reasons == ("stripe happened 2 times, not once",) == tuple(content["problems"])
    assert [account.digest for account in again.accounts] == [content["digest"]]
    assert again.changed == ()


def test_it_is_played_as_it_was_stored(stored: Path, tmp_path: Path) -> None:
    (tmp_path / "pay.scenario.yaml").write_text("format: 1\n")

    again = replay(stored, read_stored(stored))

    assert again.has_failed
    assert again.changed == (
        f"{tmp_path}/pay.scenario.yaml has another text; the stored one is played",
    )


def test_a_file_that_is_gone_is_said(stored: Path, tmp_path: Path) -> None:
    (tmp_path / "pay.scenario.yaml").unlink()

    (text,) = replay(stored, read_stored(stored)).changed

    assert text.endswith("is not there any more; the stored text is played")


def test_a_row_that_is_not_there_is_told(stored: Path) -> None:
    with pytest.raises(ConfigError, match="row is 'x', and the scenario's are 'step=charge', "):
        replay(stored, {**read_stored(stored), "row": "x"})


def test_scenarios_of_the_same_name_are_stored_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lib.scenario.yaml").write_text(TEXT)
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "lib.scenario.yaml").write_text(TEXT)
    sources = [tmp_path / "lib.scenario.yaml", tmp_path / "inner" / "lib.scenario.yaml"]

    stored = [
        store_scenario(tmp_path / "found", source, sheet, play(sheet))
        for source in sources
        for sheet in read_scenarios(source)
    ]

    assert len(set(stored)) == 4
    assert all(file.exists() for file in stored)
