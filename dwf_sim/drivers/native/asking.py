"""What the steps without a body ask for: shared by the `async def` and the plain `def` steps."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from inspect import iscoroutine

import attrs

from dwf_sim.drivers.base import Outlet
from dwf_sim.drivers.inputs import texts_of
from dwf_sim.drivers.native.call import StepCall
from dwf_sim.drivers.native.function import Function, FunctionReference
from dwf_sim.drivers.native.outcomes import instant_ms
from dwf_sim.drivers.outlets import present
from dwf_sim.duration import format_duration, to_ms
from dwf_sim.errors import FunctionConfigInvalidError, UsageError
from dwf_sim.expressions import match_expression
from dwf_sim.given import check_optional_text, check_text, shown
from dwf_sim.model.event import Event
from dwf_sim.model.ops import InvokeFunction, Op, Sleep, WaitForEvent, WaitForSignal
from dwf_sim.model.payload import encode_strictly

Duration = int | str | datetime.timedelta
Make = Callable[[StepCall], Op]

_OF_EVERY_OP = ("hash", "name", "index", "race")
_CONFLICTS = ("fail", "replace")
_KINDS: dict[type, str] = {
    Sleep: "sleep",
    WaitForEvent: "wait",
    WaitForSignal: "signal",
    InvokeFunction: "invoke",
}


def sleep_until(until_ms: int) -> Make:
    """Ask to sleep until an instant."""
    return lambda call: Sleep(call.hash, call.name, call.index, until_ms, call.race)


def sleep_until_datetime(until: datetime.datetime) -> Make:
    """Ask to sleep until a datetime."""
    if not isinstance(until, datetime.datetime):
        raise UsageError(
            f"until is {shown(until)}; sleep_until takes a datetime, and sleep takes a duration"
        )
    return sleep_until(instant_ms(until))


def wait_for_event(event: str, timeout: Duration, if_exp: str | None, match: str | None) -> Make:
    """Ask to wait for an event."""
    check_text("event", event, UsageError)
    check_optional_text("if_exp", if_exp, UsageError)
    check_optional_text("match", match, UsageError)
    if if_exp is not None and match is not None:
        raise UsageError(
            f"both if_exp={if_exp!r} and match={match!r} are given; the engine would ignore "
            "if_exp: give one of them"
        )
    expression = match_expression(match) if match is not None else if_exp
    text = timeout_text(timeout)
    return lambda call: WaitForEvent(
        call.hash, call.name, call.index, event, text, expression, call.race
    )


def wait_for_signal(signal: str, timeout: Duration, on_conflict: str) -> Make:
    """Ask to wait for a signal."""
    check_text("signal", signal, UsageError)
    if on_conflict not in _CONFLICTS:
        raise UsageError(f"on_conflict is {shown(on_conflict)}; it is 'fail' or 'replace'")
    text = timeout_text(timeout)
    return lambda call: WaitForSignal(
        call.hash, call.name, call.index, signal, text, on_conflict, call.race
    )


def timeout_text(timeout: Duration) -> str:
    """Write a timeout for the wire: whole seconds, one at least (A108)."""
    ms = to_ms(timeout)
    if ms < 1000:
        raise FunctionConfigInvalidError("duration must be at least 1 second")
    if ms % 1000:
        raise FunctionConfigInvalidError("duration must be a whole number of seconds")
    return format_duration(ms)


@attrs.frozen
class Target:
    """The function an invoke means, by its full id."""

    id: str


def target_of(function: object, app_id: str) -> Target:
    """Find whom to invoke; raises `UsageError` for what is no function."""
    if isinstance(function, Function):
        return Target(function.id)
    if isinstance(function, FunctionReference):
        return target_by_ids(function.app_id, function.function_id, app_id)
    full_id = getattr(function, "id", None)
    if isinstance(full_id, str) and hasattr(function, "get_config"):
        return Target(full_id)  # A function of the vendor's SDK.
    raise UsageError(
        f"function is {shown(function)} ({type(function).__name__}); invoke takes a function made "
        "by create_function, or reference_function('id'); for an id alone use step.invoke_by_id"
    )


def target_by_ids(app_id: str | None, function_id: str, own_app_id: str) -> Target:
    """Name whom to invoke by ids; without `app_id`, a function of the caller's own app."""
    check_optional_text("app_id", app_id, UsageError)
    check_text("function_id", function_id, UsageError)
    return Target(f"{app_id or own_app_id}-{function_id}")


