"""A plan reads as a sentence, whatever is said of a fault: its run, its number, its chance."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import dwf_sim as dwf
from dwf_sim import crash, deploy, events, response, server, steps, timers, worker

SENTENCES = [
    (
        crash.before("pay", run="shop-f#1", attempt=2, visit=3, times=None, chance=0.5),
        "kill the worker before `pay` began, in attempt 2 of shop-f#1, at visit 3, every time, "
        "with a chance of 50%",
    ),
    (crash.before(run="f#1"), "kill the worker before the handler or a step began, in f#1"),
    (crash.after_effect(), "kill the worker after a step returned and before it was recorded"),
    (crash.after_ack(), "kill the worker after the engine took a response"),
    (
        crash.after_ack(""),
        "kill the worker after the engine took the response that ends the function",
    ),
    (response.lose(), "lose a response"),
    (response.lose("a", times=2), "lose the response that reports `a`, 2 times"),
    (
        response.repeat("", after="5s"),
        "deliver the response that ends the function twice, the second time 5s later",
    ),
    (worker.restart("", run="f#1"), "restart the worker before the handler began, in f#1"),
    (worker.restart(at=0, chance=0.1), "restart all workers at the start, with a chance of 10%"),
    (server.restart(at="1h"), "restart the engine 1h after the start"),
    (
        worker.zombie("a", run="f#1"),
        "cut the worker off before `a` began, in f#1, and let it work on",
    ),
    (
        response.storm(at=0, lasts="5m", status=None, chance=0.5),
        "close the connection in place of every response for 5m, beginning at the start, each with "
        "a chance of 50%",
    ),
    (
        worker.storm(at="1h", lasts="5m", status=None),
        "refuse every connection to a worker for 5m, beginning 1h after the start",
    ),
    (steps.slow(by="5s"), "let a step take 5s longer"),
    (timers.late("nap", by="1m", run="f#1"), "let the timer of `nap` go off 1m late, in f#1"),
    (timers.late("", by="1m"), "let a timer of no step go off 1m late"),
    (events.duplicate(), "deliver an event twice"),
    (events.drop("paid", nth=2), "lose number 2 of `paid`"),
    (events.delay(by="5s", nth=2), "deliver event number 2 of its name 5s late"),
    (events.lose_ack("paid", times=5), "lose the acknowledgement of `paid`, 5 times"),
    (deploy.new_version(dwf.App("shop"), at=0), "deploy a new version of shop"),
    (deploy.new_version([], at="1h"), "deploy other functions, 1h after the start"),
]


@pytest.mark.parametrize(("fault", "sentence"), SENTENCES, ids=[text for _, text in SENTENCES])
def test_a_fault_reads_as_a_sentence(fault: dwf.Fault, sentence: str) -> None:
    assert str(fault) == sentence


@pytest.mark.parametrize("make", [crash.inside, crash.after_effect, crash.after_memo])
def test_the_handler_is_not_taken_for_a_step(make: Callable[[str], dwf.Fault]) -> None:
    with pytest.raises(dwf.ConfigError, match=r"step is ''; that is the handler itself, and"):
        make("")
