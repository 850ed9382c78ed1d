"""The cases of the vendor's own suite, which it runs against its dev server, run against ours.

They are not part of this repository. To run them, check out `inngest/inngest-py` and name it:

    git clone https://github.com/inngest/inngest-py ../inngest-py
    git -C ../inngest-py checkout 305bc6a
    DWF_VENDOR_CASES=../inngest-py python -m pytest tests/vendor

Each case is run with functions that are `async def` and with plain ones, as far as it has both.
"""

from __future__ import annotations

import os
import unittest
from functools import cache, partial
from pathlib import Path
from typing import Any

import inngest
import pytest
from inngest._internal.server_lib import Framework

import dwf_sim as dwf
from tests.rules.fidelity import NOTES
from tests.vendor.server import server
from tests.vendor.stand_ins import import_cases

CHECKOUT = os.environ.get("DWF_VENDOR_CASES")

# A case is made for the first of these for which it has functions. We serve as DigitalOcean's
# functions do; the vendor leaves two cases out there, since they want many threads.
FRAMEWORKS = {
    "async": (Framework.DIGITAL_OCEAN, Framework.FAST_API),
    "sync": (Framework.DIGITAL_OCEAN, Framework.FLASK),
}
FAILURES = {
    ("concurrent_sync_functions", "async"): "one plain handler cannot wait for another to begin",
    ("parallel_mode_race", "sync"): "the body of a plain step is done at once, however it sleeps",
}


def items() -> list[Any]:
    """Name each case in each form, the known failures marked."""
    if CHECKOUT is None:
        why = "DWF_VENDOR_CASES names no checkout of inngest-py; this file's docstring says how"
        return [pytest.param("", "", marks=pytest.mark.skip(reason=why), id="absent")]
    return [
        pytest.param(name, form, marks=marks(name, form), id=f"{name}-{form}")
        for name in cases()
        for form in FRAMEWORKS
        if made(name, form) is not None
    ]


def marks(name: str, form: str) -> list[pytest.MarkDecorator]:
    reason = FAILURES.get((name, form))
    return [] if reason is None else [pytest.mark.xfail(reason=reason)]


@cache
def cases() -> dict[str, Any]:
    return import_cases(Path(CHECKOUT or ""))


def made(name: str, form: str) -> tuple[Any, list[Any], Any] | None:
    """Make a case anew: its client, its functions, and itself; None if it has no functions."""
    for framework in FRAMEWORKS[form]:
        client = inngest.Inngest(app_id="cases", is_production=False)
        case = cases()[name].create(client, framework, is_sync=form == "sync")
        if functions := case.fn if isinstance(case.fn, list) else [case.fn]:
            return client, functions, case
    return None


@pytest.mark.parametrize(("name", "form"), items())
def test_a_case_passes_as_it_does_with_the_server(name: str, form: str) -> None:
    found = made(name, form)
    assert found is not None
    client, functions, case = found
    suite = unittest.TestCase()
    suite.client = client  # type: ignore[attr-defined]

    with dwf.Simulation(allow=["sleep"]).serve((client, functions)) as simulation:
        server.run_case(simulation, partial(case.run_test, suite))

    suite.doCleanups()


def test_each_known_failure_is_named_in_the_page_on_fidelity() -> None:
    notes = NOTES.read_text("utf-8")

    assert [name for name, _ in FAILURES if f"`{name}`" not in notes] == []
