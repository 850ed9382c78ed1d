"""Jobs: processes that play a durable test many times, as copies of the one that collected it.

A test refers to its fixtures and to modules that pytest has rewritten, and neither can be handed
to another process. So each process is a fork, which has all of this as it was when the campaign
began, and a play is handed over by its name. What comes of it is the same in any of them.
"""

from __future__ import annotations

import multiprocessing
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from dwf_sim import Simulation

_PLAYS: dict[str, Callable[[Simulation], None]] = {}  # By the test's name, while it is played.


class SharedPlay:
    """The play of a test: its own fixtures stay, the engine is another in each run."""

    def __init__(
        self, name: str, function: Callable[..., object], arguments: Mapping[str, object]
    ) -> None:
        self._name = name
        self._function = function
        self._arguments = arguments

    def __enter__(self) -> Callable[[Simulation], None]:
        _PLAYS[self._name] = self._play
        return NamedPlay(self._name)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        del _PLAYS[self._name]

    def _play(self, durable_engine: Simulation) -> None:
        self._function(**{**self._arguments, "durable_engine": durable_engine})


class NamedPlay:
    """What is handed over: a process that is a copy of ours finds the play by its name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, durable_engine: Simulation) -> None:
        _PLAYS[self._name](durable_engine)

    def __repr__(self) -> str:
        return f"<play of {self._name}>"


@contextmanager
def processes(count: int) -> Iterator[Executor | None]:
    """Give so many processes; None, which stands for this one, if one is enough, or if the system
    has no forks."""
    if count == 1 or "fork" not in multiprocessing.get_all_start_methods():
        yield None
        return
    with ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("fork")) as pool:
        with warnings.catch_warnings():
            # Newer Pythons warn of locks that other threads hold, such as those of pytest-xdist;
            # a play takes none of them.
            warnings.simplefilter("ignore", DeprecationWarning)
            pool.submit(_begin).result()
        yield pool


def _begin() -> Any:
    """Do nothing: with the first task all processes are made."""
