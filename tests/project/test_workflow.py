"""The workflow runs the project's own commands, on the versions of Python that are claimed."""

from __future__ import annotations

import os
import re

from tests.project.files import make_targets, read_pyproject, read_yaml
from tests.source import ROOT

JOBS = read_yaml(".github/workflows/ci.yml")["jobs"]
RUN = ".ci/run"


def commands(job: str) -> list[str]:
    """List what a job runs, besides the actions that set it up."""
    return [step["run"] for step in JOBS[job]["steps"] if "run" in step]


def test_the_checks_are_the_projects_own_script_and_nothing_else() -> None:
    assert commands("checks") == [RUN]
    assert os.access(ROOT / RUN, os.X_OK)


def test_the_script_calls_targets_of_the_makefile_alone() -> None:
    lines = (ROOT / RUN).read_text("utf-8").splitlines()
    called = [line.split()[1] for line in lines if line.startswith("make ")]

    assert called == ["lint", "docs", "demo", "test"]
    assert {*called} <= {*make_targets()}


def test_the_tests_use_all_cores_and_name_the_ten_slowest() -> None:
    (command,) = make_targets()["test"].splitlines()

    assert command.split("$(BIN)/")[1] == "python -m pytest -q --numprocesses auto --durations=10"


def test_the_distribution_is_built_and_tried_by_a_target_of_the_makefile() -> None:
    assert commands("distribution") == ["make dist"]
    assert "dist" in make_targets()


def test_it_runs_on_each_python_that_the_package_claims() -> None:
    project = read_pyproject()["project"]
    claimed = re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))

    assert JOBS["checks"]["strategy"]["matrix"]["python"] == claimed
    assert project["requires-python"] == f">={claimed[0]}"


def test_every_job_ends_in_a_time_and_may_only_read() -> None:
    workflow = read_yaml(".github/workflows/ci.yml")

    assert all(int(job["timeout-minutes"]) <= 30 for job in JOBS.values())
    assert workflow["permissions"] == {"contents": "read"}
    assert {*workflow["on"]} == {"push", "pull_request"}
