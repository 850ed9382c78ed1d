"""Branches that start together, as JavaScript promises do, written with tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, TypeAlias

Branch: TypeAlias = Callable[[], Coroutine[Any, Any, Any]]
Combinator: TypeAlias = Callable[[list[Branch]], Awaitable[Any]]


class AggregateError(Exception):
    """What JavaScript raises when all that was asked for any result has failed."""


async def _all(branches: list[Branch]) -> list[Any]:
    return list(await asyncio.gather(*[branch() for branch in branches]))


async def _race(branches: list[Branch]) -> Any:
    tasks = _started(branches)
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    return next(task for task in tasks if task in done).result()


async def _any(branches: list[Branch]) -> Any:
    """Give the first result; an error counts only when all have failed."""
    pending = tasks = _started(branches)
    while pending:
        done, _ = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if task in done and task.exception() is None:
                return task.result()
        pending = [task for task in pending if task not in done]
    raise AggregateError("All promises were rejected")


async def _all_settled(branches: list[Branch]) -> list[Any]:
    results = await asyncio.gather(*[branch() for branch in branches], return_exceptions=True)
    return [_settled(result) for result in results]


COMBINATORS: Mapping[str | None, Combinator] = {
    None: _all,
    "race": _race,
    "any": _any,
    "all_settled": _all_settled,
}


def error_facts(error: BaseException) -> dict[str, str]:
    """Say what a program sees of an error."""
    return {
        "type": type(error).__name__,
        "name": getattr(error, "name", type(error).__name__),
        "message": getattr(error, "message", str(error)),
    }


def _started(branches: list[Branch]) -> list[asyncio.Task[Any]]:
    tasks = [asyncio.create_task(branch()) for branch in branches]
    for task in tasks:
        task.add_done_callback(_look_at_error)
    return tasks


def _look_at_error(task: asyncio.Task[Any]) -> None:
    """Nobody asks how a loser ended, and asyncio would log that."""
    if not task.cancelled():
        task.exception()


def _settled(result: Any) -> dict[str, Any]:
    if isinstance(result, BaseException):
        return {"status": "rejected", "reason": error_facts(result)}
    return {"status": "fulfilled", "value": result}
