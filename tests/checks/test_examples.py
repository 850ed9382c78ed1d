"""The examples of checks: each fails as it is meant to, on one screen, and passes when mended."""

from __future__ import annotations

import pytest

from tests.source import ROOT

SCREENS = {
    "idempotency": [
        "E * idempotency: what is done outside for an event is done once, whatever is repeated",
        "E * broken: step 'charge' of shop-naive#1 did stripe charge, and again in shop-naive#2; *",
        "E * plan: deliver number 1 of `order/created` twice",
        "E * repeat: checks.idempotency(naive, events=[[]dwf_sim.Event('order/created', *",
        "E * EFFECT: stripe charge",
    ],
    "memoization": [
        "E * memoization: what is remembered stands, and a run that is interrupted comes to the *",
        "E * broken: shop-naive#1 returned 35, and without interruption 40",
        "E * plan: kill the worker before the handler began, at visit 2",
        "E * repeat: checks.memoization(naive, events=[[]dwf_sim.Event('order/created')], *",
        "E * completed: 35",
    ],
    "flow_control": [
        "E * checks.flow_control proves nothing:",
        "E * rate limit of mail-naive was never reached: is its key the same for some of the *",
        "E * 10 trials, * runs, * faults struck at * sites",
    ],
}


@pytest.mark.parametrize("name", SCREENS)
def test_an_example_fails_on_one_screen(pytester: pytest.Pytester, name: str) -> None:
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function")
    example = ROOT / "examples" / "checks" / f"test_{name}.py"
    pytester.makepyfile(**{f"test_example_{name}": example.read_text("utf-8")})

    result = pytester.runpytest("-p", "no:cacheprovider", "-p", "no:hypothesispytest")

    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(SCREENS[name])
    result.stdout.no_fnmatch_line("*proof.py*raise*")
    assert sum(line.startswith("E ") for line in result.outlines) <= 42


def test_every_example_is_tried() -> None:
    files = sorted(file.stem for file in (ROOT / "examples" / "checks").rglob("*.py"))

    assert files == sorted(f"test_{name}" for name in SCREENS)
