"""A step of each kind and what makes it end, for the tests of parallel steps."""

from __future__ import annotations

from collections.abc import Callable

from dwf_sim.model.ops import Op
from tests.engine.bench import (
    HOUR,
    Bench,
    failed,
    invoke,
    planned,
    ran,
    returned,
    sleep,
    wait,
    wait_signal,
)


def discovery(bench: Bench) -> list[int]:
    """Number the open requests that ask what is next."""
    return [request.number for request in bench.open if request.target is None]


def finish_child(bench: Bench) -> None:
    """Let the invoked function return."""
    (request,) = (r for r in bench.open if r.function_id == "app-child")
    bench.answer(returned(), to=request)


# A step of each kind, and what makes it end.
ENDINGS: dict[str, tuple[Op, Callable[[Bench], object]]] = {
    "run": (planned("x"), lambda bench: bench.answer(ran("x"))),
    "failure": (planned("x"), lambda bench: bench.answer(failed("x"))),
    "sleep": (sleep("x", "1h"), lambda bench: bench.advance(HOUR)),
    "wait": (wait("x", "answer"), lambda bench: bench.send("answer")),
    "timeout": (wait("x", "answer", "1h"), lambda bench: bench.advance(HOUR)),
    "signal": (wait_signal("x", "ping"), lambda bench: bench.signal("ping")),
    "invoke": (invoke("x", "app-child"), finish_child),
}
