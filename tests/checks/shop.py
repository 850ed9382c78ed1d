"""Functions for checks to try, each with one thing in it that matters."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

import dwf_sim as dwf
from dwf_sim import strategies

EXAMPLES = int(os.environ.get("DWF_EXAMPLES", "12"))
ORDERS = strategies.events("order", {"n": st.integers(0, 3)})

Handler = Callable[[Any], Any]


def function(handler: Handler, **settings: Any) -> dwf.Function[Any]:
    """Make a function of a handler, in an app of its own."""
    app = dwf.App("shop")
    made: Handler = app.create_function(
        fn_id="order", trigger=dwf.TriggerEvent(event="order"), **settings
    )
    return made(handler)  # type: ignore[return-value]  # The decorator's result.


def told(check: Callable[..., object], *given: Any, **options: Any) -> str:
    """Give the screen of a check that fails."""
    try:
        passed = check(*given, **options)
    except dwf.InvariantViolated as error:
        return str(error)
    raise AssertionError(f"the check passed: {passed}")
