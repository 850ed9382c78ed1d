"""Edits of a function of six steps: what each does to a run that stands at any boundary."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim.histories import History, Replayer, record
from tests.histories import shop
from tests.histories.shop import BOUNDARIES, DRIVERS, Till, code, pay_late

Edit = Callable[[Till, Any], Any]

START, RESERVED, CHARGED, FETCHED, FETCHED_TWICE, AT_PAID, PAID, SHIPPED = range(8)


def classes(*parts: tuple[int, str]) -> list[str]:
    """Write a class for each boundary: from a boundary on it is this, until the next one."""
    found = [""] * len(BOUNDARIES)
    for first, kind in parts:
        found[first:] = [kind] * (len(BOUNDARIES) - first)
    return found


EXPECTED: dict[Edit, list[str]] = {
    shop.before: classes((START, "same")),
    shop.rename: classes((START, "same"), (RESERVED, "safe"), (CHARGED, "again")),
    shop.reorder: classes((START, "safe"), (CHARGED, "same")),
    shop.insert_before: classes((START, "safe")),
    shop.insert_after: classes((START, "same"), (SHIPPED, "safe")),
    shop.delete: classes((START, "same"), (RESERVED, "safe"), (CHARGED, "orphan")),
    shop.change_type: classes((START, "same"), (RESERVED, "safe"), (CHARGED, "type")),
    shop.split: classes((START, "same"), (RESERVED, "safe"), (CHARGED, "again")),
    shop.merge: classes((START, "safe"), (RESERVED, "again")),
    shop.fewer_rounds: classes((START, "same"), (FETCHED, "safe"), (FETCHED_TWICE, "orphan")),
    shop.more_rounds: classes((START, "same"), (FETCHED_TWICE, "safe")),
    shop.parallelise: classes((START, "safe"), (RESERVED, "same")),
    shop.add_wait: classes((START, "same"), (CHARGED, "safe")),
    shop.change_retries: classes((START, "same")),
    shop.rename_wait: classes((START, "same"), (FETCHED_TWICE, "safe"), (AT_PAID, "stuck")),
}
NAMES = [edit.__name__ for edit in EXPECTED]


@cache
def history(driver: str) -> History:
    return record(code(shop.before, driver), pay_late).histories[0]


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("edit", EXPECTED, ids=NAMES)
@pytest.mark.rule("A10", "A12", "A19")
def test_an_edit_is_classified_at_each_boundary(edit: Edit, driver: str) -> None:
    replayed = Replayer(history(driver)).replay(code(edit, driver))

    found = {verdict.title: verdict.kind for verdict in replayed.verdicts}
    assert found == dict(zip(BOUNDARIES, EXPECTED[edit], strict=True))


@pytest.mark.parametrize("edit", EXPECTED, ids=NAMES)
def test_the_real_run_does_work_twice_when_that_is_said_and_only_then(edit: Edit) -> None:
    """The oracle: other code is served in mid-run, and its work is counted."""
    done_twice = []
    for memos in range(7):
        till = Till()
        simulation = dwf.Simulation().serve(code(shop.before, till=till))
        run = simulation.send("order/created", {"order": 7}).run
        simulation.run_until(lambda: _memos(run) >= memos)  # noqa: B023  # Asked at once.
        simulation.deploy(code(edit, till=till))
        simulation.run_until_idle()
        assert run.status == "completed"
        rounds = {shop.fewer_rounds: 1, shop.more_rounds: 3}.get(edit, 2)
        fetches = max(rounds, min(2, max(0, memos - 2)))
        done_twice.append(
            any(till.work.count(what) > (fetches if what == "fetch" else 1) for what in till.work)
        )

    resting = [kind for n, kind in enumerate(EXPECTED[edit]) if n != AT_PAID]
    assert done_twice == [kind == "again" for kind in resting]


def test_no_body_is_run_by_a_replay() -> None:
    till = Till()

    Replayer(history("native")).replay(code(shop.rename, till=till))

    assert till.work == []


def _memos(run: dwf.RunView) -> int:
    return sum(step.is_memoized for step in run.steps.values())
