"""Scenario files: functions, what happens to them and when, and what is expected of it."""

from __future__ import annotations

from dwf_sim.scenario.model import Scenario
from dwf_sim.scenario.nodes import ScenarioError
from dwf_sim.scenario.play import Played, play
from dwf_sim.scenario.reading import Sheet, read_scenarios

__all__ = ["Played", "Scenario", "ScenarioError", "Sheet", "play", "read_scenarios"]
