"""Stubs: what a test has steps answer instead of what they do, for functions of either kind.

A step with a body has its body replaced when it would be run. Any other step (a sleep, a wait, an
invoke, an AI call) has its answer put in the place of what it asked for, on the way to the engine.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import attrs

from dwf_sim.errors import StepError, UnserializableError, UsageError
from dwf_sim.given import check_count, check_text, shown
from dwf_sim.model.event import Event
from dwf_sim.model.messages import Ops, Response
from dwf_sim.model.ops import (
    ErrorBody,
    InvokeFunction,
    Op,
    Sleep,
    StepErrored,
    StepPlanned,
    StepRun,
    UnknownOp,
    label_of,
)
from dwf_sim.model.payload import decode, encode_strictly

Body = Callable[[], object]

_AI = "AIGateway"
_AI_ERROR = "AIGatewayError"
_AI_TROUBLE = "Error making AI request: {}"
_AI_HINT = (
    "nobody answers it inside a simulation; say what is to be answered: "
    "sim.stub_step({name!r}, {{…}})"
)


@attrs.define(eq=False)
class Stub:
    """What one kind of step answers; `left` is how often still, None for always."""

    name: str
    nth: int | None
    answer: Callable[..., object]
    left: int | None = None
    is_taken: bool = False

    @property
    def call(self) -> str:
        """How a test has asked for it."""
        return f"{'stub' if self.left is None else 'fail'}_step({self.name!r}, …)"

    def fits(self, name: str, index: int) -> bool:
        """Say whether it is meant for this use of a step."""
        label = f"{name}:{index}" if index else name
        return self.left != 0 and self.name in (name, label) and self.nth in (None, index + 1)

    def take(self) -> Callable[..., object]:
        """Give the answer, as it is used now."""
        self.is_taken = True
        if self.left is not None:
            self.left -= 1
        return self.answer


class Stubs:
    """The stubs of a simulation. Errors come before answers, newer answers before older ones."""

    def __init__(self) -> None:
        self._answers: list[Stub] = []
        self._errors: list[Stub] = []
        self.is_empty = True  # Asked for each step and each response, so no method.

    def stub(self, name: str, answer: object, nth: int | None) -> None:
        """Have a step answer a value, or what a function of the step's arguments returns."""
        _check(name, nth)
        if not callable(answer):
            _encoded(name, answer)
        given = answer if callable(answer) else partial(_same, answer)
        self.is_empty = False
        self._answers.insert(0, Stub(name, nth, given))

    def fail(self, name: str, error: object, times: int, nth: int | None) -> None:
        """Have the next executions of a step raise an error."""
        _check(name, nth)
        check_count("times", times, 1)
        if isinstance(error, Exception) or (
            isinstance(error, type) and issubclass(error, Exception)
        ):
            self.is_empty = False
            self._errors.append(Stub(name, nth, partial(_raise, error), times))
            return
        raise UsageError(f"error is {shown(error)}; it is an exception, or a class of them")

    @property
    def untaken(self) -> list[Stub]:
        """Those that no step has taken so far, errors first, each in the order of asking."""
        made = (*self._errors, *reversed(self._answers))
        return [stub for stub in made if not stub.is_taken]

    def body(self, name: str, index: int, body: Body) -> Body:
        """Give what is to be run as the body of a step, which is now to be run."""
        stub = self._find(name, index)
        if stub is None:
            return body
        if isinstance(body, partial):  # The arguments of `step.run` are bound to it.
            return partial(stub.take(), *body.args, **body.keywords)
        return stub.take()

    def response(self, response: Response) -> Response:
        """Put answers in the place of what a response asks for."""
        if type(response) is not Ops:
            return response
        if self.is_empty and len(response.ops) == 1 and type(response.ops[0]) in (StepRun, Sleep):
            return response  # By far the most.
        ops = tuple([self._replaced(op) for op in response.ops])
        return response if ops == response.ops else Ops(ops, response.retry_at)

    def _find(self, name: str, index: int) -> Stub | None:
        found = (stub for stub in (*self._errors, *self._answers) if stub.fits(name, index))
        return next(found, None)

    def _replaced(self, op: Op) -> Op:
        if isinstance(op, StepRun | StepErrored | StepPlanned):
            return op
        stub = self._find(op.name, op.index)
        if stub is not None:
            return _answered(op, stub.take())
        if isinstance(op, UnknownOp) and op.op == _AI:
            hint = _AI_TROUBLE.format(_AI_HINT.format(name=label_of(op)))
            error = ErrorBody(_AI_ERROR, hint)  # Final: asking again would not make a stub.
            return StepErrored(op.hash, op.name, op.index, error, True, op.race)
        return op


def _check(name: str, nth: int | None) -> None:
    check_text("name of a step", name, UsageError)
    if nth is not None:
        check_count("nth", nth, 1)


def _answered(op: Op, answer: Callable[..., object]) -> Op:
    """Answer for a step that has no body."""
    about = (op.hash, op.name, op.index)
    try:
        value = answer(*_arguments(op))
    except UsageError:
        raise
    except StepError as error:
        body = ErrorBody(error.name, error.message, error.stack)
        return StepErrored(*about, body, True, op.race)
    except Exception as error:
        return StepErrored(*about, *_trouble(op, error), op.race)
    return StepRun(*about, _encoded(label_of(op), value), op.race)


def _trouble(op: Op, error: Exception) -> tuple[ErrorBody, bool]:
    """Say what error a step fails with, and whether that is final; an AI call is retried (A235)."""
    if _is_ai(op):
        return ErrorBody(_AI_ERROR, _AI_TROUBLE.format(error)), False
    return ErrorBody(type(error).__name__, str(error)), True


def _is_ai(op: Op) -> bool:
    return isinstance(op, UnknownOp) and op.op == _AI


def _arguments(op: Op) -> tuple[object, ...]:
    """An invoke hands over its data, an AI call its request."""
    if isinstance(op, InvokeFunction):
        return (decode(op.data),)
    return (decode(op.opts),) if isinstance(op, UnknownOp) and op.op == _AI else ()


def _encoded(name: str, answer: object) -> str:
    """Write an answer as JSON; raises `UnserializableError` that names the step."""
    if type(answer) is object:
        raise UnserializableError(
            f"the stub of step {name!r} is a bare object, such as a Timeout of the vendor's mock; "
            "give what the step is to answer: None is the timeout of a wait"
        )
    try:
        return encode_strictly(_plain(answer))
    except UnserializableError as error:
        raise UnserializableError(
            f"the stub of step {name!r}: {error}. For a step whose output a serializer writes, "
            "give a function that returns it"
        ) from None


def _plain(value: object) -> object:
    """Write events, of either kind, as they come out of a wait, and models as what they hold."""
    if isinstance(value, Event):
        return {"name": value.name, "data": dict(value.data), "id": value.id, "ts": value.ts}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    dump = getattr(value, "model_dump", None)
    return dump(mode="json") if callable(dump) else value


def _same(value: object, *_: object, **__: object) -> object:
    return value


def _raise(error: Exception | type[Exception], *_: object, **__: object) -> object:
    raise error
