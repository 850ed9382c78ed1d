"""The vendor's SDK as this package knows it: its version, and every name of it that we use.

Requests go through the SDK's own handling of them. By public names that is reached without a web
server only as DigitalOcean's functions do, which refuse `async def`. So some names are private,
the version is checked, and tests/drivers/test_inngest_routes.py compares the two ways.
"""

from __future__ import annotations

import warnings
from importlib import metadata
from typing import Any, TypeAlias

from dwf_sim.errors import ConfigError

SUPPORTED = (0, 5, 19)  # The first whose handling of requests has the shape that is used here.


def check_version(version: str) -> None:
    """Refuse a version of the SDK whose inside may be another one."""
    given = tuple(int(part) if part.isdecimal() else 0 for part in version.split(".")[:3])
    if given[:2] != SUPPORTED[:2] or given < SUPPORTED:
        raise ConfigError(
            f"inngest is {version}; functions of its versions 0.5.19 to 0.5.x can be served: "
            "pip install 'dwf-sim[inngest]'"
        )


def _version() -> str:
    try:
        return metadata.version("inngest")
    except metadata.PackageNotFoundError:
        raise ConfigError(
            "the package inngest is not installed; to serve its functions: "
            "pip install 'dwf-sim[inngest]'"
        ) from None


check_version(_version())

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # Pydantic's, of how the SDK is written.
    import inngest
    from inngest._internal.comm_lib import CommHandler, CommRequest, CommResponse
    from inngest._internal.errors import SendEventsError
    from inngest._internal.middleware_lib import MiddlewareManager
    from inngest._internal.server_lib import Framework

Client: TypeAlias = inngest.Inngest
SdkEvent: TypeAlias = inngest.Event
SdkFunction: TypeAlias = inngest.Function[Any]

__all__ = [
    "Client",
    "CommHandler",
    "CommRequest",
    "CommResponse",
    "Framework",
    "MiddlewareManager",
    "SdkEvent",
    "SdkFunction",
    "SendEventsError",
    "check_version",
    "inngest",
]
