"""One fault of each kind, and where it strikes: what several tests go through.

A kind that has no example here, or one that there is not, is found by test_each_kind.py.
"""

from __future__ import annotations

import dwf_sim as dwf
from tests.faults.shapes import SHAPES

# A shape, and a fault that strikes there.
EXAMPLES: dict[str, tuple[str, dwf.Fault]] = {
    "crash.before": ("sequence", dwf.crash.before("a")),
    "crash.inside": ("sequence", dwf.crash.inside("a", at_effect=1)),
    "crash.after_effect": ("sequence", dwf.crash.after_effect("a")),
    "crash.after_memo": ("sequence", dwf.crash.after_memo("a")),
    "crash.after_ack": ("sequence", dwf.crash.after_ack("a")),
    "response.lose": ("sequence", dwf.response.lose("a")),
    "response.repeat": ("sequence", dwf.response.repeat("a")),
    "response.delay": ("sequence", dwf.response.delay("a", by="40s")),
    "response.gateway": ("sequence", dwf.response.gateway("a")),
    "worker.restart": ("sequence", dwf.worker.restart(at="1s")),
    "worker.zombie": ("sequence", dwf.worker.zombie("a")),
    "server.restart": ("sequence", dwf.server.restart(at="1s")),
    "worker.storm": ("sequence", dwf.worker.storm(at="1s", lasts="9s")),
    "response.storm": ("sequence", dwf.response.storm(at="1s", lasts="9s")),
    "steps.slow": ("sequence", dwf.steps.slow("a", by="3m")),
    "timers.late": ("sequence", dwf.timers.late("nap", by="30s")),
    "events.duplicate": ("sequence", dwf.events.duplicate("go")),
    "events.delay": ("sequence", dwf.events.delay("go", by="5s")),
    "events.reorder": ("sequence", dwf.events.reorder("go")),
    "events.drop": ("sequence", dwf.events.drop("go")),
    "events.lose_ack": ("fan-out", dwf.events.lose_ack()),
    "clock.skew": ("sequence", dwf.clock.skew(by="3s")),
    "clock.jump": ("sequence", dwf.clock.jump(by="1h", at="1s")),
    "deploy.new_version": ("invoke", dwf.deploy.new_version(SHAPES["invoke"].build(), at="1s")),
    "functions.pause": ("sequence", dwf.functions.pause("sequence-f", at="1s", for_="8s")),
}


def examples() -> list[dwf.Fault]:
    """List one fault of each kind that can be written as a text: all but one that holds an app."""
    return [fault for _, fault in EXAMPLES.values() if fault.kind_name != "deploy.new_version"]
