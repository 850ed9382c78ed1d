"""Replay: whether a handler asks for the same steps at every entry of it.

A handler is a function of its event and its memos. So an entry must ask for what the one before
asked for, in that order, up to where it is given a memo which that one did not have; from there on
it may go another way. That holds for steps in parallel too, since tasks take turns in a fixed
order.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from types import FrameType
from typing import TypeAlias

from dwf_sim.drivers.base import Ask, Bench
from dwf_sim.given import shown
from dwf_sim.model.ids import step_hash
from dwf_sim.model.messages import Request, Response, Returned, Threw
from dwf_sim.model.mistakes import MistakeFound
from dwf_sim.places import user_place

# What an entry has asked for, by label, the memos it had, by hash, its request's number, and what
# the steps were given, by label, while that is watched.
Entered: TypeAlias = tuple[tuple[str, ...], Mapping[str, str], int, Mapping[str, Mapping[str, str]]]

_NO_INPUTS: Mapping[str, Mapping[str, str]] = {}
_NEVER: Entered = ((), {}, 0, _NO_INPUTS)
NOTHING: Iterator[str] = iter(())

_REMEDY = (
    "the handler must do the same at each entry: what differs (chance, the clock, ctx.attempt, the "
    "order of a set, a global) belongs inside a step, whose result is remembered"
)


class Replay:
    """What one entry asks for, beside what an earlier one did.

    Whoever drives the handler adds the label of each step to `calls` and compares it with the
    `next` of `expected`, right where it is called: this is done for every step of every request.
    """

    __slots__ = (
        "_before",
        "_bench",
        "_inputs",
        "_request",
        "calls",
        "expected",
        "got",
        "is_stopped",
        "memos",
    )

    def __init__(self, request: Request, bench: Bench) -> None:
        before = bench.replays.get(request.run_id, _NEVER)
        self._request = request
        self._bench = bench
        self._before = before
        self._inputs: dict[str, Mapping[str, str]] | None = None  # While they are not watched.
        # Whether no more is to be kept of this entry: from the beginning if its worker is late.
        self.is_stopped = request.number < before[2]
        self.memos = before[1]  # Those of the earlier entry.
        self.got: dict[str, str] | None = None  # What steps that ran in this request gave to it.
        self.calls: list[str] = []
        # Of requests that are under way together, one may know less, and ask for less.
        knows_all = before[1].keys() <= request.memos.keys()
        is_compared = knows_all and not self.is_stopped
        self.expected = iter(before[0]) if is_compared else NOTHING

    def part(self) -> None:
        """Compare no further: from here on this entry knows more than the earlier one."""
        self.expected = NOTHING

    def take(
        self,
        label: str,
        inputs: Mapping[str, str],
        kind: str,
        body: Callable[..., object] | None = None,
    ) -> None:
        """Note what a step is given that was just asked for, and compare it with before."""
        if self._bench.on_ask is not None:
            place = user_place(sys._getframe(1)) or self._bench.place
            self._bench.on_ask(self._request, Ask(label, kind, inputs, body, place))
        self._inputs = self._inputs or {}
        self._inputs[label] = inputs
        if self.expected is NOTHING or not self._bench.is_in_order:
            return
        for name, before in self._before[3].get(label, {}).items():
            now = inputs.get(name, before)
            if now != before:
                text = (
                    f"{name} of step {label!r} is {shown(now)}, and was {shown(before)} in an "
                    f"earlier entry: {_REMEDY}"
                )
                self._report("input", label, sys._getframe(1), text)
                return

    def stop(self) -> None:
        """Compare no further, and keep nothing of this entry: its request is for one step, and
        what comes after a step without a memo is not what would come in another."""
        self.is_stopped = True
        self.part()

    def aim(self, label: str) -> None:
        """Stop at the first step without a memo, in a request that is for one step."""
        if step_hash(label) not in self._request.memos:
            self.stop()

    def differ(self, label: str) -> None:
        """Report the first step that is another than before."""
        if self._bench.is_in_order:
            place, before = len(self.calls), self._before[0][len(self.calls) - 1]
            text = (
                f"step {place} of this entry is {label!r}, and was {before!r} in an earlier "
                f"entry: {_REMEDY}"
            )
            self._report("order", before, sys._getframe(1), text)
        self.part()

    def learn(self, step: str, memo: str) -> None:
        """Note what a step gave that ran in this request, which goes on with it (A202)."""
        self.got = self.got or {}
        self.got[step] = memo
        if self.memos.get(step) != memo:
            self.expected = NOTHING

    def close(self, response: Response) -> None:
        """Keep what this entry has asked for, for the next one; `response` is how it ends."""
        run_id, known, before = self._request.run_id, len(self.calls), self._before[0]
        if isinstance(response, Returned):
            if self.expected is not NOTHING and known < len(before):
                self._report_missing(before[known])
            self._bench.replays.pop(run_id, None)
        elif isinstance(response, Threw) and self._is_last(response):
            self._bench.replays.pop(run_id, None)
        elif self.is_stopped:
            return
        elif self.expected is NOTHING or known > len(before):
            memos = self._request.memos
            memos = {**memos, **self.got} if self.got else memos
            self._bench.replays[run_id] = (
                tuple(self.calls),
                memos,
                self._request.number,
                self._inputs or _NO_INPUTS,
            )

    def _is_last(self, response: Threw) -> bool:
        return not response.retriable or self._request.attempt + 1 >= self._request.attempts_max

    def _report_missing(self, label: str) -> None:
        if self._bench.is_in_order and not self._request.attempt:
            text = (
                f"this entry returned without asking for step {label!r}, for which an earlier one "
                f"asked at this point: {_REMEDY}"
            )
            self._report("order", label, None, text)

    def _report(self, kind: str, subject: str, asking: FrameType | None, text: str) -> None:
        where = "" if asking is None else user_place(asking) or self._bench.place
        self._bench.emit(MistakeFound(self._request.run_id, kind, subject, where, text))
