"""The native driver: functions written for dwf_sim, in the vocabulary of the vendor's Python SDK.

What only the TypeScript SDK has (signals, `match`, promises as parallel steps, `group.race`)
follows that one.
"""

from __future__ import annotations

from dwf_sim.drivers.native.app import App
from dwf_sim.drivers.native.context import Context, ContextSync
from dwf_sim.drivers.native.driver import NativeDriver
from dwf_sim.drivers.native.function import Function, FunctionReference, reference_function
from dwf_sim.drivers.native.group import Group, GroupSync, ParallelMode
from dwf_sim.drivers.native.step import Step
from dwf_sim.drivers.native.step_sync import StepSync

__all__ = [
    "App",
    "Context",
    "ContextSync",
    "Function",
    "FunctionReference",
    "Group",
    "GroupSync",
    "NativeDriver",
    "ParallelMode",
    "Step",
    "StepSync",
    "reference_function",
]
