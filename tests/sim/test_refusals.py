"""What user code may ask of its event loop beside tasks and timers: answered, or refused."""

from __future__ import annotations

import asyncio
import concurrent.futures
import signal
from collections.abc import Callable
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim.sim.agenda import Agenda
from tests.drivers.stage import Played, play

Loop = asyncio.AbstractEventLoop


def ask(question: Callable[[Loop], Any]) -> Played:
    """Have a handler ask its loop."""

    async def handler(ctx: dwf.Context) -> object:
        answer = question(asyncio.get_running_loop())
        return await answer if asyncio.iscoroutine(answer) else answer

    return play(handler)


def test_the_loop_has_an_answer_to_everything() -> None:
    bare = [
        name
        for name in dir(Loop)
        if not name.startswith("__") and getattr(Agenda, name) is getattr(Loop, name)
    ]

    assert bare == []


@pytest.mark.parametrize(
    ("question", "name", "remedy"),
    [
        (lambda loop: loop.add_signal_handler(signal.SIGTERM, print), "add_signal_handler", "kill"),
        (lambda loop: loop.getnameinfo(("127.0.0.1", 80)), "getnameinfo", "stand-in"),
        (lambda loop: loop.getaddrinfo("localhost", 80), "getaddrinfo", "stand-in"),
        (lambda loop: loop.create_connection(print, "localhost"), "create_connection", "Ledger"),
        (lambda loop: loop.sock_recv(None, 1), "sock_recv", "stand-in"),
        (lambda loop: loop.stop(), "stop", "return"),
        (lambda loop: loop.close(), "close", "return"),
        (lambda loop: loop.set_task_factory(asyncio.Task), "set_task_factory", "leave the tasks"),
        (lambda loop: loop.set_debug(True), "set_debug", "leave debug mode off"),
    ],
)
def test_what_cannot_be_is_refused_by_name_with_a_remedy(
    question: Callable[[Loop], Any], name: str, remedy: str
) -> None:
    error = ask(question).run.error

    assert error is not None
    assert error["name"] == "ForbiddenCallError"
    assert error["message"].startswith(f"loop.{name} ")
    assert remedy in error["message"]


@pytest.mark.parametrize(
    "question",
    [
        lambda loop: loop.set_debug(False),
        lambda loop: loop.set_task_factory(None),
        lambda loop: loop.set_exception_handler(None),
        lambda loop: loop.get_exception_handler(),
        lambda loop: loop.shutdown_asyncgens(),
        lambda loop: loop.shutdown_default_executor(),
    ],
)
def test_what_changes_nothing_is_allowed(question: Callable[[Loop], Any]) -> None:
    played = ask(question)

    assert played.run.status == "completed"
    assert played.run.output is None


def test_an_executor_may_be_set_and_is_not_used() -> None:
    def question(loop: Loop) -> object:
        with concurrent.futures.ThreadPoolExecutor() as executor:
            loop.set_default_executor(executor)
        return loop.run_in_executor(None, print)

    error = ask(question).run.error

    assert error is not None
    assert error["message"].startswith("loop.run_in_executor starts a thread")


def test_an_exception_handler_hears_what_asyncio_complains_about() -> None:
    heard: list[str] = []

    def question(loop: Loop) -> None:
        loop.set_exception_handler(lambda _, context: heard.append(context["message"]))
        loop.call_exception_handler({"message": "odd"})
        loop.set_exception_handler(None)

    assert ask(question).run.status == "completed"
    assert heard == ["odd"]
