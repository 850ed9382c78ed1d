"""Strategies for Hypothesis: what is sent, what goes wrong, and both together.

    from dwf_sim import strategies

    @given(strategies.scenarios(order, strategies.events("order/created", {"id": st.integers()})))
    def test_order(trial):
        with trial.play(order) as simulation:
            simulation.check()

Hypothesis is loaded with this package, and not before.
"""

from __future__ import annotations

from dwf_sim.strategies.events import events
from dwf_sim.strategies.machine import FlowControlMachine
from dwf_sim.strategies.plans import fault_plans
from dwf_sim.strategies.scenarios import scenarios
from dwf_sim.strategies.subject import Subject
from dwf_sim.strategies.trial import Trial

__all__ = ["FlowControlMachine", "Subject", "Trial", "events", "fault_plans", "scenarios"]
