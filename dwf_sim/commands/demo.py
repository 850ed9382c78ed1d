"""`dwf-sim demo`: the order workflow without faults, with a crash, and mended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

import dwf_sim as dwf
from dwf_sim.commands.screen import say, say_json
from dwf_sim.demo.input import SAMPLE, TimedEvent, read_events
from dwf_sim.demo.orders import mended_shop, naive_shop

PLAN = dwf.FaultPlan([dwf.crash.after_effect("charge")])


@click.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False))
@click.option("--seed", default=0, show_default=True, help="The seed of all chance.")
@click.option("--json", "is_json", is_flag=True, help="Write the result as JSON.")
def command(file: str | None, seed: int, is_json: bool) -> None:
    """Watch a card being charged twice, and the mended function charge it once.

    FILE holds the events to send, as scenarios/orders.json does; without it, one order is used.
    """
    events = read_events(Path(file)) if file else SAMPLE
    acts = [
        _act("1. No faults", naive_shop, events, dwf.FaultPlan(), seed),
        _act(f"2. {str(PLAN).capitalize()}", naive_shop, events, PLAN, seed),
        _act("3. The same, charging with an idempotency key", mended_shop, events, PLAN, seed),
    ]
    if is_json:
        say_json({"seed": seed, "acts": acts})
        return
    for act in acts:
        _show(act)
    say("Repeat it: dwf-sim demo" + (f" {file}" if file else "") + f" --seed {seed}")


def _act(
    title: str,
    build: Callable[[dwf.Ledger], dwf.App],
    events: tuple[TimedEvent, ...],
    faults: dwf.FaultPlan,
    seed: int,
) -> dict[str, Any]:
    """Play the workflow once, and tell what came of it."""
    stripe = dwf.Ledger("stripe")
    simulation = dwf.Simulation(seed, faults=faults).serve(build(stripe))
    for event in events:
        simulation.advance(event.at - (simulation.now_ms - simulation.start_ms))
        simulation.send(event.name, event.data)
    simulation.run_until_idle()
    return {
        "title": title,
        "orders": len(simulation.runs),
        "charges": stripe.count("charge"),
        "digest": simulation.trace.digest(),
        "timelines": [simulation.timeline(run) for run in simulation.runs],
    }


def _show(act: dict[str, Any]) -> None:
    say(f"{act['title']}\n", "head")
    for timeline in act["timelines"]:
        say(timeline + "\n")
    orders, charges = act["orders"], act["charges"]
    style = "good" if charges == orders else "bad"
    say(f"=> {_count(charges, 'charge')} for {_count(orders, 'order')}\n", style)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + "s" * (number != 1)