def invoke(
    target: Target, data: Mapping[str, object] | None, timeout: Duration | None, v: str | None
) -> Make:
    """Ask for another function to be run."""
    check_optional_text("v", v, UsageError)
    if data is not None and not isinstance(data, Mapping):
        raise UsageError(
            f"data is {shown(data)} ({type(data).__name__}); it must be a mapping, such as a dict"
        )
    text = "" if timeout is None else timeout_text(timeout)
    payload = encode_strictly(dict(data) if data is not None else {})
    return lambda call: InvokeFunction(
        call.hash, call.name, call.index, target.id, payload, v, text, call.race
    )


def inputs_of(op: Op) -> Mapping[str, str]:
    """List what a step asks for; when a sleep ends depends on when it was asked for."""
    if isinstance(op, Sleep):
        return {}
    given = attrs.asdict(op, recurse=False)  # type: ignore[arg-type]  # An op is made by attrs.
    return texts_of({name: given[name] for name in given if name not in _OF_EVERY_OP})


def kind_of(op: Op) -> str:
    """Name the kind of a step that has no body."""
    return _KINDS[type(op)]


def event_of(memo: object) -> Event | None:
    """Read the memo of a wait: the event, without what the vendor's SDK drops (A110).

    As there, any object with a name is taken for an event, and anything else is an error of the
    handler: another step of the same id may have been remembered first.
    """
    if memo is None:
        return None
    if not isinstance(memo, dict) or "name" not in memo:
        raise TypeError(
            f"the wait was given {shown(memo)}, which is no event: another step has its id; "
            "give the wait an id of its own"
        )
    data, event_id, ts = memo.get("data") or {}, memo.get("id", ""), memo.get("ts", 0)
    return Event(memo["name"], data, id=event_id, ts=ts)


def as_events(events: Event | list[Event]) -> list[Event]:
    """Take one event or a list of them."""
    given: list[object] = [*events] if isinstance(events, list) else [events]
    for event in given:
        if not isinstance(event, Event):
            raise UsageError(f"events holds {shown(event)}; give an Event(…), or a list of them")
    return events if isinstance(events, list) else [events]


def body_of(
    handler: Callable[..., object], args: Sequence[object], kwargs: Mapping[str, object]
) -> Callable[[], object]:
    """Make the body of a step of what `step.run` was given."""
    if not callable(handler):
        raise UsageError(_not_a_body(handler))
    return partial(handler, *args, **kwargs) if args or kwargs else handler


def _not_a_body(given: object) -> str:
    if iscoroutine(given):
        given.close()  # Otherwise Python warns that it was never awaited.
        return (
            f"the body of a step is the coroutine of {given.__qualname__}, already called; give "
            "the function itself, and its arguments after it: step.run('id', function, argument)"
        )
    return f"the body of a step is {shown(given)}; it must be a function: step.run('id', function)"


def send_events(events: list[Event]) -> list[str]:
    """Send events from inside a step."""
    return _outlet().send(events)


def send_signal(signal: str, data: object) -> dict[str, str]:
    """Send a signal from inside a step."""
    check_text("signal", signal, UsageError)
    encode_strictly(data)  # The event API refuses what is no JSON.
    run_id = _outlet().signal(signal, data)
    return {} if run_id is None else {"run_id": run_id}


def _outlet() -> Outlet:
    """Find the simulation, in a thread as well.

    A context that knew it would hold it past its end, when its worker is killed.
    """
    outlet = present()
    assert outlet is not None, "the body of a step runs in a simulation"
    return outlet
