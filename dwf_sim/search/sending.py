"""Sending: what is played, as other processes can have it."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TypeVar

import attrs

from dwf_sim.errors import ConfigError
from dwf_sim.given import shown
from dwf_sim.search.playing import Judge
from dwf_sim.search.subject import Subject

T = TypeVar("T")

_TOGETHER = 4  # Each hand-over costs a part of a play.


def in_parts(given: Sequence[T]) -> list[tuple[T, ...]]:
    """Cut what is to be played into what is handed over at once."""
    return [tuple(given[at : at + _TOGETHER]) for at in range(0, len(given), _TOGETHER)]


def sent(judge: Judge, executor: Executor) -> Subject:
    """Give the subject as an executor's processes can have it: by its place, if there is one.

    Raises `ConfigError` for threads, and for what can be neither named nor pickled.
    """
    if isinstance(executor, ThreadPoolExecutor):
        raise ConfigError(
            "executor is a ThreadPoolExecutor, and one process makes one run at a time, since its "
            "clock is that of the run; give a ProcessPoolExecutor, or leave it out"
        )
    subject = judge.subject
    if subject.place is not None:
        subject = attrs.evolve(subject, given=subject.place)
    if subject.setup_place is not None:
        subject = attrs.evolve(subject, setup=subject.setup_place)
    parts = {"what is played": subject.given, "setup": subject.setup, "settings": judge.settings}
    for name, part in {**parts, "events": subject.sendings}.items():
        try:
            pickle.dumps(part)
        except Exception:  # Whatever it is that such a thing raises.
            raise ConfigError(
                f"{name}: {shown(part)} cannot be given to other processes; make it a global of a "
                "module and name it, package.module:name, or leave the executor out"
            ) from None
    return subject
