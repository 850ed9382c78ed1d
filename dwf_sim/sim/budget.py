"""The budget: a bound on how much a simulation may do, so that no mistake runs for ever."""

from __future__ import annotations

import attrs

from dwf_sim.duration import to_ms
from dwf_sim.errors import BudgetError, ConfigError
from dwf_sim.given import check_count

DAY_MS = 24 * 3_600_000


@attrs.frozen(kw_only=True)
class Budget:
    """How many callbacks a simulation may run, and how far its clock may go.

    `steps` counts what the agenda runs; `virtual` is a duration from the start, such as "400d".
    """

    steps: int = 10_000_000
    virtual: int = attrs.field(default=20 * 366 * DAY_MS, converter=to_ms)

    def __attrs_post_init__(self) -> None:
        check_count("steps of a Budget", self.steps, 1)
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
