"""Tries: with which seed and faults a durable test is made, by its marker, options and corpus."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import attrs
import pytest

from dwf_sim import ConfigError, FaultPlan, Simulation
from dwf_sim.given import meant
from dwf_sim.stored.file import TEST, TEST_FIELDS, check_fields, name_for, read_stored, write_stored

CORPUS = "durable_corpus"  # A folder beside the tests that holds failures to be tried first.
_SETTINGS = ("histories", *inspect.signature(Simulation).parameters)


@attrs.frozen
class Try:
    """One simulation of a test: its name among the tries, and what it is made with.

    `stored` is the content of the file that it comes from, if it comes from one.
    """

    name: str
    seed: int
    faults: FaultPlan
    settings: Mapping[str, Any]
    stored: Mapping[str, Any] | None = None


def tries_of(metafunc: pytest.Metafunc) -> list[Try]:
    """Find the tries of a test function: kept failures first, then one for each seed."""
    config = metafunc.config
    base, runs, faults, settings = _settings(metafunc.definition)
    name = _test_name(metafunc.definition)
    replay = config.getoption("--durable-replay")
    if replay is not None:
        stored = _read(Path(replay))
        return [_stored_try("replay", stored, settings)] if stored["test"] == name else []
    kept = [
        _stored_try(file.stem, stored, settings)
        for file in sorted(_corpus(metafunc.definition).glob("*.json"))
        if (stored := _read(file))["test"] == name
    ]
    if runs == 1:
        only = Try("fresh" if kept else "", base, faults, settings)
        return [*kept, only]
    return [*kept, *(Try(f"seed={n}", n, faults, settings) for n in range(base, base + runs))]


def only_try(item: pytest.Item) -> Try:
    """The one try of a test that was not made several times.

    Pytest makes a method of a `unittest.TestCase` once, whatever the marker says.
    """
    base, _, faults, settings = _settings(item)
    marker = item.get_closest_marker("durable")
    runs = marker.kwargs.get("runs", 1) if marker is not None else 1
    if runs > 1:
        _refuse(
            f"durable has runs={runs}, and pytest makes this test only once, since it is a method "
            "of a unittest.TestCase, or asks for the fixture by getfixturevalue: make it a plain "
            "function that takes durable_engine, or leave runs out"
        )
    replay = item.config.getoption("--durable-replay")
    if replay is None:
        return Try("", base, faults, settings)
    stored = _read(Path(replay))
    if stored["test"] != _test_name(item):
        pytest.skip("--durable-replay repeats another test")
    return _stored_try("replay", stored, settings)


def write(folder: Path, item: pytest.Item, chosen: Try, simulation: Simulation) -> Path:
    """Store a failure, as a file that `--durable-replay` and `dwf-sim replay` take."""
    from dwf_sim.stored.made_with import made_with

    name = _test_name(item)
    short = name_for(f"{name.replace('.py::', '::', 1)}-{chosen.seed}")
    file = folder / f"{short}.json"
    faults = json.loads(chosen.faults.to_json())
    content = {"test": name, "seed": chosen.seed, "faults": faults}
    write_stored(file, TEST, {**content, "made_with": made_with(simulation)})
    return file


def _settings(node: pytest.Item) -> tuple[int, int, FaultPlan, dict[str, Any]]:
    marker = node.get_closest_marker("durable")
    given: dict[str, Any] = dict(marker.kwargs) if marker is not None else {}
    if marker is not None and marker.args:
        _refuse(
            f"{node.nodeid}: durable takes keywords only: @pytest.mark.durable(seed=7, faults=[…])"
        )
    for campaign in ("certify", "explore"):  # They make their own simulations.
        given.pop(campaign, None)
    seed, runs = given.pop("seed", 0), given.pop("runs", 1)
    given.pop("histories", None)  # Of another fixture.
    option = node.config.getoption("--durable-seed")
    seed = option if option is not None else seed
    more = node.config.getoption("--durable-runs")
    runs = more if more is not None else runs
    if type(seed) is not int or type(runs) is not int or runs < 1:
        _refuse(
            f"{node.nodeid}: durable has seed={seed!r} and runs={runs!r}; both are whole numbers, "
            "and there is at least one run"
        )
    try:
        faults = FaultPlan(given.pop("faults", ()))
    except ConfigError as error:
        _refuse(f"{node.nodeid}: durable: {error}")
    for name in given:
        if name not in _SETTINGS:
            _refuse(
                f"{node.nodeid}: durable has {name}; {meant(name, ('faults', 'runs', *_SETTINGS))}"
            )
    return seed, runs, faults, given


def _refuse(text: str) -> NoReturn:
    """Fail a test, or the file that it is collected from, with a user's mistake and no stack."""
    pytest.fail(text, pytrace=False)


def _test_name(node: pytest.Item) -> str:
    """Name the function, whichever of its tries it is."""
    return node.nodeid.partition("[")[0]


def _corpus(node: pytest.Item) -> Path:
    """The folder of kept failures: beside the test's file, or in a folder above it."""
    for folder in (node.path.parent, *node.path.parent.parents):
        if (folder / CORPUS).is_dir():
            return folder / CORPUS
        if folder == node.config.rootpath:
            break
    return node.path.parent / CORPUS


def _read(file: Path) -> dict[str, Any]:
    try:
        content = read_stored(file)
        check_fields(file, content, TEST_FIELDS)
        FaultPlan.from_json(json.dumps(content["faults"]))
    except ConfigError as error:
        shown = str(error)
        lead = "" if shown.startswith(f"{file}: ") else f"{file}: this is no stored failure: "
        _refuse(f"{lead}{shown}")
    return content


def _stored_try(name: str, stored: dict[str, Any], settings: Mapping[str, Any]) -> Try:
    faults = FaultPlan.from_json(json.dumps(stored["faults"]))
    return Try(name, stored["seed"], faults, settings, stored)
