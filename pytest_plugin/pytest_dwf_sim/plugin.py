"""The pytest plugin, loaded in every pytest run: so it imports nothing of ours until it is used."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from dwf_sim import Replayer, Simulation
    from pytest_dwf_sim.engines import Engines, Try

_SCENARIOS = (".scenario.yaml", ".scenario.yml", ".scenario.json")
_HISTORY = ".history.json"
_MARKER = (
    "durable(seed=0, faults=(), runs=1, histories=None, **settings): how the fixture "
    "durable_engine makes its simulation; with runs=20 the test is made for 20 seeds; a fault that "
    "never strikes fails the test, unless all_faults_strike=False; with "
    "histories, a folder, for each boundary of the histories there, as durable_history; with "
    "certify=True, or keywords of dwf_sim.certify, it is played with every crash; with "
    "explore=True, or keywords of dwf_sim.explore, with faults that are drawn"
)
ENGINES: pytest.StashKey[Engines] = pytest.StashKey()  # Of an item that uses the fixture.


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options; all begin with `--durable-`."""
    group = parser.getgroup("durable functions (dwf_sim)")
    group.addoption(
        "--durable-seed", type=int, metavar="N", help="the seed of each test's first simulation"
    )
    group.addoption(
        "--durable-runs", type=int, metavar="N", help="make each durable test for so many seeds"
    )
    group.addoption(
        "--durable-jobs",
        type=_jobs,
        default=1,
        metavar="N",
        help="so many processes play a test that is certified or explored; 1 if not given",
    )
    group.addoption(
        "--durable-replay", metavar="FILE", help="repeat the failure stored in a file, and no other"
    )
    group.addoption(
        "--durable-report", metavar="DIR", help="store each failure there, as a file to replay"
    )
    _add_options_of_histories(group)


def _add_options_of_histories(group: pytest.OptionGroup) -> None:
    group.addoption(
        "--durable-histories", metavar="DIR", help="take each boundary of the histories for a test"
    )
    group.addoption(
        "--durable-app", metavar="MODULE:APP", help="the code that histories are replayed with"
    )
    group.addoption(
        "--durable-allow",
        metavar="CLASS",
        action="append",
        default=[],
        help="what a history may find without failing: stuck, type, again or orphan",
    )


def _jobs(given: str) -> int:
    """Read how many processes there are to be."""
    if given.isdecimal() and int(given) >= 1:
        return int(given)
    raise argparse.ArgumentTypeError(
        f"{given!r} is no number of processes; give a whole number from 1 on"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, and have histories collected if they are asked for."""
    config.addinivalue_line("markers", _MARKER)
    if config.getoption("--durable-histories") is not None:
        from pytest_dwf_sim.histories import add_folder

        add_folder(config)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Take scenario files for tests."""
    if file_path.name.endswith(_HISTORY):
        from pytest_dwf_sim.histories import HistoryFile, is_wanted

        wanted = is_wanted(parent.config, file_path)
        return HistoryFile.from_parent(parent, path=file_path) if wanted else None
    if not file_path.name.endswith(_SCENARIOS):
        return None
    from pytest_dwf_sim.collection import ScenarioFile

    return ScenarioFile.from_parent(parent, path=file_path)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test for each seed, and first for each failure of it that was kept; and one for each
    boundary of histories."""
    if "durable_history" in metafunc.fixturenames:
        from pytest_dwf_sim.histories import boundaries_of

        replayers = boundaries_of(metafunc)
        metafunc.parametrize(
            "durable_history", [*replayers.values()], ids=[*replayers], indirect=True
        )
    if "durable_engine" not in metafunc.fixturenames:
        return
    from pytest_dwf_sim.tries import tries_of

    tries = tries_of(metafunc)
    if len(tries) != 1 or tries[0].name:
        metafunc.parametrize(
            "durable_engine", tries, ids=[each.name for each in tries], indirect=True
        )


@pytest.fixture
def durable_engine(request: pytest.FixtureRequest) -> Iterator[Simulation]:
    """A fresh `Simulation`, for sync and `async def` tests alike.

    `@pytest.mark.durable(seed=7, faults=[...])` says how it is made. Not for `@given` tests:
    Hypothesis runs the body many times, and each needs a world of its own; use
    `durable_engine_factory` there.
    """
    engines = _engines(request)
    with engines.make() as simulation:
        yield simulation


@pytest.fixture
def durable_history(request: pytest.FixtureRequest) -> Replayer:
    """The `Replayer` of one boundary: `@pytest.mark.durable(histories="histories")` makes the test
    for each boundary of the histories in a folder, which is looked for beside the test's file."""
    replayer: Replayer = request.param  # A test without the marker is refused when it is made.
    return replayer


@pytest.fixture(scope="session")
def durable_engine_factory() -> Callable[..., Simulation]:
    """Makes a fresh `Simulation` of the keywords it is given, as often as it is called."""
    from pytest_dwf_sim.factory import make

    return make


def _engines(request: pytest.FixtureRequest) -> Engines:
    from pytest_dwf_sim.engines import Engines
    from pytest_dwf_sim.tries import only_try

    chosen: Try = getattr(request, "param", None) or only_try(request.node)
    engines = Engines(chosen)
    request.node.stash[ENGINES] = engines
    return engines


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Play a test that is to be certified or explored many times, in place of once."""
    marker = pyfuncitem.get_closest_marker("durable")
    if marker is None or not (marker.kwargs.get("certify") or marker.kwargs.get("explore")):
        return None
    if "durable_engine" not in pyfuncitem.fixturenames:
        return None
    from pytest_dwf_sim.campaigns import run_campaign

    pyfuncitem.stash[ENGINES].is_play = True
    run_campaign(pyfuncitem)
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Tell of a durable test that passes what it has not shown."""
    __tracebackhide__ = True
    yield
    engines = item.stash.get(ENGINES, None)
    if engines is not None and not engines.is_play:
        from pytest_dwf_sim.unshown import tell_unshown

        tell_unshown(item, engines)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say of a durable test that failed what broke it, and how to see it again."""
    report = yield
    engines = item.stash.get(ENGINES, None)
    if call.when == "call" and "durable_engine_factory" in getattr(item, "fixturenames", ()):
        from pytest_dwf_sim.factory import newest_of

        made = newest_of(item.nodeid)
        if engines is None and made is not None and report.failed:
            from pytest_dwf_sim.failures import describe_made

            report.sections.append(("durable functions", describe_made(item, made)))
    if engines is None or call.when != "call":
        return report
    report.user_properties.append(("durable", engines.counts()))
    stored = engines.chosen.stored
    if stored is not None and engines.simulation is not None:
        from dwf_sim.stored.made_with import changes

        report.user_properties += [
            ("durable-changed", f"{item.nodeid}: {text}")
            for text in changes(stored, engines.simulation)
        ]
    if report.failed and not engines.is_play:
        from pytest_dwf_sim.failures import describe

        report.sections.append(("durable functions", describe(item, engines)))
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how much was simulated."""
    counts = [0, 0, 0]
    changed: dict[str, None] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, found in getattr(report, "user_properties", ()):
                if name == "durable" and getattr(report, "when", "") == "call":
                    counts = [one + other for one, other in zip(counts, found, strict=True)]
                elif name == "durable-changed":
                    changed[found] = None
    for text in changed:
        terminalreporter.write_line(f"since it was stored: {text}")
    if counts[0]:
        runs, faults, sites = counts
        terminalreporter.write_line(
            f"durable functions: {runs} runs, {faults} faults struck at {sites} sites"
        )
