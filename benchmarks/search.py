"""What it costs to certify a function of ten steps: all single crashes, and all pairs."""

from __future__ import annotations

import gc
import time
from functools import partial

import dwf_sim as dwf

STEPS, PLAIN = 10, 300


def ten_steps(simulation: dwf.Simulation) -> None:
    """Serve a function whose ten steps each call a service with a key, and play it once."""
    app, bank = dwf.App("ten"), dwf.Ledger("bank")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> list[int]:
        found = []
        for nth in range(STEPS):
            pay = partial(bank.call, "pay", key=str(nth), value=nth)
            found.append(await ctx.step.run(f"s{nth}", pay))
        return found

    simulation.serve(app)
    simulation.send("go")
    simulation.run_until_idle()


def main() -> None:
    """Measure the pairs once, and fault-free runs before and after; print a table."""
    plain = [_plain()]
    gc.collect()
    began = time.process_time()
    found = dwf.certify(ten_steps)
    took = time.process_time() - began
    plain.append(_plain())
    assert found.holds, str(found)
    runs = found.singles + found.doubles + found.others
    cost, base = took / runs, sum(plain) / len(plain)
    print("| certified: ten steps | |\n|---|---|")
    print(f"| schedules: single, double, events twice or late | {found.singles:,}, ", end="")
    print(f"{found.doubles:,}, {found.others:,} |")
    print(f"| us a schedule | {cost * 1e6:,.0f} |")
    print(f"| against a run without faults (at most 2.5) | {cost / base:.2f} |")


def _plain() -> float:
    """Measure a run without faults, in seconds."""
    gc.collect()
    began = time.process_time()
    for _ in range(PLAIN):
        ten_steps(dwf.Simulation())
    return (time.process_time() - began) / PLAIN


if __name__ == "__main__":
    main()
