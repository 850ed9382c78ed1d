"""The probe: stands in for everything a handler asks for, so that no body of a step is ever run.

Effects would be real ones in a test of old histories, and their answers are known: what was
recorded. What was never recorded gets an answer that a user gave, or a made-up one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import attrs

from dwf_sim.errors import StepError
from dwf_sim.histories.history import AI, INVOKE, RUN, SIGNAL, SLEEP, WAIT, Memo
from dwf_sim.model.messages import Ops, Response
from dwf_sim.model.ops import (
    ErrorBody,
    InvokeFunction,
    Op,
    Sleep,
    StepErrored,
    StepPlanned,
    StepRun,
    WaitForEvent,
    WaitForSignal,
    label_of,
)
from dwf_sim.model.payload import decode, encode
from dwf_sim.sim.stubs import Body, Stubs

_KINDS: dict[type, str] = {
    Sleep: SLEEP,
    WaitForEvent: WAIT,
    WaitForSignal: SIGNAL,
    InvokeFunction: INVOKE,
    StepRun: RUN,
    StepErrored: RUN,
}
_WAITS = (Sleep, WaitForEvent, WaitForSignal, InvokeFunction)
ALIKE, NULL, TRUE = INVENTIONS = ("alike", "null", "true")
_TRUE = '{"data":true}'
_NULL = '{"data":null}'


@attrs.define(eq=False)
class Answers:
    """What steps answer: by label what a user gave, then what was recorded.

    For a step that was never recorded it makes something up, by `invention`: what a remembered step
    of its kind gave that was not asked for yet, whose new name it may be; or null; or true, which
    leads through a guard.
    """

    given: Mapping[str, object]
    recorded: Sequence[Memo]
    known: Sequence[Memo]
    invention: str = ALIKE
    made_up: list[str] = attrs.field(factory=list)
    asked: dict[str, None] = attrs.field(factory=dict)

    def memo(self, label: str, kind: str) -> str:
        """Give the memo of a step, as JSON text."""
        if label in self.given:
            return f'{{"data":{encode(self.given[label])}}}'
        for memo in self.recorded:
            if memo.step == label and memo.kind == kind:
                return memo.memo
        if label not in self.made_up:
            self.made_up.append(label)
        if self.invention == ALIKE:
            for memo in self.known:
                if memo.step not in self.asked and memo.kind == kind:
                    return memo.memo
        return _TRUE if self.invention == TRUE and kind == RUN else _NULL


class Probe(Stubs):
    """The stubs of a simulation in which nothing is done: it answers, and keeps the responses."""

    def __init__(self, answers: Answers) -> None:
        super().__init__()
        self.is_empty = False
        self.is_passing = False  # Whether what is reported goes on to the engine as it is.
        self.under_way: frozenset[str] = frozenset()  # Waits, by label, that the engine knows of.
        self.responses: list[Response] = []
        self._told = answers

    def body(self, name: str, index: int, body: Body) -> Body:  # noqa: ARG002  # It is never run.
        """Answer in place of a body."""
        memo = self._told.memo(f"{name}:{index}" if index else name, RUN)
        return _teller(memo)

    def response(self, response: Response) -> Response:
        """Answer in place of whatever else is asked for."""
        if self.is_passing:
            return response
        self.responses.append(response)
        if not isinstance(response, Ops):
            return response
        return Ops(tuple([self._replaced(op) for op in response.ops]))

    def _replaced(self, op: Op) -> Op:
        if isinstance(op, StepPlanned):  # It has a request of its own.
            return op
        if label_of(op) in self.under_way and isinstance(op, _WAITS):
            return op  # The engine leaves what it waits for already as it is (A35).
        memo = self._told.memo(label_of(op), _KINDS.get(type(op), AI))
        error = _error_in(memo)
        if error is not None:
            return StepErrored(op.hash, op.name, op.index, error, True, op.race)
        return StepRun(op.hash, op.name, op.index, encode(_data_in(memo)), op.race)


def _teller(memo: str) -> Callable[[], object]:
    def tell() -> object:
        error = _error_in(memo)
        if error is not None:
            raise StepError(error.message, name=error.name)
        return _data_in(memo)

    return tell


def _error_in(memo: str) -> ErrorBody | None:
    content = decode(memo)
    if not isinstance(content, dict) or content.keys() != {"error"}:
        return None
    error = content["error"] if isinstance(content["error"], dict) else {}
    return ErrorBody(str(error.get("name", "Error")), str(error.get("message", "")))


def _data_in(memo: str) -> object:
    content = decode(memo)
    is_wrapped = isinstance(content, dict) and content.keys() == {"data"}
    return content["data"] if is_wrapped and isinstance(content, dict) else content
