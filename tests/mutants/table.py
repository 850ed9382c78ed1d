"""The table of mutants, docs/mutants.md: `python -m tests.mutants.table` writes it.

Who noticed is what `test_mutants.py` asserts of each.
"""

from __future__ import annotations

from collections.abc import Iterable

from dwf_sim.invariants import INVARIANTS, EffectsOncePerStep
from tests.mutants import of_events, of_museum, of_runs, of_users
from tests.mutants.museum import ENGINES, MOCKS, Exhibit
from tests.mutants.mutant import MUTANTS, OTHERS, Mutant
from tests.source import ROOT

PAGE = ROOT / "docs" / "mutants.md"

assert of_runs, (of_events, of_museum, of_users)  # They fill the list.

_HEAD = """# Mutants

A mutant is an engine, or a function of a user, that is wrong in one way. Each is planted in a story
in which all is well without it, and has to be noticed there; none is not. They are kept in
`tests/mutants/`, and this page is written by `python -m tests.mutants.table`.
"""


def page() -> str:
    """Write the page."""
    engines = [each for each in MUTANTS if each.is_in_engine]
    users = [each for each in MUTANTS if not each.is_in_engine]
    return "\n".join(
        [
            _HEAD,
            f"## Engines: {len(engines)}\n",
            *_by_notice(engines),
            f"\n## Functions of users: {len(users)}\n",
            *_by_notice(users),
            "\nBesides the invariants of docs/invariants.md there notice:\n",
            *(f"- {name}: {says}" for name, says in OTHERS.items()),
            "\n## The bug museum\n",
            "What went wrong in real engines and SDKs, as their users reported it:\n",
            *_exhibits(ENGINES),
            "\nAnd in what mocks them:\n",
            *_exhibits(MOCKS),
            "",
        ]
    )


def _by_notice(mutants: Iterable[Mutant]) -> list[str]:
    order = [*(kind.name for kind in (*INVARIANTS, EffectsOncePerStep)), *OTHERS]
    found = sorted(mutants, key=lambda each: order.index(each.notice))
    rows = [f"| {each.name} | {each.notice} |" for each in found]
    return ["| mutant | noticed by |", "|---|---|", *rows]


def _exhibits(exhibits: Iterable[Exhibit]) -> list[str]:
    rows = [f"| {each.met_in} | {each.says} | {_planted(each)} |" for each in exhibits]
    return ["| met in | what was wrong | planted as, and noticed by |", "|---|---|---|", *rows]


def _planted(exhibit: Exhibit) -> str:
    by_name = {each.name: each for each in MUTANTS}
    found = [f"{name}: {by_name[name].notice}" for name in exhibit.mutants]
    return "; ".join(found) or f"not planted: {exhibit.why_none}"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
