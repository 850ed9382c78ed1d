"""Tables: steps by phases, with the worst verdict of the runs in each cell."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from dwf_sim.faults.base import (
    AFTER_ACK,
    AFTER_EFFECT,
    AFTER_MEMO,
    BEFORE,
    EFFECT,
    INSIDE,
    RESPONSE,
)
from dwf_sim.search.verdict import HOLDS, VERDICTS

AND_ONE_MORE = "and one more"  # A fault at a step, and another one after it.
# The phases in the order in which a step goes through them, and their heads.
_PHASES = {
    BEFORE: "before",
    INSIDE: "at an await",
    EFFECT: "at an effect",
    AFTER_EFFECT: "after the body",
    RESPONSE: "response lost",
    AFTER_MEMO: "after the memo",
    AFTER_ACK: "after the ack",
    AND_ONE_MORE: "and one more",
    "twice": "twice",
    "late": "late",
}


@attrs.frozen
class Cell:
    """The verdict of one run: what went wrong at a step of a function, or with an event, where.

    A run with two faults is where the first of them struck.
    """

    function: str
    step: str
    phase: str
    verdict: str


def table(cells: Sequence[Cell]) -> str:
    """Show steps by phases, and events below them."""
    tables = [
        _table("step", [cell for cell in cells if cell.function]),
        _table("event", [cell for cell in cells if not cell.function]),
    ]
    return "\n\n".join(filter(None, tables))


def _table(head: str, cells: Sequence[Cell]) -> str:
    if not cells:
        return ""
    several = len({cell.function for cell in cells}) > 1
    phases = [phase for phase in _order(cells) if any(cell.phase == phase for cell in cells)]
    rows: dict[str, dict[str, list[str]]] = {}
    for cell in cells:
        name = cell.step or "(the handler)"
        name = f"{cell.function}: {name}" if several else name
        rows.setdefault(name, {}).setdefault(cell.phase, []).append(cell.verdict)
    lines = [[head, *(_PHASES.get(phase, phase) for phase in phases)]]
    lines += [
        [name, *(_shown(row.get(phase, [])) for phase in phases)] for name, row in rows.items()
    ]
    widths = [max(len(line[nth]) for line in lines) for nth in range(len(lines[0]))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _order(cells: Sequence[Cell]) -> list[str]:
    return list(dict.fromkeys((*_PHASES, *(cell.phase for cell in cells))))


def _shown(verdicts: Sequence[str]) -> str:
    """Show the worst verdict, and of how many runs."""
    if not verdicts:
        return "-"
    worst = next((kind for kind in VERDICTS if kind in verdicts), HOLDS)
    count = verdicts.count(worst)
    if len(verdicts) == 1:
        return worst
    return f"{worst} ×{count}" if count == len(verdicts) else f"{worst} {count}/{len(verdicts)}"
