"""Replaying: a history is entered with changed code, boundary by boundary."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from dwf_sim.errors import UsageError
from dwf_sim.given import shown
from dwf_sim.histories.code import digest_of, handlers_in
from dwf_sim.histories.comparing import compare
from dwf_sim.histories.history import Boundary, History
from dwf_sim.histories.reading import read_history
from dwf_sim.histories.table import table
from dwf_sim.histories.verdicts import (
    STUCK,
    Finding,
    Verdict,
    check_allowed,
    check_answers,
    worst_of,
)

if TYPE_CHECKING:
    from dwf_sim.world.serving import Servable


class HistoryBroken(AssertionError):
    """Changed code harms runs that older code began; the text says which, and how."""


@attrs.frozen
class Replayed:
    """What changed code makes of runs: a verdict for each boundary, in the history's order."""

    verdicts: tuple[Verdict, ...]

    @property
    def kind(self) -> str:
        """The worst of the classes."""
        return worst_of([verdict.kind for verdict in self.verdicts])

    @property
    def is_breaking(self) -> bool:
        """Whether runs are harmed."""
        return any(verdict.is_breaking for verdict in self.verdicts)

    def breaking(self, allow: Collection[str] = ()) -> list[Verdict]:
        """List the verdicts with something that is breaking, but for classes that are allowed.

        Raises `UsageError` for a class that there is not.
        """
        allowed = check_allowed(allow)
        return [each for each in self.verdicts if each.is_breaking_but_for(allowed)]

    def check(self, allow: Collection[str] = ()) -> None:
        """Raise `HistoryBroken` if runs are harmed, but for classes that are allowed.

        A class that there is not raises `UsageError`.
        """
        found = self.breaking(allow)
        if found:
            raise HistoryBroken("\n".join(table(found)))

    def __getitem__(self, boundary: str) -> Verdict:
        for verdict in self.verdicts:
            if verdict.title == boundary:
                return verdict
        known = ", ".join(repr(verdict.title) for verdict in self.verdicts)
        raise UsageError(f"boundary is {shown(boundary)}; it is one of {known}")

    def __str__(self) -> str:
        return "\n".join(table(self.verdicts))


class Replayer:
    """Enters code at the boundaries of a history, and says what becomes of a run that stands there.

        Replayer("tests/histories/shop-order.paid.history.json").replay(app).check()

    No body of a step is ever run. A step that was never recorded answers what `answers` has for
    it, by label; without that, something is made up as far as the code can be followed by it.
    An answer that the code asks for at no boundary is refused with a `UsageError`, unless
    `is_strict` is False, as for answers that are meant for several histories.
    `boundary` names one boundary, as in "after charge"; without it, all are entered. Raises
    `HistoryError` for a file that is no history, `UsageError` for a boundary that it does not have.
    """

    def __init__(
        self,
        history: History | Path | str,
        *,
        answers: Mapping[str, object] | None = None,
        boundary: str | None = None,
        is_strict: bool = True,
    ) -> None:
        self.history = history if isinstance(history, History) else read_history(history)
        self._answers = dict(answers or {})
        self._boundary = boundary
        self._is_strict = is_strict
        titles = [self.history.title(each) for each in self.history.boundaries]
        if boundary is not None and boundary not in titles:
            known = ", ".join(map(repr, titles))
            raise UsageError(f"boundary is {shown(boundary)}; it is one of {known}")

    def __repr__(self) -> str:
        return f"<replayer of {self.history.place}>"

    @property
    def boundaries(self) -> tuple[Boundary, ...]:
        """The boundaries at which the code is entered."""
        title = self.history.title
        chosen = self.history.boundaries
        return tuple(each for each in chosen if self._boundary in (None, title(each)))

    def replay(self, function: Servable) -> Replayed:
        """Enter the history's function, which is among what is given, as `serve` takes it.

        Raises `ConfigError` for what cannot be served, and `UsageError` for an answer that nobody
        asked for.
        """
        if self.history.function not in handlers_in(function):
            return Replayed(tuple(self._gone(each) for each in self.boundaries))
        replayed = Replayed(tuple(self._compared(function, each) for each in self.boundaries))
        self._refuse_unasked(function, replayed)
        return replayed

    def is_of(self, function: Servable) -> bool | None:
        """Say whether the history was recorded from this very source; None if that is not known."""
        handler = handlers_in(function).get(self.history.function)
        now = None if handler is None else digest_of(handler)
        return None if None in (now, self.history.source) else now == self.history.source

    def _compared(self, function: Servable, boundary: Boundary) -> Verdict:
        return compare(function, self.history, boundary, self._answers)

    def _refuse_unasked(self, function: Servable, replayed: Replayed) -> None:
        """Raise `UsageError` for an answer that the code never asks for, at any boundary."""
        asked = dict.fromkeys(step for verdict in replayed.verdicts for step in verdict.asked)
        if not self._is_strict or all(step in asked for step in self._answers):
            return
        for boundary in self.history.boundaries:
            if boundary not in self.boundaries:
                asked |= dict.fromkeys(self._compared(function, boundary).asked)
        check_answers(self._answers, asked)

    def _gone(self, boundary: Boundary) -> Verdict:
        text = f"the code has no function {self.history.function!r} any more, so its runs never end"
        finding = Finding(STUCK, "", text)
        return Verdict(self.history, boundary, STUCK, (finding,))
