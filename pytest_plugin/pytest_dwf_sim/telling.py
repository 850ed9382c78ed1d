"""Tells what the simulations of a test run did, to a file: `-p pytest_dwf_sim.telling`.

The command line runs pytest in a process of its own, and reads there what to show.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import attrs
import pytest

from pytest_dwf_sim.plugin import ENGINES

_TOLD: pytest.StashKey[list[dict[str, Any]]] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that names the file."""
    parser.addoption("--durable-tell", metavar="FILE", required=True, help="where to tell it")


def pytest_configure(config: pytest.Config) -> None:
    """Begin with nothing to tell."""
    config.stash[_TOLD] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note the account of a durable test, and why it failed."""
    report = yield
    engines = item.stash.get(ENGINES, None)
    if call.when != "call" or engines is None or engines.simulation is None:
        return report
    from dwf_sim.stored.account import account_of
    from dwf_sim.stored.made_with import changes

    reason = None
    if call.excinfo is not None and report.failed:
        reason = call.excinfo.exconly()
    item.config.stash[_TOLD].append(
        {
            "reason": reason,
            "changed": changes(engines.chosen.stored or {"format": 1}, engines.simulation),
            "account": attrs.asdict(account_of(engines.simulation)),
        }
    )
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the file."""
    file = Path(session.config.getoption("--durable-tell"))
    file.write_text(json.dumps(session.config.stash[_TOLD]), "utf-8")
