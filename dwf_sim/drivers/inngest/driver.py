"""The driver of one SDK function: each request goes through the SDK's own handling of requests.

What goes in is the body of W1, what comes out a status, headers and a body (W3-W5). Nothing is
signed, as with the vendor's own persistent connections.
"""

from __future__ import annotations

from typing import assert_never

from dwf_sim.drivers.base import Bench, WorkerKilled
from dwf_sim.drivers.inngest.registration import APP_URL
from dwf_sim.drivers.inngest.sdk import CommHandler, CommRequest, CommResponse
from dwf_sim.drivers.inngest.visit import Visit
from dwf_sim.model.messages import Broken, Ops, Request, Response, Returned, Threw
from dwf_sim.model.payload import encode
from dwf_sim.model.records import Complained
from dwf_sim.model.wire import read_response, request_body, request_query


class InngestDriver:
    """Hands requests to the SDK: an `async def` handler's as a task of the virtual event loop."""

    def __init__(self, server: CommHandler, *, is_async: bool) -> None:
        self._server = server
        self._is_async = is_async

    def begin(self, request: Request, bench: Bench) -> None:
        """Have the SDK enter the handler."""
        if not bench.enter():
            return
        visit = Visit(request, bench)
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
    """Write a request as it would arrive from the server."""
    arrived = CommRequest(
        body=encode(request_body(visit.request)).encode("utf-8", "surrogatepass"),
        headers={},
        is_connect=True,  # Then nothing has to be signed.
        public_path=None,
        query_params=request_query(visit.request),
        raw_request=visit,
        request_url=APP_URL,
        serve_origin=None,
        serve_path=None,
    )
    # It would wake up ten times a second to measure how long the event loop is blocked.
    arrived.timings.async_block = arrived.timings.use_api  # type: ignore[assignment]  # Never entered.
    return arrived


def _read(response: CommResponse, now: int) -> Response:
    """Read the answer; its body is written as we write JSON, so that traces compare."""
    return read_response(response.status_code, response.headers, encode(response.body), now)


def _escaped(error: BaseException, visit: Visit) -> Response:
    """What the SDK lets through, its own interrupt in a task group for one, ends in a bare 500."""
    text = f"{type(error).__name__} left the handler, past the SDK, which answers nothing then"
    visit.bench.emit(Complained(visit.request.run_id, text))
    return read_response(500, {}, "", visit.bench.now)


def _answer(visit: Visit, response: Response) -> None:
    visit.bench.leave(_how(visit, response))
    visit.bench.answer(response)


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
