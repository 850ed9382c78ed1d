"""Verdicts: what changed code makes of a run that stands at a boundary, in classes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import attrs

from dwf_sim.errors import UsageError
from dwf_sim.given import shown
from dwf_sim.histories.history import Boundary, History

STUCK, TYPE, AGAIN, ORPHAN, SAFE, SAME = "stuck", "type", "again", "orphan", "safe", "same"

CLASSES: Mapping[str, str] = {
    STUCK: "stuck",
    TYPE: "another type",
    AGAIN: "step runs again",
    ORPHAN: "memo nobody asks for",
    SAFE: "safe addition",
    SAME: "same",
}
"""What can become of a run, worst first, each with how it is called in tables."""
BREAKING = (STUCK, TYPE, AGAIN, ORPHAN)
_ORDER = {name: nth for nth, name in enumerate(CLASSES)}


@attrs.frozen
class Finding:
    """One thing that is amiss: its class, the step, what it means for the run, and the line of
    code, "" if none has to do with it."""

    kind: str
    step: str
    text: str
    place: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.text}" if self.place else self.text


@attrs.frozen
class Verdict:
    """What becomes of a run of a history that stands at a boundary.

    `kind` is the worst of the findings' classes, "safe" or "same"; `notes` say what is otherwise
    than recorded although nothing is amiss, and what is not known. `asked` are the steps that the
    code was seen to ask for.
    """

    history: History
    boundary: Boundary
    kind: str
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Name the boundary: "start", "after charge", "at cool-off"."""
        return self.history.title(self.boundary)

    @property
    def is_breaking(self) -> bool:
        """Whether runs that stand there are harmed."""
        return self.kind in BREAKING

    def is_breaking_but_for(self, allowed: Collection[str]) -> bool:
        """Whether they are harmed by anything else than what is of these classes."""
        return any(finding.kind not in allowed for finding in self.findings)

    @property
    def severity(self) -> int:
        """Its place in the order of the classes, 0 for the worst."""
        return _ORDER[self.kind]

    def lines(self) -> list[str]:
        """Say why, a line each."""
        return [*map(str, self.findings), *self.notes]

    def as_json(self) -> dict[str, object]:
        """Give the same for programs to read."""
        return {
            "function": self.history.function,
            "history": self.history.place,
            "boundary": self.title,
            "class": self.kind,
            "breaking": self.is_breaking,
            "findings": [attrs.asdict(finding) for finding in self.findings],
            "notes": list(self.notes),
        }


def worst_of(kinds: Iterable[str]) -> str:
    """Give the worst of some classes, "same" for none."""
    return min(kinds, key=_ORDER.__getitem__, default=SAME)


def check_answers(answers: Iterable[str], asked: Collection[str]) -> None:
    """Refuse answers of steps that the code has never asked for; raises `UsageError`."""
    for step in answers:
        if step not in asked:
            known = ", ".join(map(repr, asked)) or "none"
            raise UsageError(
                f"answers has {shown(step)}, for which the code never asks; leave it out, or give "
                f"it the id of a step that it asks for: {known}"
            )


def check_allowed(allow: Collection[str]) -> frozenset[str]:
    """Take the classes that are no reason to fail; raises `UsageError` for other words."""
    given = [allow] if isinstance(allow, str) else [*allow]
    for kind in given:
        if kind not in BREAKING:
            raise UsageError(f"allow has {shown(kind)}; it is one of {', '.join(BREAKING)}")
    return frozenset(given)
