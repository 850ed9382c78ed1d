"""dwf_sim: a test harness for durable functions that can break them on purpose.

This is the public API; every name is loaded when it is first used, so that importing the package
costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dwf_sim import checks, strategies
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
        InvariantViolated,
        LivenessViolated,
        NonRetriableError,
        RetryAfterError,
        SendEventsError,
        StepError,
        UnmetConditionError,
        UsageError,
    )
    from dwf_sim.faults import (
        Fault,
        FaultPlan,
        clock,
        crash,
        deploy,
        events,
        functions,
        response,
        server,
        steps,
        timers,
        worker,
    )
    from dwf_sim.histories import Replayer, record
    from dwf_sim.mocked import trigger
    from dwf_sim.model.checkpointing import Checkpointing
    from dwf_sim.model.event import Event
    from dwf_sim.model.flow_control import (
        Batch,
        Concurrency,
        Debounce,
        Priority,
        RateLimit,
        Singleton,
        Throttle,
    )
    from dwf_sim.model.function import TriggerCron, TriggerEvent
    from dwf_sim.model.limits import Limits
    from dwf_sim.model.quirks import Quirks
    from dwf_sim.model.settings import Cancel, Timeouts
    from dwf_sim.outcomes.recovery import check_recovery
    from dwf_sim.search.certification import certify
    from dwf_sim.search.exploration import explore
    from dwf_sim.sim.budget import Budget
    from dwf_sim.sim.latency import Latency
    from dwf_sim.sim.platform import Worker
    from dwf_sim.world.oracles import always, eventually, sometimes
    from dwf_sim.world.simulation import Simulation
    from dwf_sim.world.views import EventView, RunView, Sent, StepView

_HOMES = {
    "App": "dwf_sim.drivers.native",
    "Batch": "dwf_sim.model.flow_control",
    "Budget": "dwf_sim.sim.budget",
    "BudgetError": "dwf_sim.errors",
    "Cancel": "dwf_sim.model.settings",
    "Checkpointing": "dwf_sim.model.checkpointing",
    "Concurrency": "dwf_sim.model.flow_control",
    "ConfigError": "dwf_sim.errors",
    "Context": "dwf_sim.drivers.native",
    "ContextSync": "dwf_sim.drivers.native",
    "Debounce": "dwf_sim.model.flow_control",
    "Event": "dwf_sim.model.event",
    "EventView": "dwf_sim.world.views",
    "Fault": "dwf_sim.faults",
    "FaultPlan": "dwf_sim.faults",
    "Function": "dwf_sim.drivers.native",
    "FunctionReference": "dwf_sim.drivers.native",
    "Group": "dwf_sim.drivers.native",
    "GroupSync": "dwf_sim.drivers.native",
    "InvariantViolated": "dwf_sim.errors",
    "Latency": "dwf_sim.sim.latency",
    "Ledger": "dwf_sim.effects",
    "Limits": "dwf_sim.model.limits",
    "LivenessViolated": "dwf_sim.errors",
    "NonRetriableError": "dwf_sim.errors",
    "ParallelMode": "dwf_sim.drivers.native",
    "Priority": "dwf_sim.model.flow_control",
    "Quirks": "dwf_sim.model.quirks",
    "RateLimit": "dwf_sim.model.flow_control",
    "Replayer": "dwf_sim.histories",
    "RetryAfterError": "dwf_sim.errors",
    "RunView": "dwf_sim.world.views",
    "SendEventsError": "dwf_sim.errors",
    "Sent": "dwf_sim.world.views",
    "Simulation": "dwf_sim.world.simulation",
    "Singleton": "dwf_sim.model.flow_control",
    "Step": "dwf_sim.drivers.native",
    "StepError": "dwf_sim.errors",
    "StepSync": "dwf_sim.drivers.native",
    "StepView": "dwf_sim.world.views",
    "Throttle": "dwf_sim.model.flow_control",
    "Timeouts": "dwf_sim.model.settings",
    "TriggerCron": "dwf_sim.model.function",
    "TriggerEvent": "dwf_sim.model.function",
    "UnmetConditionError": "dwf_sim.errors",
    "UsageError": "dwf_sim.errors",
    "Worker": "dwf_sim.sim.platform",
    "always": "dwf_sim.world.oracles",
    "certify": "dwf_sim.search.certification",
    "check_recovery": "dwf_sim.outcomes.recovery",
    "checks": "dwf_sim.checks",
    "clock": "dwf_sim.faults",
    "crash": "dwf_sim.faults",
    "deploy": "dwf_sim.faults",
    "events": "dwf_sim.faults",
    "eventually": "dwf_sim.world.oracles",
    "explore": "dwf_sim.search.exploration",
    "functions": "dwf_sim.faults",
    "record": "dwf_sim.histories",
    "reference_function": "dwf_sim.drivers.native",
    "response": "dwf_sim.faults",
    "server": "dwf_sim.faults",
    "sometimes": "dwf_sim.world.oracles",
    "steps": "dwf_sim.faults",
    "strategies": "dwf_sim.strategies",
    "timers": "dwf_sim.faults",
    "trigger": "dwf_sim.mocked",
    "worker": "dwf_sim.faults",
}

__all__ = [
    "App",
    "Batch",
    "Budget",
    "BudgetError",
    "Cancel",
    "Checkpointing",
    "Concurrency",
    "ConfigError",
    "Context",
    "ContextSync",
    "Debounce",
    "Event",
    "EventView",
    "Fault",
    "FaultPlan",
    "Function",
    "FunctionReference",
    "Group",
    "GroupSync",
    "InvariantViolated",
    "Latency",
    "Ledger",
    "Limits",
    "LivenessViolated",
    "NonRetriableError",
    "ParallelMode",
    "Priority",
    "Quirks",
    "RateLimit",
    "Replayer",
    "RetryAfterError",
    "RunView",
    "SendEventsError",
    "Sent",
    "Simulation",
    "Singleton",
    "Step",
    "StepError",
    "StepSync",
    "StepView",
    "Throttle",
    "Timeouts",
    "TriggerCron",
    "TriggerEvent",
    "UnmetConditionError",
    "UsageError",
    "Worker",
    "always",
    "certify",
    "check_recovery",
    "checks",
    "clock",
    "crash",
    "deploy",
    "events",
    "eventually",
    "explore",
    "functions",
    "record",
    "reference_function",
    "response",
    "server",
    "sometimes",
    "steps",
    "strategies",
    "timers",
    "trigger",
    "worker",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'dwf_sim' has no attribute {name!r}")
    module = importlib.import_module(home)
    found = module if home == f"dwf_sim.{name}" else getattr(module, name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__
