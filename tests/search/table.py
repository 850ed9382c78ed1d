"""The table of bugs in docs/search.md: `python -m tests.search.table` measures and writes it.

Names of bugs may follow; then only those are measured.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Mapping, Sequence

import attrs

from dwf_sim.search.exploration import Exploration
from tests.search.bugs import NAMES, SEEDS, says, search
from tests.source import ROOT

PAGE = ROOT / "docs" / "search.md"
BEGIN, END = "<!-- The table of bugs -->\n", "<!-- The end of it -->\n"
_HEAD = (
    "| bug | runs: median | maximum | shrunk, for seed 0 | noticed as |",
    "|---|---|---|---|---|",
)


@attrs.frozen
class Row:
    """What the page says of a bug."""

    name: str
    says: str
    median: float
    most: int
    plan: str
    notice: str

    def __str__(self) -> str:
        bug = f"`{self.name}`: {self.says}"
        return f"| {bug} | {self.median:g} | {self.most} | {self.plan} | {self.notice} |"


def row(name: str, searches: list[Exploration]) -> Row:
    """Make the row of a bug; the first search is that of seed 0."""
    counts = [found.found_at[0] for found in searches]
    plan, notice = shown(searches[0])
    return Row(name, says(name), statistics.median(counts), max(counts), plan, notice)


def shown(found: Exploration) -> tuple[str, str]:
    """What went wrong, and who noticed."""
    (finding,) = found.findings
    return str(finding.course), finding.verdict.kind


def written() -> dict[str, list[str]]:
    """Read the rows of the page: their cells, by the name of the bug."""
    _, _, after = PAGE.read_text("utf-8").partition(BEGIN)
    lines = after.partition(END)[0].splitlines()[len(_HEAD) :]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return {cells[0].partition("`: ")[0].strip("`"): cells for cells in rows}


def main(names: Sequence[str]) -> None:
    """Search for these bugs with each seed, and write the table; other rows stay as they are."""
    rows = {name: f"| {' | '.join(cells)} |" for name, cells in written().items()}
    for name in names:
        rows[name] = str(row(name, [search(name, "buggy", seed) for seed in SEEDS]))
        print(rows[name], flush=True)
        write(rows)


def write(rows: Mapping[str, str]) -> None:
    """Write the rows to the page."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    lines = [*_HEAD, *(rows[name] for name in NAMES if name in rows)]
    table = "".join(f"{line}\n" for line in lines)
    PAGE.write_text(f"{before}{BEGIN}{table}{END}{after}", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:] or NAMES)
