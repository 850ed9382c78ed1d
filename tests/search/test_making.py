"""Making runs elsewhere: what an executor has to be, and what its workers have to have."""

from __future__ import annotations

import concurrent.futures
import pickle
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim.search import trial
from dwf_sim.search.course import Course
from dwf_sim.search.playing import play
from dwf_sim.search.subject import Subject
from tests.search import subjects

HERE = "tests.search.subjects"

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
    monkeypatch.setattr(trial, "_LOADED", {})
    return "making_shop"


def test_a_worker_that_lacks_the_subject_is_an_error_and_not_runs_that_prove_nothing(
    module: str,
) -> None:
    with pytest.raises(dwf.ConfigError, match="a worker of the executor cannot make runs"):
        dwf.explore(f"{module}:app", "go", runs=20, executor=Elsewhere(lacks=module))

    # It has loaded nothing then, so that it may come to have other code.
    (Path(sys.path[0]) / f"{module}.py").write_text(TEXT.replace('"a"', '"b"'), "utf-8")
    assert dwf.explore(f"{module}:app", "go", runs=20, executor=Elsewhere()).holds


def test_a_worker_with_other_code_is_an_error(module: str) -> None:
    file = Path(sys.path[0]) / f"{module}.py"
    given: dict[str, Any] = {"runs": 20, "executor": Elsewhere()}
    dwf.explore(f"{module}:app", "go", **given)
    dwf.explore(f"{module}:app", "go", **given)

    file.write_text(TEXT.replace('"a"', '"b"'), "utf-8")

    with pytest.raises(dwf.ConfigError, match=f"loaded module {module}, which has changed"):
        dwf.explore(f"{module}:app", "go", **given)


@pytest.mark.parametrize("search", [dwf.explore, dwf.certify])
def test_an_executor_of_threads_is_refused(search: Any) -> None:
    with (
        concurrent.futures.ThreadPoolExecutor(1) as executor,
        pytest.raises(dwf.ConfigError, match="give a ProcessPoolExecutor"),
    ):
        search(f"{HERE}:keyed", "go", {"n": 1}, executor=executor)


def test_what_has_a_place_is_sent_by_it() -> None:
    executor = Elsewhere()
    given: dict[str, Any] = {"setup": subjects.forget, "runs": 20}

    there = dwf.explore(subjects.keyed, "go", {"n": 1}, executor=executor, **given)

    assert {task.subject.given for task in executor.sent} == {f"{HERE}:keyed"}
    assert {task.subject.setup for task in executor.sent} == {f"{HERE}:forget"}
    assert there.digest == dwf.explore(subjects.keyed, "go", {"n": 1}, **given).digest


def test_what_has_no_place_and_cannot_be_sent_is_refused() -> None:
    def act(sim: dwf.Simulation) -> None:
        sim.serve(subjects.keyed)
        sim.send("go", {"n": 1})

    def refusal(subject: object, **given: Any) -> str:
        with pytest.raises(dwf.ConfigError, match="cannot be given to other processes") as caught:
            dwf.explore(subject, runs=20, executor=Elsewhere(), **given)
        return str(caught.value).partition(":")[0]

    keyed: dict[str, Any] = {"subject": f"{HERE}:keyed", "event": "go", "data": {"n": 1}}
    assert refusal(act) == refusal(lambda sim: act(sim)) == "what is played"
    assert refusal(subjects.build(), event="go") == "what is played"
    assert refusal(**keyed, setup=lambda: None) == "setup"
    assert refusal(**keyed, worker=dwf.Worker(on_restart=lambda: None)) == "settings"


def test_threads_of_a_process_take_turns() -> None:
    at_work: list[int] = []

    def act(sim: dwf.Simulation) -> None:
        at_work.append(1)
        together.append(len(at_work))
        threading.Event().wait(0.01)
        sim.serve(subjects.keyed)
        sim.send("go", {"n": 1})
        sim.run_until_idle()
        at_work.pop()

    together: list[int] = []
    threads = [threading.Thread(target=play, args=(Subject(act), Course(), {})) for _ in range(3)]
    for thread in threads:
        thread.start()
    play(Subject(act), Course(), {})
    for thread in threads:
        thread.join()

    assert together == [1] * 4


class MixingUp(Elsewhere):
    """Gives what it gave the first time."""

    def submit(self, fn: Callable[..., Any], /, *given: Any, **_: Any) -> Future[Any]:
        if not self.sent:
            self.first = super().submit(fn, *given)
        return self.first


def test_an_executor_that_mixes_up_results_is_found_out() -> None:
    with pytest.raises(dwf.ConfigError, match="the result of run 16 for run 20"):
        dwf.explore(f"{HERE}:keyed", "go", {"n": 1}, runs=40, executor=MixingUp())


def test_a_search_that_ends_with_an_error_calls_off_what_has_not_begun() -> None:
    class Never(Elsewhere):
        def submit(self, fn: Callable[..., Any], /, *given: Any, **_: Any) -> Future[Any]:
            assert callable(fn), given
            futures.append(Future())
            if len(futures) == 1:
                futures[0].set_exception(dwf.ConfigError("broken"))
            return futures[-1]

    futures: list[Future[Any]] = []
    with pytest.raises(dwf.ConfigError, match="broken"):
        dwf.explore(f"{HERE}:keyed", "go", {"n": 1}, runs=60, executor=Never())

    assert len(futures) > 4
    assert all(future.cancelled() for future in futures[1:])
