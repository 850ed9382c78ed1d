"""Making runs elsewhere: what an executor has to be, and what its workers have to have."""

from __future__ import annotations

import concurrent.futures
import pickle
import sys
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim.search import trial

TEXT = """
import dwf_sim as dwf

app = dwf.App("making")

@app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
async def f(ctx):
    await ctx.step.run("a", int)
"""


class Elsewhere(concurrent.futures.Executor):
    """Hands everything over as another process would get it, and back; it may lack a module."""

    def __init__(self, lacks: str = "") -> None:
        self._lacks = lacks
        self.sent: list[trial.Task] = []

    def submit(self, fn: Callable[..., Any], /, *given: Any, **_: Any) -> Future[Any]:
        future: Future[Any] = Future()
        (tasks,) = pickle.loads(pickle.dumps(given))
        self.sent += tasks
        with pytest.MonkeyPatch.context() as patch:
            if self._lacks:
                patch.delitem(sys.modules, self._lacks)
                patch.setattr(sys, "path", [])
            try:
                future.set_result(pickle.loads(pickle.dumps(fn(tasks))))
            except Exception as error:
                future.set_exception(pickle.loads(pickle.dumps(error)))
        return future


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a module that only this process may be able to load."""
    (tmp_path / "making_shop.py").write_text(TEXT, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "making_shop", raising=False)
    monkeypatch.setattr(trial, "_JUDGES", {})
    return "making_shop"


def test_a_worker_that_lacks_the_subject_is_an_error_and_not_runs_that_prove_nothing(
    module: str,
) -> None:
    with pytest.raises(dwf.ConfigError, match="a worker of the executor cannot make runs"):
        dwf.explore(f"{module}:app", "go", runs=20, executor=Elsewhere(lacks=module))
