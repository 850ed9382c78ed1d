"""A Dask cluster as the executor of a search: a scheduler and workers in processes of their own."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import dwf_sim as dwf
from dwf_sim.commands.explore import command
from tests.source import ROOT

SUBJECT = "tests.search.subjects:keyed"
RUNS = 40 * int(os.environ.get("DWF_SEARCHES", "1"))
HAS_DASK = importlib.util.find_spec("distributed") is not None
needs_dask = pytest.mark.skipif(not HAS_DASK, reason="the extra dask is not installed")


@contextlib.contextmanager
def started(name: str, *arguments: str) -> Iterator[None]:
    """Have one of Dask's own commands running."""
    call = [sys.executable, "-m", f"distributed.cli.dask_{name}", *arguments, "--no-dashboard"]
    with subprocess.Popen(call, stderr=subprocess.DEVNULL, cwd="/") as process:
        try:
            yield
        finally:
            process.terminate()


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[str]:
    """The address of a scheduler without workers."""
    file = tmp_path / "scheduler.json"
    with started("scheduler", "--host=127.0.0.1", "--port=0", f"--scheduler-file={file}"):
        until = time.monotonic() + 60
        while not file.exists():
            assert time.monotonic() < until, "the scheduler starts"
            time.sleep(0.05)
        yield str(json.loads(file.read_text("utf-8"))["address"])


def called(*arguments: str) -> Result:
    """Call the command."""
    go = (SUBJECT, "--event=go", '--data={"n": 1}')
    return CliRunner().invoke(command, (*go, *arguments))


@needs_dask
def test_a_cluster_gives_the_same_report(scheduler: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    here = dwf.explore(SUBJECT, "go", {"n": 1}, runs=RUNS)

    with started("worker", scheduler, "--nworkers=2", "--nthreads=2"):
        result = called(f"--dask={scheduler}", f"--runs={RUNS}", "--json")

    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert json.loads(result.stdout)["digest"] == here.digest


@needs_dask
def test_a_cluster_without_workers_is_refused(
    scheduler: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dwf_sim.search.cluster._WAIT_S", "1s")

    error = called(f"--dask={scheduler}", "--runs=40").exception

    assert isinstance(error, dwf.ConfigError)
    assert "has no workers; start some with `dask worker tcp://" in str(error)


@needs_dask
def test_an_address_where_nobody_is_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dwf_sim.search.cluster._WAIT_S", "1s")

    error = called("--dask=tcp://127.0.0.1:9", "--runs=40").exception

    assert isinstance(error, dwf.ConfigError)
    assert "no Dask scheduler answers at 'tcp://127.0.0.1:9'" in str(error)


def test_without_the_extra_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)

    error = called("--dask=tcp://127.0.0.1:8786").exception

    assert isinstance(error, dwf.ConfigError)
    assert "pip install 'dwf_sim[dask]'" in str(error)


def test_processes_and_a_cluster_at_once_are_refused() -> None:
    error = called("--dask=tcp://127.0.0.1:8786", "--jobs=2").exception

    assert isinstance(error, dwf.ConfigError)
    assert "--jobs and --dask are both given" in str(error)
