"""Checks: properties of durable functions, each in one line of a test.

    from dwf_sim import checks, strategies

    def test_orders():
        checks.idempotency(order, events=strategies.events("order/created"))

Hypothesis draws what is sent and what goes wrong; what breaks the property is made small, and told
on one screen. A check is a decorator, too: of a function that makes anew what is checked.
"""

from __future__ import annotations

from dwf_sim.checks.effects import idempotency
from dwf_sim.checks.limits import flow_control
from dwf_sim.checks.memos import memoization
from dwf_sim.checks.proof import Checked

__all__ = ["Checked", "flow_control", "idempotency", "memoization"]
