"""Findings of a campaign: what a durable test shows when it is certified or explored and fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from dwf_sim.errors import ConfigError
from dwf_sim.search.finding import Finding
from dwf_sim.search.playing import Judge
from dwf_sim.search.spelling import spelled_plan
from dwf_sim.search.storing import told
from dwf_sim.stored.file import name_for

_UNSTORED = "To replay it with `dwf-sim replay`, and to have it as a scenario: --durable-report DIR"


def report(item: pytest.Function, found: Any) -> str:
    """Write it: what is not so, which is what pytest's summary shows, and all that is known.

    `found` is a `Certificate` or an `Exploration`.
    """
    table = getattr(found, "table", "")
    bound = getattr(found, "bound", None)
    if bound is None:
        first, last = _counted(len(found.findings)), found.summary
    else:
        first = last = bound
    return "\n\n".join(filter(None, (first, table, "\n".join(_told(item, found.findings)), last)))


def _counted(count: int) -> str:
    return f"{count} mistake{'s' * (count != 1)} found"


def _told(item: pytest.Function, findings: tuple[Finding, ...]) -> Iterator[str]:
    place, folder = _place(item), _folder(item)
    if place is not None:
        yield from told([_placed(finding, place) for finding in findings], folder, _UNSTORED)
        importable_from = item.path.parents[item.module.__name__.count(".")]
        if folder is not None and importable_from != item.config.invocation_params.dir:
            yield f"Call these in {importable_from}, where {item.module.__name__} can be imported."
        return
    for finding in findings:
        yield f"{finding}\n\nAs a test, mark a copy of this one: {_marked(finding)}\n"


def _marked(finding: Finding) -> str:
    try:
        return f"@pytest.mark.durable(faults={spelled_plan(finding.course.faults)})"
    except ConfigError as error:
        return f"it cannot be written: {error}"


def _place(item: pytest.Function) -> str | None:
    """Where the test can be imported from, as a play; None if it takes other fixtures, too."""
    name: str = item.function.__name__
    is_play = item._fixtureinfo.argnames == ("durable_engine",)
    is_global = getattr(item.module, name, None) is item.function
    return f"{item.module.__name__}:{name}" if is_play and is_global else None


def _placed(finding: Finding, place: str) -> Finding:
    """Give the finding as of the play of this place."""
    judge = finding.judge
    subject = attrs.evolve(judge.subject, given=place)
    return attrs.evolve(finding, judge=Judge(subject, judge.settings, judge.tolerate))


def _folder(item: pytest.Function) -> Path | None:
    given = item.config.getoption("--durable-report")
    name = name_for(item.nodeid.replace(".py::", "::", 1))
    return None if given is None else Path(given).absolute() / name
