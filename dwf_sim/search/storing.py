"""Storing: the files of what was found, and how each is told of."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from pathlib import Path

from dwf_sim.errors import ConfigError
from dwf_sim.search.finding import Finding

_UNSTORED = "To replay it with `dwf-sim replay`, and to have it as a scenario: --out DIR"


def told(findings: Iterable[Finding], folder: Path | None, unstored: str = _UNSTORED) -> list[str]:
    """Store findings in a folder, if one is given, and say of each what it is and what can be done
    with it: the test to paste, the scenario file, the command that replays it; without
    a folder, how these can be had, which is `unstored`."""
    lines: list[str] = []
    for nth, finding in enumerate(findings, 1):
        lines += [str(finding), ""]
        try:
            lines += ["As a test:", textwrap.indent(finding.test().rstrip(), "    "), ""]
            lines += [unstored] if folder is None else _stored(finding, folder / f"finding-{nth}")
            lines.append("")
        except ConfigError as error:
            lines += [f"It cannot be stored: {error}", ""]
    return lines


def _stored(finding: Finding, name: Path) -> list[str]:
    file, scenario = name.with_suffix(".json"), name.with_suffix(".scenario.json")
    finding.write(file)
    lines = [f"replay: dwf-sim replay {file}"]
    try:
        scenario.write_text(finding.scenario(), "utf-8")
    except ConfigError as error:
        return [*lines, f"no scenario: {error}"]
    return [*lines, f"as a scenario: dwf-sim run {scenario}"]
