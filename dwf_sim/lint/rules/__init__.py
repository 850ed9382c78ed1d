"""The rules, in the order of their codes; a new one is a file and a line here."""

from __future__ import annotations

from dwf_sim.lint.rules.awaiting import NOT_AWAITED
from dwf_sim.lint.rules.base import Rule
from dwf_sim.lint.rules.catching import CAUGHT
from dwf_sim.lint.rules.chance import CHANCE
from dwf_sim.lint.rules.clock import CLOCK
from dwf_sim.lint.rules.containers import CHANGED
from dwf_sim.lint.rules.effects import EFFECT
from dwf_sim.lint.rules.event_ids import GENERIC_ID
from dwf_sim.lint.rules.event_names import IMPOSSIBLE_NAME
from dwf_sim.lint.rules.logs import LOG
from dwf_sim.lint.rules.misspelt import MISSPELT
from dwf_sim.lint.rules.nesting import NESTED
from dwf_sim.lint.rules.sends import SEND
from dwf_sim.lint.rules.sets import SET_ORDER
from dwf_sim.lint.rules.sleeps import SLEEP
from dwf_sim.lint.rules.step_ids import DYNAMIC_ID
from dwf_sim.lint.rules.variables import LOST

__all__ = ["RULES", "Rule"]

RULES: tuple[Rule, ...] = (
    CHANCE,
    CLOCK,
    EFFECT,
    SEND,
    LOG,
    SLEEP,
    LOST,
    CHANGED,
    DYNAMIC_ID,
    SET_ORDER,
    NESTED,
    NOT_AWAITED,
    CAUGHT,
    IMPOSSIBLE_NAME,
    MISSPELT,
    GENERIC_ID,
)
