"""HTTP calls as effects: a transport for the clients of httpx, sync and async.

    stripe = dwf.Ledger("stripe")
    client = httpx.AsyncClient(transport=EffectTransport(stripe, lambda request: Response(200)))

httpx is not needed to install dwf_sim; the extra `dwf-sim[inngest]` brings it along.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import TypeAlias

from dwf_sim.effects import Ledger
from dwf_sim.errors import ConfigError
from dwf_sim.given import shown

try:
    import httpx
except ModuleNotFoundError:
    raise ConfigError("httpx is not installed: pip install httpx") from None

__all__ = ["EffectTransport"]

Answer: TypeAlias = Callable[[httpx.Request], httpx.Response | Awaitable[httpx.Response]]

_READS = ("GET", "HEAD", "OPTIONS", "TRACE")  # Safe methods (RFC 9110, 9.2.1).
_IDEMPOTENT = ("PUT", "DELETE")  # Of the others (RFC 9110, 9.2.2).


class EffectTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers requests, or passes them on, and notes those that change something in a ledger.

    `answer` is a function of the request that gives the response, or a transport of httpx that
    requests go through, such as `httpx.ASGITransport(app)`; a real one needs
    `Simulation(allow=["sockets"])` and a sync client.

    An effect is a request by POST, PATCH, PUT, DELETE or a method of your own, answered with a
    status under 400. Its key is the header `Idempotency-Key`. With a key that is known, a function
    is not asked: the first response is given again, as services do that know such keys. PUT and
    DELETE may be repeated without one. A call that raises is not noted, although the other side
    may have got it. Raises `ConfigError` for what can give no answer.
    """

    def __init__(
        self, ledger: Ledger, answer: Answer | httpx.BaseTransport | httpx.AsyncBaseTransport
    ) -> None:
        is_transport = isinstance(answer, httpx.BaseTransport | httpx.AsyncBaseTransport)
        if not is_transport and not callable(answer):
            raise ConfigError(
                f"answer is {shown(answer)}; give a function of the request, or a transport"
            )
        self._ledger = ledger
        self._answer = answer

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of a sync client."""
        self._ledger.refuse_the_dead()
        if isinstance(self._answer, httpx.BaseTransport):
            return self._noted(request, self._answer.handle_request(request))
        response = self._remembered(request)
        if response is None:
            request.read()
            given = self._function()(request)
            if not isinstance(given, httpx.Response):
                raise ConfigError(
                    f"the answer to {_operation(request)} is {shown(given)}; for a sync client "
                    "give a plain function that returns an httpx.Response"
                )
            response = given
        return self._noted(request, response)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of an async client."""
        self._ledger.refuse_the_dead()
        if isinstance(self._answer, httpx.AsyncBaseTransport):
            return self._noted(request, await self._answer.handle_async_request(request))
        response = self._remembered(request)
        if response is None:
            await request.aread()
            given = self._function()(request)
            response = await given if isawaitable(given) else given
        return self._noted(request, response)

    def _function(self) -> Answer:
        if isinstance(self._answer, httpx.BaseTransport | httpx.AsyncBaseTransport):
            kinds = "an async client" if isinstance(self._answer, httpx.BaseTransport) else "a sync"
            raise ConfigError(f"{type(self._answer).__name__} cannot serve {kinds}")
        return self._answer

    def _remembered(self, request: httpx.Request) -> httpx.Response | None:
        """Give the first response to a known key once more."""
        key = _key(request)
        known = None if key is None else self._ledger.first(_operation(request), key)
        return _response(*known) if isinstance(known, tuple) else None

    def _noted(self, request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if request.method in _READS or response.status_code >= 400:
            return response
        key, value = _key(request), None
        if key is not None and not isinstance(
            self._answer, httpx.BaseTransport | httpx.AsyncBaseTransport
        ):
            value = response.status_code, response.headers.multi_items(), response.read()
        is_idempotent = request.method in _IDEMPOTENT
        self._ledger.note(_operation(request), key=key, value=value, is_idempotent=is_idempotent)
        return response


def _operation(request: httpx.Request) -> str:
    url = request.url
    return f"{request.method} {url.copy_with(query=None, fragment=None, userinfo=b'')}"


def _key(request: httpx.Request) -> str | None:
    key: str | None = request.headers.get("idempotency-key")
    return key


def _response(status: int, headers: list[tuple[str, str]], content: bytes) -> httpx.Response:
    """Make a response of its content, which is not compressed any more."""
    plain = [pair for pair in headers if pair[0].lower() not in ("content-encoding",)]
    return httpx.Response(status, headers=plain, content=content)
