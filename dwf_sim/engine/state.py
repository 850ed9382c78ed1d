"""Everything the engine knows: one mutable container, written only while it handles a message."""

from __future__ import annotations

from collections import deque
from typing import TypeAlias

import attrs

from dwf_sim.engine.backlog import Backlog
from dwf_sim.engine.runs import Runs
from dwf_sim.engine.triggers import TriggerIndex
from dwf_sim.flow import Admission, Dispatch
from dwf_sim.model.function import FunctionConfig, TriggerCron
from dwf_sim.model.ids import Mint
from dwf_sim.model.run import Cancellation, Item, Pause, Run


@attrs.frozen
class Policies:
    """The policies that concern one function; those of admission with their place in the walk."""

    function: FunctionConfig
    admission: tuple[tuple[int, Admission], ...]
    dispatch: tuple[Dispatch, ...]


@attrs.frozen
class HoldAlarm:
    """A policy is to let go what it holds under a key; `nth` is its place in the walk."""

    nth: int
    key: str
    at: int


@attrs.frozen
class GateAlarm:
    """A gate opens by itself."""

    key: str


@attrs.frozen
class CronAlarm:
    """A tick of a schedule, in milliseconds."""

    function_id: str
    trigger: TriggerCron
    tick: int


Alarm: TypeAlias = HoldAlarm | GateAlarm | CronAlarm


@attrs.define(eq=False)
class State:
    """Runs, the queue, and what runs wait for.

    An item is in exactly one of `waiting` (its time has not come), `backlog` or, if it is a
    timeout, `timeouts` (it has), and `leased` (a worker has it, found by the request's number).
    `run.items` holds it until it is leased. `alarms` are all other timers.
    """

    admission: tuple[Admission, ...]
    dispatch: tuple[Dispatch, ...]
    mint: Mint = attrs.field(factory=Mint)
    triggers: TriggerIndex = attrs.field(factory=TriggerIndex)
    policies: dict[str, Policies] = attrs.field(factory=dict)  # By function.
    runs: Runs = attrs.field(init=False)
    runs_of: dict[str, int] = attrs.field(factory=dict)  # How many runs a function has had.
    backlog: Backlog = attrs.field(factory=Backlog)
    timeouts: deque[Item] = attrs.field(factory=deque)
    waiting: dict[int, Item] = attrs.field(factory=dict)
    alarms: dict[int, Alarm] = attrs.field(factory=dict)
    leased: dict[int, Item] = attrs.field(factory=dict)
    event_waits: dict[str, dict[tuple[str, str], Pause]] = attrs.field(factory=dict)
    signal_waits: dict[str, Pause] = attrs.field(factory=dict)
    invoke_waits: dict[str, Pause] = attrs.field(factory=dict)
    # By event name, then by run and place in its list.
    cancellations: dict[str, dict[tuple[str, int], Cancellation]] = attrs.field(factory=dict)
    items_made: int = 0  # Alarms are numbered with them.
    requests_made: int = 0

    def __attrs_post_init__(self) -> None:
        self.runs = Runs(self.triggers.functions)

    def policies_of(self, function: FunctionConfig) -> Policies:
        """Find the policies that concern a function as it is registered."""
        found = self.policies.get(function.id)
        if found is None or found.function is not function:
            admission = [(n, p) for n, p in enumerate(self.admission) if p.concerns(function)]
            dispatch = [policy for policy in self.dispatch if policy.concerns(function)]
            found = Policies(function, tuple(admission), tuple(dispatch))
            self.policies[function.id] = found
        return found

    def crons(self) -> list[str]:
        """List the schedules that tick."""
        return [alarm.trigger.cron for alarm in self.alarms.values() if type(alarm) is CronAlarm]

    def ended(self, run: Run) -> None:
        """Tell the policies that nothing of a run is left."""
        for _, policy in self.policies_of(run.function).admission:
            policy.ended(run.id)
