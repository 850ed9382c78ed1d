"""The marker `durable(certify=…)`: a test is played with every crash."""

from __future__ import annotations

import pytest

import dwf_sim as dwf
from tests.search import subjects


@pytest.mark.durable(certify={"pairs": False})
def test_a_test_that_holds_under_each_crash(durable_engine: dwf.Simulation) -> None:
    durable_engine.serve(subjects.keyed)
    durable_engine.send("go", {"n": 1})
    durable_engine.run_until_idle()

    assert subjects.bank.count("pay") == 1


def test_one_that_does_not_fails_with_the_report(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        from tests.search import subjects

        @pytest.mark.durable(certify=True)
        def test_a(durable_engine, tmp_path):
            durable_engine.serve(subjects.keyless)
            durable_engine.send("go", {"n": 1})

        @pytest.mark.durable(certify=True, seed=3)
        def test_b(durable_engine):
            pass

        @pytest.mark.durable(certify="yes")
        def test_c(durable_engine):
            pass
        """
    )

    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:asyncio")

    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines(
        [
            "pay * holds * duplicate effect *",
            "when: kill the worker inside `pay`, right after effect 1",
            "not certified: 5 of 19 runs do not hold",
            "*durable has seed beside certify*",
            "*certify is 'yes'; it is True, or the keywords of certify*",
        ]
    )
