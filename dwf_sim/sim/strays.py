"""Strays: what user code does outside of steps, and so again at every entry of its handler.

It costs nothing while all is done in steps: each place that hears of such things asks first.
"""

from __future__ import annotations

import asyncio
import sys
from types import FrameType
from typing import Protocol

from dwf_sim.drivers.base import BODY
from dwf_sim.model.mistakes import MistakeFound
from dwf_sim.model.records import Record
from dwf_sim.places import is_machinery, user_place
from dwf_sim.sim.activity import ACTIVITY
from dwf_sim.sim.agenda import Agenda

_TEXT = (
    "{} outside of steps, which is done again at each entry of the handler, once for every step: {}"
)
_INTO_A_STEP = "put it into a step.run"
_SLEEP = "asyncio.sleep"
_REMEDIES = {_SLEEP: "use step.sleep, or put it into a step.run"}


class Emitter(Protocol):
    """Takes facts for the trace of a simulation."""

    agenda: Agenda

    def emit(self, record: Record, cause: int | None) -> int:
        """Add a fact to the trace."""
        ...


class Strays:
    """Reports what is done outside of steps, with the line of user code that does it."""

    def __init__(self, emitter: Emitter) -> None:
        self._emitter = emitter

    def note(self, what: str) -> None:
        """Note that this is done just now, if a handler does it outside of steps."""
        activity = ACTIVITY.get()
        if activity is None or activity.is_over or BODY.get() is not None:
            return
        if asyncio._get_running_loop() is not self._emitter.agenda:
            return  # A handler of another simulation, which has one of its own.
        text = _TEXT.format(what, _REMEDIES.get(what, _INTO_A_STEP))
        where = user_place(sys._getframe(1)) or activity.place()
        record = MistakeFound(activity.run_id, "outside", what, where, text)
        self._emitter.emit(record, activity.cause)

    def note_timer(self) -> None:
        """Note a timer that is set just now, if it is for a sleep that user code awaits."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_code is not asyncio.sleep.__code__:
            if not is_machinery(str(frame.f_globals.get("__name__", ""))):
                return  # Somebody's timeout, which does nothing by itself.
            frame = frame.f_back
        awaiting = None if frame is None else frame.f_back
        if awaiting is not None and not _is_ours(awaiting):
            self.note(_SLEEP)


def _is_ours(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).startswith("dwf_sim.drivers.")
