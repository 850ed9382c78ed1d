"""Tables: verdicts for people, worst first, and the same for programs."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from dwf_sim.histories.verdicts import CLASSES, Verdict


def table(verdicts: Iterable[Verdict]) -> list[str]:
    """Write verdicts as lines: the function and the boundary, the class, and below them why, once
    for those that follow one another for the same reasons."""
    order = sorted(verdicts, key=lambda verdict: verdict.severity)  # Else as they come.
    rows = [(f"{v.history.function} ({v.history.name})", v.title, CLASSES[v.kind]) for v in order]
    widths = [max((len(row[n]) for row in rows), default=0) for n in range(2)]
    lines = []
    pairs = zip(order, rows, strict=True)
    for why, group in groupby(pairs, key=lambda pair: (pair[0].kind, pair[0].lines())):
        for _, (function, boundary, kind) in group:
            lines.append(f"{function:{widths[0]}}  {boundary:{widths[1]}}  {kind}")
        lines += [f"    {line}" for line in why[1]]
    return lines


def summary(verdicts: Iterable[Verdict]) -> str:
    """Count the classes, worst first."""
    kinds = [verdict.kind for verdict in verdicts]
    counts = [f"{kinds.count(kind)} {name}" for kind, name in CLASSES.items() if kind in kinds]
    return f"{len(kinds)} boundaries: {', '.join(counts)}"


def as_json(verdicts: Iterable[Verdict], *, is_breaking: bool) -> dict[str, object]:
    """Give verdicts as one object, worst first."""
    order = sorted(verdicts, key=lambda verdict: verdict.severity)
    kinds = [verdict.kind for verdict in order]
    return {
        "format": 1,
        "breaking": is_breaking,
        "counts": {kind: kinds.count(kind) for kind in CLASSES},
        "verdicts": [verdict.as_json() for verdict in order],
    }
