"""Campaigns: a durable test is the play, and is certified or explored in place of played once."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from concurrent.futures.process import BrokenProcessPool
from typing import Any, NoReturn

import pytest

from dwf_sim import UsageError, certify, explore
from dwf_sim.given import shown
from pytest_dwf_sim.findings import report
from pytest_dwf_sim.jobs import SharedPlay, processes

_SEARCHES: dict[str, Callable[..., Any]] = {"certify": certify, "explore": explore}


def run_campaign(item: pytest.Function) -> None:
    """Play a test as its marker says, and fail with the report if something does not hold."""
    given = dict(_marker(item).kwargs)
    wanted = [name for name in _SEARCHES if given.get(name, False)]
    if len(wanted) > 1:
        _refuse(f"{item.nodeid}: durable has certify and explore; give one of them")
    (name,) = wanted
    options = {each: given.pop(each, None) for each in _SEARCHES}[name]
    _check(item, name, given, options)
    more = dict(options) if isinstance(options, Mapping) else {}
    arguments = {each: item.funcargs[each] for each in item._fixtureinfo.argnames}
    jobs = item.config.getoption("--durable-jobs")
    try:
        with SharedPlay(item.nodeid, item.obj, arguments) as play, processes(jobs) as executor:
            found = _SEARCHES[name](play, **{"executor": executor, **more, **given})
    except UsageError as error:
        _refuse(f"{item.nodeid}: {error}")
    except BrokenProcessPool:
        pytest.fail(
            f"one of the {jobs} processes of --durable-jobs has died in the middle of a play; "
            "leave the option out to see it happen here",
            pytrace=False,
        )
    if not found.holds:
        pytest.fail(report(item, found), pytrace=False)


def _refuse(text: str) -> NoReturn:
    """Fail a test with a user's mistake and no stack."""
    pytest.fail(text, pytrace=False)


def _marker(item: pytest.Function) -> pytest.Mark:
    marker = item.get_closest_marker("durable")
    assert marker is not None, "it was looked for before"
    return marker


def _check(item: pytest.Function, name: str, given: Mapping[str, Any], options: object) -> None:
    """Refuse what a campaign decides itself, and what it cannot take."""
    beside = sorted({"all_faults_strike", "faults", "runs", "seed"} & set(given))
    if beside:
        _refuse(
            f"{item.nodeid}: durable has {', '.join(beside)} beside {name}, which tries faults of "
            "its own; leave it out"
        )
    if options is not True and not isinstance(options, Mapping):
        example = {"certify": {"pairs": False}, "explore": {"runs": 200}}[name]
        _refuse(
            f"{item.nodeid}: {name} is {options!r}; it is True, or the keywords of {name}, such "
            f"as {example!r}"
        )
    again = [
        shown(each)
        for each in (options if isinstance(options, Mapping) else ())
        if each in given or each == "subject"
    ]
    if again:
        _refuse(
            f"{item.nodeid}: {name} has {', '.join(again)}; the test is the subject, and what "
            "durable has itself is not given twice"
        )
    if inspect.iscoroutinefunction(item.obj):
        verb = {"certify": "certified", "explore": "explored"}[name]
        _refuse(f"{item.nodeid}: a test that is {verb} is a plain def")
