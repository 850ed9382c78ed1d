"""The budget: a bound on how much a simulation may do, so that no mistake runs for ever."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from dwf_sim.duration import to_ms
from dwf_sim.errors import BudgetError, ConfigError
from dwf_sim.given import check_count
from dwf_sim.model.records import RunScheduled
from dwf_sim.sim.trace import Trace

DAY_MS = 24 * 3_600_000
_SHOWN_MAX = 20  # How many runs of a chain are looked at for the names of their functions.


@attrs.frozen(kw_only=True)
class Budget:
    """How many callbacks a simulation may run, and how far its clock may go.

    `steps` counts what the agenda runs; `virtual` is a duration from the start, such as "400d", a
    `timedelta` or an int of milliseconds. Once it is used up, `BudgetError` is raised.
    `chain` is how many runs may follow from one another at one instant, as those of a function that
    sends the event which triggers it: no other time would ever come. Raises `ConfigError` for a
    value that cannot be, `DurationError` for a time that is none.
    """

    steps: int = 10_000_000
    chain: int = 1000
    virtual: int = attrs.field(default=20 * 366 * DAY_MS, converter=to_ms)

    def __attrs_post_init__(self) -> None:
        check_count("steps of a Budget", self.steps, 1)
        check_count("chain of a Budget", self.chain, 1)
        if self.virtual < 0:
            raise ConfigError(
                f"virtual of a Budget is {self.virtual} ms; time only goes forward: give a "
                'duration such as "400d"'
            )

    def overdraw(self, kind: str, tail: str) -> BudgetError:
        """Make the error that says what was used up, with the last records."""
        limit = f"{self.steps} steps" if kind == "steps" else f"{self.virtual} ms of virtual time"
        return BudgetError(
            f"the simulation used up its budget of {limit}; something repeats itself, or the "
            f"budget is too small: Simulation(budget=Budget({kind}=...)). Last records:\n{tail}"
        )

    def look_for_a_chain(self, now: int, trace: Trace, since: int) -> None:
        """Refuse runs that start one another at an instant, the newest since an entry of the trace.

        Raises `BudgetError`.
        """
        newest = trace.newest(RunScheduled, since)
        links = [] if newest is None else [*_runs_before(newest, now, trace)]
        if len(links) <= self.chain:
            return
        functions = ", ".join(dict.fromkeys(run.function for run in links[:_SHOWN_MAX]))
        raise BudgetError(
            f"more than {self.chain} runs of {functions} at one instant, each started by an event "
            "or an invoke of the one before: have them end, let time pass in between "
            "(ctx.step.sleep, Simulation(latency=...)), or allow more: "
            f"Simulation(budget=Budget(chain=...)). Last records:\n{trace.tail(10)}"
        )


def _runs_before(seq: int, now: int, trace: Trace) -> Iterator[RunScheduled]:
    """Yield the runs that have led to an entry at this instant, its own first."""
    for at, record in trace.causes(seq):
        if at != now:
            return
        if isinstance(record, RunScheduled):
            yield record
