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


def test_fail_and_skip_under_a_crash_neither_skip_the_rest_nor_hide_the_plan(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(
        """
        import pytest

        from tests.search import subjects

        KINDS = {"pairs": False, "kinds": ["crash.before"]}

        def played(sim):
            sim.serve(subjects.keyed)
            sim.send("go", {"n": 1})
            sim.run_until_idle()
            return sim.runs[0].entries

        @pytest.mark.durable(certify=KINDS)
        def test_fails(durable_engine):
            if played(durable_engine) > 2:
                pytest.fail("entered too often")

        @pytest.mark.durable(certify=KINDS)
        def test_skips(durable_engine):
            if played(durable_engine) > 2:
                pytest.skip("entered too often")

        @pytest.mark.durable(certify=KINDS)
        def test_is_not_for_here(durable_engine):
            pytest.skip("not for here")

        @pytest.mark.durable(certify={"pair": False})
        def test_unknown(durable_engine):
            played(durable_engine)

        @pytest.mark.durable(certify={"subject": 1})
        def test_subject(durable_engine):
            played(durable_engine)
        """
    )

    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:asyncio")

    result.assert_outcomes(passed=1, skipped=1, failed=3)
    result.stdout.fnmatch_lines(
        [
            "broken: Failed: entered too often, at *",
            "when: kill the worker before *",
            "*certify has no keyword 'pair'; *",
            "*certify has 'subject'; the test is the subject*",
        ]
    )
