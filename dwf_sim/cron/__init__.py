"""Cron schedules in the engine's dialect. Every other cron library differs from it, in what it
accepts or around a change of the clocks, so this one is written out; `parse_cron` is the way in.
"""

from dwf_sim.cron.jitter import jitter_ms, parse_jitter
from dwf_sim.cron.schedule import Cron, parse_cron

__all__ = ["Cron", "jitter_ms", "parse_cron", "parse_jitter"]
