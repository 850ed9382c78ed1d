"""Calls of the command line in this process, and a project for them to work in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from dwf_sim import cli

SCENARIO = """\
format: 1
about: A charge without a key.
functions: [scenarios.functions.shop:naive]
moments:
  - {send: order/created, data: {orderId: A-17, total: 42.5}}
faults: [{kind: crash.after_effect, step: charge}]
expect:
  effects: [{ledger: stripe, operation: charge, count: 1}]
"""
TWO_ROWS = SCENARIO.replace("step: charge", 'step: "${step}"') + (
    "parameters: [{step: charge}, {step: cahrge}]\n"
)


def call(*arguments: str, status: int = 0) -> str:
    """Run a command in this process, demand its exit status, and give what it prints."""
    result = CliRunner().invoke(cli.group, arguments, catch_exceptions=False)
    assert result.exit_code == status, result.output
    return result.stdout


def call_json(*arguments: str, status: int = 0) -> Any:
    """The same with `--json`."""
    return json.loads(call(*arguments, "--json", status=status))


def scenario_in(folder: Path, text: str = SCENARIO) -> str:
    """Write a scenario that fails, and name its file."""
    file = folder / "pay.scenario.yaml"
    file.write_text(text)
    return str(file)
