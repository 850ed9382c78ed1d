"""Keywords that are passed on: one that nobody takes is refused, with the one that is meant."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim import checks, strategies
from tests.checks.shop import function


async def order(ctx: dwf.Context) -> None: ...


ORDER = function(order)
GO = dwf.TriggerEvent(event="go")
Call = Callable[..., Any]


@pytest.mark.parametrize(
    ("call", "given", "error"),
    [
        (lambda **w: dwf.certify(ORDER, "order", **w), "pars", "certify was given pars=.*pairs?"),
        (
            lambda **w: dwf.certify(ORDER, "order", **w),
            "faults",
            "faults is .*; certify chooses it",
        ),
        (lambda **w: dwf.explore(ORDER, "order", **w), "run", "explore was given run=.*runs?"),
        (lambda **w: dwf.record(ORDER, "order", **w), "nme", "record was given nme=.*name?"),
        (
            lambda **w: strategies.scenarios(ORDER, **w),
            "fault_max",
            "strategies.scenarios was given fault_max=.*faults_max?",
        ),
        (
            lambda **w: strategies.Trial(()).play(ORDER, **w),
            "latncy",
            "Trial.play was given latncy=.*latency?",
        ),
        (
            lambda **w: checks.flow_control(ORDER, "order", **w),
            "brust",
            "checks.flow_control was given brust=.*burst?",
        ),
        (
            lambda **w: checks.idempotency(ORDER, "order", **w),
            "exampels",
            "checks.idempotency was given exampels=.*examples?",
        ),
        (lambda **w: dwf.Simulation(**w), "fault", "Simulation was given fault=.*faults?"),
        (
            lambda **w: dwf.App("a").create_function(fn_id="f", trigger=GO, **w),
            "trottle",
            "App.create_function was given trottle=.*throttle?",
        ),
        (
            lambda **w: strategies.Subject(ORDER, settings=w),
            "wrker",
            "a subject was given wrker=.*worker?",
        ),
    ],
)
def test_a_keyword_that_nobody_takes_is_refused(call: Call, given: str, error: str) -> None:
    with pytest.raises(dwf.ConfigError, match=error.replace("?", r"\? it is one of ")):
        call(**{given: 1})


def test_the_factory_says_what_it_takes(durable_engine_factory: Call) -> None:
    error = r"durable_engine_factory was given sed=, which nobody takes: did you mean seed\?"
    with pytest.raises(dwf.ConfigError, match=error):
        durable_engine_factory(sed=3)

    assert durable_engine_factory(3).seed == 3
    assert durable_engine_factory(seed=4).seed == 4


def test_refusing_keywords_leaves_a_signature_as_it_is() -> None:
    parameters = inspect.signature(dwf.Simulation).parameters

    assert parameters["interleave"].default == "fifo"
    assert parameters["seed"].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    assert "self" not in parameters
    assert "throttle" in inspect.signature(dwf.App.create_function).parameters
