"""Writes docs/fidelity.md from the tests' markers and tables; `make fidelity` runs it."""

from __future__ import annotations

import textwrap
from pathlib import Path

from tests.drivers.differences import DIFFERENCES
from tests.rules.ledger import Standing, standings

PAGE = Path(__file__).parent.parent.parent / "docs" / "fidelity.md"
NOTES = Path(__file__).parent / "notes.md"


def page() -> str:
    """Write the page."""
    rows = standings()
    shown = sum(bool(row.tests) for row in rows)
    notes = NOTES.read_text("utf-8").strip()
    head = (
        "# Fidelity\n\n"
        "How the simulator stands to the real engine, rule by rule. Written by `make fidelity`; "
        "the notes are kept in `tests/rules/notes.md`.\n\n"
        f"{notes}\n\n{_differences()}\n## Rules\n\n"
        f"{shown} of {len(rows)} rules are shown by tests.\n\n"
        "| rule | what it says | standing |\n|---|---|---|\n"
    )
    return head + "".join(_row(row) for row in rows)


def _differences() -> str:
    """Write the list by which the tests of parity go."""
    entries = [f"- **{each.name}** ({', '.join(each.rules)}): {each.text}" for each in DIFFERENCES]
    return (
        "## Differences between the drivers\n\n"
        "What functions of both kinds can express is tested with both, and their traces are the "
        "same\nbut for what follows (`tests/drivers/differences.py`).\n\n"
    ) + "".join(f"{textwrap.fill(entry, 100, subsequent_indent='  ')}\n" for entry in entries)


def _row(row: Standing) -> str:
    title = row.title.replace("|", "\\|")
    return f"| {row.rule} | {title} | {_standing(row)} |\n"


def _standing(row: Standing) -> str:
    if row.tests:
        files = sorted({test.split("::")[0] for test in row.tests})
        return ", ".join(f"`{name}`" for name in files)
    if row.reason:
        return f"not modelled: {row.reason}"
    return "planned: " + ", ".join(row.planned) if row.planned else "NOWHERE"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    print(f"{PAGE} written")
