"""The marker `durable(certify=…)`: a test is played with every crash."""

from __future__ import annotations

import multiprocessing.popen_fork
import textwrap
from concurrent.futures import ProcessPoolExecutor

import pytest

import dwf_sim as dwf
from dwf_sim.commands.kinds import play_stored
from tests.search import subjects

# A pytest inside of a test would forget what it was the first to load.
LOADED = (ProcessPoolExecutor, multiprocessing.popen_fork)


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
            "FAILED *test_a - Failed: not *",
        ]
    )


CERTIFIED = """
import pytest

from tests.search import subjects

def play(durable_engine):
    durable_engine.serve(subjects.keyless)
    durable_engine.send("go", {"n": 1})

@pytest.mark.durable(certify={"pairs": False})
def test_alone(durable_engine):
    play(durable_engine)

@pytest.mark.durable(certify={"pairs": False})
def test_with_more(durable_engine, tmp_path):
    play(durable_engine)

@pytest.mark.durable(explore={"runs": 24})
def test_explored(durable_engine):
    play(durable_engine)
"""


def test_a_finding_can_be_pasted_and_replayed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_found=CERTIFIED)

    result = pytester.runpytest_inprocess(
        "-p", "no:cacheprovider", "-p", "no:asyncio", "--durable-report", "found"
    )

    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines(
        [
            "not certified: *",
            "    def test_duplicate_effect_bank_pay() -> None:",
            "        test_found.test_alone(sim)",
            "replay: dwf-sim replay */found/test-found-test-alone/finding-1.json",
            "As a test, mark a copy of this one: @pytest.mark.durable(faults=[[]dwf.crash.*",
            "FAILED *test_explored - Failed: 1 mistake found",
        ]
    )
    pasted = result.stdout.str().partition("As a test:\n")[2].partition("\nreplay: ")[0]
    pytester.makepyfile(test_pasted=textwrap.dedent(pasted))
    again = pytester.runpytest_inprocess("-p", "no:asyncio", "test_pasted.py")
    again.assert_outcomes(failed=1)
    again.stdout.fnmatch_lines(["E *assert 2 == 1*"])
    stored = pytester.path / "found" / "test-found-test-alone" / "finding-1.json"
    assert play_stored(stored).has_failed


def test_a_mistake_in_what_is_asked_for_has_no_stack(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.durable(certify={"tolrate": []})
        def test_a(durable_engine):
            pass
        """
    )

    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:asyncio")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*test_a: certify was given tolrate=*did you mean tolerate?*"])
    assert "campaigns.py" not in result.stdout.str()


CAMPAIGNS = """
import pytest

from tests.search import subjects

@pytest.fixture
def sent():
    return {"n": 1}

@pytest.mark.durable(certify=True)
def test_keyed(durable_engine, sent):
    durable_engine.serve(subjects.keyed)
    durable_engine.send("go", sent)

@pytest.mark.durable(certify=True)
def test_keyless(durable_engine, sent):
    durable_engine.serve(subjects.keyless)
    durable_engine.send("go", sent)
    durable_engine.run_until_idle()
    assert subjects.bank.count("pay") == sent["n"]

@pytest.mark.durable(explore={"runs": 24, "findings": 9, "kinds": ["crash.after_effect"]})
def test_explored(durable_engine, sent):
    durable_engine.serve(subjects.keyless)
    durable_engine.send("go", sent)
"""


def test_any_number_of_processes_gives_the_same_report(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(CAMPAIGNS)
    told = {}
    for jobs in ("1", "3"):
        result = pytester.runpytest_inprocess(
            "-p", "no:cacheprovider", "-p", "no:asyncio", "--durable-jobs", jobs
        )
        result.assert_outcomes(failed=2, passed=1)
        told[jobs] = [line for line in result.outlines if "===" not in line]
    reports = [*told.values()]

    assert reports[0] == reports[1]
    text = "\n".join(reports[0])
    assert "do not hold" in text
    assert "assert 2 == 1" in text
    assert "hash of the report: " in text


def test_a_process_that_dies_is_told_of(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import os
        import pytest

        HERE = os.getpid()

        @pytest.mark.durable(certify=True)
        def test_a(durable_engine):
            from tests.search import subjects

            durable_engine.serve(subjects.keyed)
            durable_engine.send("go", {"n": 1})
            if os.getpid() != HERE:
                os._exit(3)
        """
    )

    result = pytester.runpytest_inprocess(
        "-p", "no:cacheprovider", "-p", "no:asyncio", "--durable-jobs=2"
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["one of the 2 processes of --durable-jobs has died *"])


@pytest.mark.parametrize("given", ["0", "-2", "two", "1.5"])
def test_what_is_no_number_of_processes_is_refused(pytester: pytest.Pytester, given: str) -> None:
    result = pytester.runpytest_inprocess("-p", "no:asyncio", f"--durable-jobs={given}")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [f"*--durable-jobs: '{given}' is no number of processes; give a whole number from 1 on"]
    )


def test_a_campaign_takes_what_it_can_use(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.durable(explore=7)
        def test_a(durable_engine):
            pass

        @pytest.mark.durable(explore=True, certify=True)
        def test_b(durable_engine):
            pass

        @pytest.mark.durable(explore={"rnus": 7})
        def test_c(durable_engine):
            pass
        """
    )

    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:asyncio")

    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines(
        [
            "*explore is 7; it is True, or the keywords of explore, such as {'runs': 200}",
            "*durable has certify and explore; give one of them",
            "*explore was given rnus=, which nobody takes: did you mean runs*",
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
            "*certify was given pair=, which nobody takes: did you mean pairs*",
            "*certify has 'subject'; the test is the subject*",
        ]
    )
