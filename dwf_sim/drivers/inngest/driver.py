"""The driver of one SDK function: each request goes through the SDK's own handling of requests.

What goes in is the body of W1, what comes out a status, headers and a body (W3-W5). Nothing is
signed, as with the vendor's own persistent connections.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import assert_never, cast
from urllib.parse import urlencode

from dwf_sim.drivers.base import BODY, Bench, WorkerKilled
from dwf_sim.drivers.inngest.registration import APP_URL
from dwf_sim.drivers.inngest.sdk import CommHandler, CommRequest, CommResponse
from dwf_sim.drivers.inngest.visit import VISIT, Visit
from dwf_sim.drivers.unwritten import UNWRITTEN, complain_of_unwritten
from dwf_sim.errors import UsageError
from dwf_sim.model.messages import Broken, Ops, Request, Response, Returned, Threw
from dwf_sim.model.ops import StepErrored
from dwf_sim.model.records import Complained
from dwf_sim.model.wire import read_response, read_unwritten, request_body, request_query


class InngestDriver:
    """Hands requests to the SDK: an `async def` handler's as a task of the virtual event loop."""

    def __init__(
        self,
        server: CommHandler,
        renew: Callable[[], None],
        *,
        is_async: bool,
        handler: object = None,
    ) -> None:
        self._server = server
        self._renew = renew  # Has the server know what its client was told since.
        self._is_async = is_async
        self.handler = handler  # The user's own function.

    def begin(self, request: Request, bench: Bench) -> None:
        """Have the SDK enter the handler."""
        if not bench.enter():
            return
        if BODY.get() is not None:  # A simulation that runs inside a step of another.
            BODY.set(None)
        self._renew()
        visit = Visit(request, bench)
        VISIT.set(visit)  # The context is the request's own.
        if self._is_async:
            bench.spawn(self._serve(visit))
        else:
            self._serve_sync(visit)

    async def _serve(self, visit: Visit) -> None:
        try:
            response = await self._server.post(_arrive(visit))
        except (KeyboardInterrupt, SystemExit, GeneratorExit):
            raise
        except BaseException as error:
            _answer(visit, _escaped(error, visit))
        else:
            _answer(visit, _read(response, visit.bench.now))

    def _serve_sync(self, visit: Visit) -> None:
        try:
            response = self._server.post_sync(_arrive(visit))
        except WorkerKilled:
            return
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            _answer(visit, _escaped(error, visit))
        else:
            _answer(visit, _read(response, visit.bench.now))


def _arrive(visit: Visit) -> CommRequest:
    """Write a request as it would arrive from the server, by way of DigitalOcean's functions."""
    body, query = request_body(visit.request), request_query(visit.request)
    text = _query_text(*query.values())
    http = {"method": "POST", "headers": {}, "queryString": text, "body": body}
    arrival = _Arrival(body.encode("utf-8", "surrogatepass"), query, {"event": {"http": http}})
    return cast("CommRequest", arrival)


class _Arrival:
    """A `CommRequest` that is not checked, since we know what we write."""

    is_connect = True  # Then nothing has to be signed.
    public_path = serve_origin = serve_path = None
    request_url = APP_URL

    def __init__(self, body: bytes, query: dict[str, str], raw_request: object) -> None:
        self.body = body
        self.headers: dict[str, str] = {}
        self.query_params = query
        self.raw_request = raw_request
        self.timings = _NO_TIMINGS


@lru_cache
def _query_text(function_id: str, step_id: str) -> str:
    return urlencode({"fnId": function_id, "stepId": step_id})


class _NoTimings(AbstractContextManager[None]):
    """Measures nothing, where the SDK would read clocks for a header that is of no use here.

    One of its clocks would wake up ten times a second, to see how long the event loop is blocked.
    """

    def __getattr__(self, _: str) -> _NoTimings:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def to_header(self) -> str:
        """Say nothing."""
        return ""


_NO_TIMINGS = _NoTimings()


def _read(response: CommResponse, now: int) -> Response:
    """Read the answer; its body is written as we write JSON, so that traces compare."""
    return read_unwritten(response.status_code, response.headers, response.body, now)


def _escaped(error: BaseException, visit: Visit) -> Response:
    """What the SDK lets through, its own interrupt in a task group for one, ends in a bare 500."""
    text = f"{type(error).__name__} left the handler, past the SDK, which answers nothing then"
    visit.bench.emit(Complained(visit.request.run_id, text))
    return read_response(500, {}, "", visit.bench.now)


def _answer(visit: Visit, response: Response) -> None:
    if isinstance(response, Threw) and response.error.code == UNWRITTEN:
        _complain(visit, response)
    visit.replay.close(response)
    visit.end()
    visit.bench.leave(_how(visit, response))
    visit.bench.answer(_without_retry(response) if _is_mistake(visit.error) else response)


def _complain(visit: Visit, threw: Threw) -> None:
    """Say what of an output is no JSON, but of a model, of which the hook has told."""
    if not hasattr(visit.output, "model_dump"):
        complain_of_unwritten(threw.error.message, visit.output)


def _is_mistake(error: Exception | None) -> bool:
    """A user's own mistake, such as a socket in a simulation: trying again would not mend it."""
    return isinstance(error, UsageError) and not error.is_retriable


def _without_retry(response: Response) -> Response:
    match response:
        case Threw():
            return Threw(response.error, False)
        case Ops(ops=(StepErrored() as op,)):
            return Ops((StepErrored(op.hash, op.name, op.index, op.error, True, op.race),))
        case _:
            return response


def _how(visit: Visit, response: Response) -> str:
    match response:
        case Returned():
            return "return"
        case Ops():
            return "step"
        case Threw() | Broken():
            error = visit.error
            return f"error {response.error.name if error is None else type(error).__name__}"
        case _:
            assert_never(response)
