"""dwf_sim: a test harness for durable functions that can break them on purpose.

This is the public API; every name is loaded when it is first used, so that importing the package
costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dwf_sim.drivers.native import (
        App,
        Context,
        ContextSync,
        Function,
        FunctionReference,
        Group,
        GroupSync,
        ParallelMode,
        Step,
        StepSync,
        reference_function,
    )
    from dwf_sim.effects import Ledger
    from dwf_sim.errors import (
        BudgetError,
        ConfigError,
        NonRetriableError,
        RetryAfterError,
        SendEventsError,
        StepError,
        UsageError,
    )
    from dwf_sim.faults import Fault, FaultPlan, crash, response
    from dwf_sim.model.checkpointing import Checkpointing
    from dwf_sim.model.event import Event
    from dwf_sim.model.function import TriggerEvent
    from dwf_sim.model.limits import Limits
    from dwf_sim.model.quirks import Quirks
    from dwf_sim.model.settings import Cancel, Timeouts
    from dwf_sim.sim.budget import Budget
    from dwf_sim.sim.latency import Latency
    from dwf_sim.views import EventView, RunView, Sent, StepView
    from dwf_sim.world import Simulation

_HOMES = {
    "App": "dwf_sim.drivers.native",
    "Budget": "dwf_sim.sim.budget",
    "BudgetError": "dwf_sim.errors",
    "Cancel": "dwf_sim.model.settings",
    "Checkpointing": "dwf_sim.model.checkpointing",
    "ConfigError": "dwf_sim.errors",
    "Context": "dwf_sim.drivers.native",
    "ContextSync": "dwf_sim.drivers.native",
    "Event": "dwf_sim.model.event",
    "EventView": "dwf_sim.views",
    "Fault": "dwf_sim.faults",
    "FaultPlan": "dwf_sim.faults",
    "Function": "dwf_sim.drivers.native",
    "FunctionReference": "dwf_sim.drivers.native",
    "Group": "dwf_sim.drivers.native",
    "GroupSync": "dwf_sim.drivers.native",
    "Latency": "dwf_sim.sim.latency",
    "Ledger": "dwf_sim.effects",
    "Limits": "dwf_sim.model.limits",
    "NonRetriableError": "dwf_sim.errors",
    "ParallelMode": "dwf_sim.drivers.native",
    "Quirks": "dwf_sim.model.quirks",
    "RetryAfterError": "dwf_sim.errors",
    "RunView": "dwf_sim.views",
    "SendEventsError": "dwf_sim.errors",
    "Sent": "dwf_sim.views",
    "Simulation": "dwf_sim.world",
    "Step": "dwf_sim.drivers.native",
    "StepError": "dwf_sim.errors",
    "StepSync": "dwf_sim.drivers.native",
    "StepView": "dwf_sim.views",
    "Timeouts": "dwf_sim.model.settings",
    "TriggerEvent": "dwf_sim.model.function",
    "UsageError": "dwf_sim.errors",
    "crash": "dwf_sim.faults",
    "reference_function": "dwf_sim.drivers.native",
    "response": "dwf_sim.faults",
}

__all__ = [
    "App",
    "Budget",
    "BudgetError",
    "Cancel",
    "Checkpointing",
    "ConfigError",
    "Context",
    "ContextSync",
    "Event",
    "EventView",
    "Fault",
    "FaultPlan",
    "Function",
    "FunctionReference",
    "Group",
    "GroupSync",
    "Latency",
    "Ledger",
    "Limits",
    "NonRetriableError",
    "ParallelMode",
    "Quirks",
    "RetryAfterError",
    "RunView",
    "SendEventsError",
    "Sent",
    "Simulation",
    "Step",
    "StepError",
    "StepSync",
    "StepView",
    "Timeouts",
    "TriggerEvent",
    "UsageError",
    "crash",
    "reference_function",
    "response",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'dwf_sim' has no attribute {name!r}")
    found = getattr(importlib.import_module(home), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__
