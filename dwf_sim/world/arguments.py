"""What a user gives to a `Simulation`, checked and brought into shape."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

from dwf_sim.errors import ConfigError, EvaluationError, ExpressionError, UsageError
from dwf_sim.expressions import check, compile_expression
from dwf_sim.given import check_count, shown
from dwf_sim.model.limits import Limits
from dwf_sim.model.quirks import Quirks
from dwf_sim.model.run import CANCELLED, COMPLETED, FAILED
from dwf_sim.sim.agenda import Choose
from dwf_sim.sim.budget import Budget
from dwf_sim.sim.choices import Choices
from dwf_sim.sim.latency import Latency
from dwf_sim.sim.platform import Worker

ENDED = (COMPLETED, FAILED, CANCELLED)

S = TypeVar("S", Quirks, Latency, Budget, Limits, Worker)


def event_filter(if_exp: str | None, now: int) -> Callable[[Mapping[str, object]], bool]:
    """Take an expression over `event`, as a test of whether an event is meant (A159)."""
    if if_exp is None:
        return lambda _: True
    try:
        check(if_exp)
    except ExpressionError as error:
        raise ConfigError(f"if_exp {if_exp!r}: {error}") from None

    def is_meant(event: Mapping[str, object]) -> bool:
        try:
            return compile_expression(if_exp).truth(event, now_ms=now)
        except EvaluationError:
            return False

    return is_meant


def settings_of(name: str, given: S | None, kind: Callable[[], S]) -> S:
    """Take settings of this class, or its defaults."""
    if given is None:
        return kind()
    if type(given) is not kind:
        raise ConfigError(f"{name} is {shown(given)}; make it with {kind.__name__}(…)")
    return given


def check_condition(given: object) -> None:
    """Refuse a condition that is no function."""
    if not callable(given):
        raise UsageError(
            f"condition is {shown(given)}; it is a function that says whether it holds, "
            "such as lambda: run.status == 'completed'"
        )


def flag_of(name: str, given: bool) -> bool:
    """Take whether something is wanted."""
    if not isinstance(given, bool):
        raise ConfigError(f"{name} is {shown(given)}; it is True or False")
    return given


def trace_bound_of(given: int | None) -> int | None:
    """Take how many records to keep; None for all."""
    if given is not None:
        check_count("trace_bound", given, 1)
    return given


def allowed_of(given: Collection[str]) -> Collection[str]:
    """Take names of what user code may do although it is fenced off."""
    if isinstance(given, str) or not isinstance(given, Collection):
        raise ConfigError(f"allow is {shown(given)}; give a list, such as allow=['threads']")
    return given


def start_ms_of(start: datetime.datetime) -> int:
    """Take the instant at which a simulation begins, as milliseconds since 1970."""
    if not isinstance(start, datetime.datetime):
        raise ConfigError(
            f"start is {shown(start)}; give a datetime with a zone, such as "
            "datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)"
        )
    if start.tzinfo is None:
        raise ConfigError(f"start is {start!r}; give it a zone, such as tzinfo=datetime.UTC")
    return round(start.timestamp() * 1000)


def chooser_of(interleave: str | Choose, choices: Choices) -> Choose | None:
    """Take how ready callbacks are ordered, as a choice among them; None for first come."""
    if interleave == "fifo":
        return None
    if interleave == "random":
        return lambda ready: choices.integer("interleave", 0, len(ready) - 1)
    if callable(interleave):
        return interleave
    raise ConfigError(
        f"interleave is {shown(interleave)}; it is 'fifo', 'random', or a function that is given "
        "those that are ready and says which goes next, as a place among them"
    )
