"""Certifying: a durable test is the play, and every crash of what it does is tried."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import pytest

from dwf_sim import Simulation, UsageError, certify
from dwf_sim.given import shown


def certify_test(item: pytest.Function) -> None:
    """Play a test with every crash, and fail with the report if something does not hold."""
    given = dict(_marker(item).kwargs)
    options = given.pop("certify")
    beside = sorted({"seed", "faults", "runs"} & set(given))
    if beside:
        raise pytest.UsageError(
            f"{item.nodeid}: durable has {', '.join(beside)} beside certify, which tries faults of "
            "its own; leave it out"
        )
    if options is not True and not isinstance(options, Mapping):
        raise pytest.UsageError(
            f"{item.nodeid}: certify is {options!r}; it is True, or the keywords of certify, such "
            "as {'pairs': False}"
        )
    if inspect.iscoroutinefunction(item.obj):
        raise pytest.UsageError(f"{item.nodeid}: a test that is certified is a plain def")
    keywords = dict(options) if isinstance(options, Mapping) else {}
    again = [shown(name) for name in keywords if name in given or name == "subject"]
    if again:
        raise pytest.UsageError(
            f"{item.nodeid}: certify has {', '.join(again)}; the test is the subject, and what "
            "durable has itself is not given twice"
        )
    try:
        certificate = certify(_play_of(item), **keywords, **given)
    except UsageError as error:
        raise pytest.UsageError(f"{item.nodeid}: {error}") from error
    if not certificate.holds:
        pytest.fail(str(certificate), pytrace=False)


def _marker(item: pytest.Function) -> pytest.Mark:
    marker = item.get_closest_marker("durable")
    assert marker is not None, "it was looked for before"
    return marker


def _play_of(item: pytest.Function) -> Any:
    """Make a play of a test: its own fixtures stay, the engine is another in each run."""
    arguments = {name: item.funcargs[name] for name in item._fixtureinfo.argnames}

    def play(durable_engine: Simulation) -> None:
        item.obj(**{**arguments, "durable_engine": durable_engine})

    return play
