"""dwf_sim serving the vendor's own function, the one that `vendor.py` gives to the mock."""

from __future__ import annotations

import dwf_sim as dwf
from benchmarks.vendor import client, function


def run(count: int) -> None:
    """Run the function so many times, a thousand at once, in one simulation."""
    with dwf.Simulation(invariants=False).serve((client, [function])) as simulation:
        for number in range(0, count, 1000):
            for nth in range(number, min(number + 1000, count)):
                simulation.send("go", {"i": nth})
            simulation.run_until_idle()
        assert sum(run.status == "completed" for run in simulation.runs) == count
