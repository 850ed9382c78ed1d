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
from dwf_sim.world.arguments import flag_of

CORPUS = "durable_corpus"  # A folder beside the tests that holds failures to be tried first.
_SETTINGS = (*inspect.signature(Simulation).parameters,)
_OWN = ("all_faults_strike", "certify", "explore", "histories", "runs")  # Of the marker alone.


@attrs.frozen
class Try:
    """One simulation of a test: its name among the tries, and what it is made with.

    `stored` is the content of the file that it comes from, if it comes from one. With
    `all_faults_strike` the test fails when a fault does not.
    """

    name: str
    seed: int
    faults: FaultPlan
    settings: Mapping[str, Any]
    all_faults_strike: bool
    stored: Mapping[str, Any] | None = None


@attrs.frozen
class _Marked:
    """What the marker and the options of pytest say of a test."""

    seed: int
    runs: int
    faults: FaultPlan
    all_faults_strike: bool
    settings: Mapping[str, Any]

    def fresh(self, name: str, seed: int) -> Try:
        """Make the try of one seed."""
        return Try(name, seed, self.faults, self.settings, self.all_faults_strike)

    def kept(self, name: str, stored: dict[str, Any]) -> Try:
        """Make the try of a stored failure, whose faults may belong to code that is mended."""
        faults = FaultPlan.from_json(json.dumps(stored["faults"]))
        strikes = self.all_faults_strike and faults == self.faults
        return Try(name, stored["seed"], faults, self.settings, strikes, stored)


def tries_of(metafunc: pytest.Metafunc) -> list[Try]:
    """Find the tries of a test function: kept failures first, then one for each seed."""
    config = metafunc.config
    marked = _marked(metafunc.definition)
    name = _test_name(metafunc.definition)
    replay = config.getoption("--durable-replay")
    if replay is not None:
        stored = _read(Path(replay))
        return [marked.kept("replay", stored)] if stored["test"] == name else []
    kept = [
        marked.kept(file.stem, stored)
        for file in sorted(_corpus(metafunc.definition).glob("*.json"))
        if (stored := _read(file))["test"] == name
    ]
    if marked.runs == 1:
        return [*kept, marked.fresh("fresh" if kept else "", marked.seed)]
    seeds = range(marked.seed, marked.seed + marked.runs)
    return [*kept, *(marked.fresh(f"seed={seed}", seed) for seed in seeds)]


def only_try(item: pytest.Item) -> Try:
    """The one try of a test that was not made several times.

    Pytest makes a method of a `unittest.TestCase` once, whatever the marker says.
    """
    marked = _marked(item)
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
        return marked.fresh("", marked.seed)
    stored = _read(Path(replay))
    if stored["test"] != _test_name(item):
        pytest.skip("--durable-replay repeats another test")
    return marked.kept("replay", stored)


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


def _marked(node: pytest.Item) -> _Marked:
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
        strikes = flag_of("all_faults_strike", given.pop("all_faults_strike", True))
    except ConfigError as error:
        _refuse(f"{node.nodeid}: durable: {error}")
    for name in given:
        if name not in _SETTINGS:
            _refuse(f"{node.nodeid}: durable has {name}; {meant(name, (*_OWN, *_SETTINGS))}")
    return _Marked(seed, runs, faults, strikes, given)


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
