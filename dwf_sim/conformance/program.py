"""The program language of the recordings: a list of operations becomes an `async def` handler.

What it calls are the names that the vendor's Python SDK and the native driver share; where the two
have different classes for the same thing, the handler takes them from a `Vocabulary`.
"""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable, Coroutine, Iterator, Mapping
from typing import Any, TypeAlias

import attrs

from dwf_sim.conformance.notebook import CRASH, Notebook
from dwf_sim.conformance.program_values import Scope, fill
from dwf_sim.conformance.promises import COMBINATORS, Branch, error_facts
from dwf_sim.duration import parse_duration
from dwf_sim.errors import UsageError
from dwf_sim.model.function import RETRIES_DEFAULT

Op: TypeAlias = Mapping[str, Any]
Handler: TypeAlias = Callable[[Any], Coroutine[Any, Any, Any]]


_PROGRAMS = ("body", "on_failure")
_BLOCKS = ("body", "catch", "else")


class Boom(Exception):
    """The error that a program raises."""


class Other(Exception):
    """The other one."""


class _Returned(BaseException):
    """A `return` was reached; no `catch` of a program takes it."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


@attrs.frozen(kw_only=True)
class Vocabulary:
    """What each driver has its own class for."""

    event: Callable[..., Any]
    non_retriable: Callable[[str], Exception]
    retry_after: Callable[[str, datetime.timedelta | datetime.datetime], Exception]
    race: Any
    has_promises: bool
    start: datetime.datetime


def handler_of(
    program: list[Op],
    notebook: Notebook,
    vocabulary: Vocabulary,
    attempts: int = RETRIES_DEFAULT + 1,
) -> Handler:
    """Make a handler that interprets a program from its beginning, each time it is entered.

    Raises `UsageError` for an operation that is not played here.
    """
    _check(program)

    async def handler(ctx: Any) -> Any:
        events: list[Mapping[str, Any]] = [
            {"name": e.name, "data": e.data, "id": e.id} for e in ctx.events
        ]
        note = notebook.enter(ctx.run_id, ctx.attempt)
        scope = Scope(note.nth, ctx.attempt, events[0], events, attempts_max=attempts)
        output = None
        try:
            await _Interpreter(ctx, notebook, vocabulary).run_all(program, scope)
        except _Returned as returned:
            output = returned.value
        except Exception as error:
            note.left = f"error {type(error).__name__}"
            raise
        note.left, note.output = "return", output
        return output

    return handler


def attempts_max(function: Mapping[str, Any]) -> int:
    """Say how often a step of a recorded function may be tried."""
    return int(function.get("retries", RETRIES_DEFAULT)) + 1


def operations(given: Any) -> Iterator[Op]:
    """Walk through the operations of a program, or of a function, those inside of others too."""
    programs = given if isinstance(given, list) else [given.get(key, []) for key in _PROGRAMS]
    for op in programs:
        if isinstance(op, list):
            yield from operations(op)
        else:
            yield op
            inner = (*(op.get(key, []) for key in _BLOCKS), *op.get("branches", []))
            yield from operations(list(inner))


def _check(program: list[Op]) -> None:
    for op in operations(program):
        if not hasattr(_Interpreter, f"_{op['op']}"):
            what = f"the program has the operation {op['op']!r}"
            raise UsageError(f"{what}, which is not played here: leave the case out")


class _Interpreter:
    """One entry of a handler."""

    def __init__(self, ctx: Any, notebook: Notebook, vocabulary: Vocabulary) -> None:
        self._ctx = ctx
        self._notebook = notebook
        self._words = vocabulary

    async def run_all(self, program: list[Op], scope: Scope) -> Any:
        """Run operations; the value of the last one is theirs."""
        value = None
        for op in program:
            value = await getattr(self, f"_{op['op']}")(op, scope)
            if "id" in op and op["op"] != "start":
                scope.out[scope.text(op["id"])] = value
        return value

    # Steps.

    async def _run(self, op: Op, scope: Scope) -> Any:
        step_id = scope.text(op["id"])

        async def body() -> Any:
            execution, nth = self._notebook.begin(self._ctx.run_id, step_id, self._ctx.attempt)
            if "takes" in op:
                await asyncio.sleep(parse_duration(op["takes"]) / 1000)
            if nth <= op.get("fail", 0):
                error = self._error(op.get("error", "plain"), f"boom {step_id} {nth}")
                self._notebook.end(execution, f"error {type(error).__name__}")
                raise error
            has_crashed = nth <= op.get("crash", 0)  # The worker is killed when this returns.
            self._notebook.end(execution, CRASH if has_crashed else "ok")
            return scope.value(op.get("returns"))

        return await self._ctx.step.run(step_id, body)

    async def _sleep(self, op: Op, scope: Scope) -> None:
        await self._ctx.step.sleep(scope.text(op["id"]), span(op["for"]))

    async def _sleep_until(self, op: Op, scope: Scope) -> None:
        at = self._words.start + datetime.timedelta(seconds=op["at"])
        await self._ctx.step.sleep_until(scope.text(op["id"]), at)

    async def _wait(self, op: Op, scope: Scope) -> Any:
        event = await self._ctx.step.wait_for_event(
            scope.text(op["id"]),
            event=op["event"],
            timeout=span(op["timeout"]),
            if_exp=None
            if "match" in op
            else op.get("if"),  # As that SDK does, and no other has it.
            **({"match": op["match"]} if "match" in op else {}),
        )
        return None if event is None else {"name": event.name, "data": event.data}

    async def _invoke(self, op: Op, scope: Scope) -> Any:
        return await self._ctx.step.invoke_by_id(
            scope.text(op["id"]),
            function_id=op["function"],
            data=scope.value(op.get("data")),
            timeout=span(op["timeout"]) if "timeout" in op else None,
        )

    async def _send(self, op: Op, scope: Scope) -> Any:
        events = [self._event(scope.value(event)) for event in op["events"]]
        ids = await self._ctx.step.send_event(scope.text(op["id"]), events)
        return {"ids": ids} if self._words.has_promises else ids

    async def _parallel(self, op: Op, scope: Scope) -> Any:
        """Run branches in a group, or as promises in a recording of the TypeScript SDK."""

        def branch_of(program: list[Op]) -> Branch:
            return lambda: self.run_all(program, scope)

        mode, branches = op.get("mode"), [branch_of(branch) for branch in op["branches"]]
        if mode == "group_race":
            return await self._ctx.group.race(tuple(branches))
        if self._words.has_promises and mode in COMBINATORS:
            return await COMBINATORS[mode](branches)
        settings = {} if mode is None else {"parallel_mode": self._words.race}
        return list(await self._ctx.group.parallel(tuple(branches), **settings))

    async def _start(self, op: Op, scope: Scope) -> None:
        scope.started[scope.text(op["id"])] = asyncio.create_task(self.run_all(op["body"], scope))

    async def _await(self, op: Op, scope: Scope) -> Any:
        return await scope.started[scope.text(op["of"])]

    async def _signal(self, op: Op, scope: Scope) -> Any:
        return await self._ctx.step.wait_for_signal(
            scope.text(op["id"]),
            signal=scope.text(op["signal"]),
            timeout=span(op["timeout"]),
            on_conflict=op["on_conflict"],
        )

    async def _send_signal(self, op: Op, scope: Scope) -> Any:
        sent = await self._ctx.step.send_signal(
            scope.text(op["id"]), signal=scope.text(op["signal"]), data=scope.value(op.get("data"))
        )
        return {"runId": sent["run_id"]} if sent else {}

    # What happens in the handler itself.

    async def _try(self, op: Op, scope: Scope) -> Any:
        try:
            return await self.run_all(op["body"], scope)
        except Exception as error:
            inside = attrs.evolve(scope, error=error_facts(error))
            return await self.run_all(op["catch"], inside)

    async def _raise(self, op: Op, scope: Scope) -> None:
        nth = self._notebook.throw(self._ctx.run_id, op.get("tag", ""))
        if nth <= op.get("fail", nth):
            message = scope.text(op.get("message", f"raised {nth}"))
            raise self._error(op.get("error", "plain"), message)

    async def _loop(self, op: Op, scope: Scope) -> list[Any]:
        return [await self.run_all(op["body"], scope.at(index)) for index in range(op["times"])]

    async def _mark(self, op: Op, _: Scope) -> None:
        """Recordings note when a handler comes to such a place; nothing is done there."""

    async def _work(self, op: Op, _: Scope) -> None:
        await asyncio.sleep(parse_duration(op["takes"]) / 1000)

    async def _when(self, op: Op, scope: Scope) -> Any:
        is_met = scope.value(op["value"]) == scope.value(op["equals"])
        return await self.run_all(op["body"] if is_met else op.get("else", []), scope)

    async def _return(self, op: Op, scope: Scope) -> None:
        raise _Returned(scope.value(op.get("value")))

    # Values.

    def _event(self, given: Op) -> Any:
        return event_of(given, self._words)

    def _error(self, kind: str, message: str) -> Exception:
        name, _, time = kind.partition(":")
        if name == "retry_after":
            return self._words.retry_after(message, span(time))
        if name == "retry_after_ms":
            return self._words.retry_after(message, datetime.timedelta(milliseconds=int(time)))
        if name == "retry_after_date":
            at = datetime.timedelta(seconds=self._notebook.clock() + float(time))
            return self._words.retry_after(message, self._words.start + at)
        if name == "non_retriable":
            return self._words.non_retriable(message)
        return Other(message) if name == "other" else Boom(message)


def event_of(given: Op, words: Vocabulary) -> Any:
    """Make an event of what a recording says of one."""
    more: dict[str, Any] = {}
    if given.get("id"):
        more["id"] = given["id"]
    if "ts_offset" in given:
        at = words.start + datetime.timedelta(seconds=given["ts_offset"])
        more["ts"] = round(at.timestamp() * 1000)
    return words.event(given["name"], fill(given.get("data", {})), **more)


def span(text: str) -> datetime.timedelta:
    """Read a duration as both drivers take it."""
    return datetime.timedelta(milliseconds=parse_duration(text))
