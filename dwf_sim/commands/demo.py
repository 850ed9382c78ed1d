"""`dwf-sim demo`: the order workflow without faults, with a crash, and mended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

import dwf_sim as dwf
from dwf_sim.demo.input import SAMPLE, TimedEvent, read_events
from dwf_sim.demo.orders import mended_shop, naive_shop

PLAN = dwf.FaultPlan([dwf.crash.after_effect("charge")])


@click.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False))
@click.option("--seed", default=0, show_default=True, help="The seed of all chance.")
def command(file: str | None, seed: int) -> None:
    """Watch a card being charged twice, and the mended function charge it once.

    FILE holds the events to send, as scenarios/orders.json does; without it, one order is used.
    """
    events = read_events(Path(file)) if file else SAMPLE
    _show("1. No faults", naive_shop, events, dwf.FaultPlan(), seed)
    _show(f"2. {str(PLAN).capitalize()}", naive_shop, events, PLAN, seed)
    _show("3. The same, charging with an idempotency key", mended_shop, events, PLAN, seed)
    click.echo("Repeat it: dwf-sim demo" + (f" {file}" if file else "") + f" --seed {seed}")


def _show(
    title: str,
    build: Callable[[dwf.Ledger], dwf.App],
    events: tuple[TimedEvent, ...],
    faults: dwf.FaultPlan,
    seed: int,
) -> None:
    stripe = dwf.Ledger("stripe")
    simulation = dwf.Simulation(seed, faults=faults).serve(build(stripe))
    for event in events:
        simulation.advance(event.at - (simulation.now_ms - simulation.start_ms))
        simulation.send(event.name, event.data)
    simulation.run_until_idle()
    click.echo(f"{title}\n")
    for run in simulation.runs:
        click.echo(simulation.timeline(run) + "\n")
    orders = len(simulation.runs)
    charges = stripe.count("charge")
    click.echo(f"=> {_count(charges, 'charge')} for {_count(orders, 'order')}\n")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + "s" * (number != 1)
