"""Invariants: one property of every trace per file, on records alone.

`INVARIANTS` are those that hold whatever is done to a simulation; they are what is checked unless
something else is asked for. `EffectsOncePerStep` is for those who want more.
"""

from __future__ import annotations

from dwf_sim.invariants.attempts import AttemptsInBudget
from dwf_sim.invariants.backoff import BackoffInBounds
from dwf_sim.invariants.base import Invariant, Violation
from dwf_sim.invariants.batch import BatchesKept
from dwf_sim.invariants.cancellations import CancelsMatch
from dwf_sim.invariants.causes import CausesFirst
from dwf_sim.invariants.checker import Checker
from dwf_sim.invariants.concurrency import ConcurrencyKept
from dwf_sim.invariants.crons import CronsTickOnce
from dwf_sim.invariants.debounce import DebounceKeepsNewest
from dwf_sim.invariants.deliveries import NoEventLost
from dwf_sim.invariants.effects import EffectsOncePerKey, EffectsOncePerStep
from dwf_sim.invariants.endings import OneEnding
from dwf_sim.invariants.event_ids import EventIdsStartOnce
from dwf_sim.invariants.failures import FailureToldOnce
from dwf_sim.invariants.finality import FinalErrorsStand
from dwf_sim.invariants.flight import OneItemPerStep
from dwf_sim.invariants.invokes import InvokesDeliveredOnce
from dwf_sim.invariants.leases import NoWriteWithoutLease
from dwf_sim.invariants.memos import MemosStand
from dwf_sim.invariants.rates import RateLimitKept, ThrottleKept
from dwf_sim.invariants.singleton import NeverTwoSingletons
from dwf_sim.invariants.time import TimeGoesForward
from dwf_sim.invariants.waits import WaitsEndOnce

INVARIANTS: tuple[type[Invariant], ...] = (
    TimeGoesForward,
    CausesFirst,
    MemosStand,
    OneItemPerStep,
    OneEnding,
    AttemptsInBudget,
    BackoffInBounds,
    FinalErrorsStand,
    FailureToldOnce,
    NoEventLost,
    EventIdsStartOnce,
    WaitsEndOnce,
    CancelsMatch,
    InvokesDeliveredOnce,
    NoWriteWithoutLease,
    ConcurrencyKept,
    ThrottleKept,
    RateLimitKept,
    DebounceKeepsNewest,
    BatchesKept,
    NeverTwoSingletons,
    CronsTickOnce,
    EffectsOncePerKey,
)
"""The invariants that hold whatever is done to a simulation, in the order of docs/invariants.md."""

EVERY_INVARIANT: tuple[type[Invariant], ...] = (*INVARIANTS, EffectsOncePerStep)
"""Those that are offered besides, too, in the order of docs/invariants.md."""

__all__ = [
    "EVERY_INVARIANT",
    "INVARIANTS",
    "AttemptsInBudget",
    "BackoffInBounds",
    "BatchesKept",
    "CancelsMatch",
    "CausesFirst",
    "Checker",
    "ConcurrencyKept",
    "CronsTickOnce",
    "DebounceKeepsNewest",
    "EffectsOncePerKey",
    "EffectsOncePerStep",
    "EventIdsStartOnce",
    "FailureToldOnce",
    "FinalErrorsStand",
    "Invariant",
    "InvokesDeliveredOnce",
    "MemosStand",
    "NeverTwoSingletons",
    "NoEventLost",
    "NoWriteWithoutLease",
    "OneEnding",
    "OneItemPerStep",
    "RateLimitKept",
    "ThrottleKept",
    "TimeGoesForward",
    "Violation",
    "WaitsEndOnce",
]
