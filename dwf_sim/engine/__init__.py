"""The state machine: `Engine.handle(now, message) -> effects`, and nothing else happens here."""

from __future__ import annotations

from dwf_sim.engine.engine import Engine

__all__ = ["Engine"]
