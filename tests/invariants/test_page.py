"""docs/invariants.md lists what is checked, in the words of the code."""

from __future__ import annotations

from dwf_sim.invariants import INVARIANTS, EffectsOncePerStep
from tests.source import ROOT

PAGE = ROOT / "docs" / "invariants.md"
KINDS = (*INVARIANTS, EffectsOncePerStep)


def test_the_page_lists_every_invariant_in_their_order() -> None:
    rows = [
        f"| {kind.name} (`{kind.__name__}`) | {kind.says} | {' '.join(kind.rules) or '—'} |"
        for kind in KINDS
    ]

    assert "\n".join(rows) in PAGE.read_text("utf-8"), "\n".join(["", *rows])
