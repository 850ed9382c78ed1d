"""The driver of functions written with the vendor's `inngest` SDK, which are served unchanged.

Importing this package imports the SDK; nobody does so before there is something of it to serve.
"""

from __future__ import annotations

from dwf_sim.drivers.inngest.app import SdkApp, apps_of, listening
from dwf_sim.drivers.inngest.registration import configs_of, handlers_of
from dwf_sim.drivers.inngest.sdk import Client, SdkEvent, SdkFunction

__all__ = [
    "Client",
    "SdkApp",
    "SdkEvent",
    "SdkFunction",
    "apps_of",
    "configs_of",
    "handlers_of",
    "listening",
]
