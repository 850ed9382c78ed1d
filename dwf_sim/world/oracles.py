"""Oracles of the user's own: what must hold always, sometimes, or eventually.

A simulation watches what it is told to, `sim.always("stock is never negative", lambda: ...)`; the
functions of the same names are for code inside of it, handlers and the bodies of steps, where they
say what holds at that line. Outside of a simulation they do nothing, so they may stay there.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable

import attrs

from dwf_sim.drivers.outlets import present
from dwf_sim.duration import to_ms
from dwf_sim.errors import UsageError
from dwf_sim.given import check_text, shown
from dwf_sim.model.claims import ALWAYS, EVENTUALLY, SOMETIMES, Claimed
from dwf_sim.report.broken import Failure
from dwf_sim.sim.activity import ACTIVITY
from dwf_sim.sim.runner import Runner

Predicate = Callable[[], object]


@attrs.define
class _Watch:
    """Something a simulation watches; `by` is the last instant for an `eventually`."""

    kind: str
    name: str
    predicate: Predicate | None
    by: int | None = None
    has_happened: bool = False


@attrs.frozen
class Broken:
    """A claim that does not hold: what it says, and the number of its record."""

    kind: str
    name: str
    message: str
    seq: int
    run: str | None = None


class Oracles:
    """The claims of one simulation; the first that does not hold ends what lets time go on."""

    def __init__(self, runner: Runner, failure: Failure) -> None:
        self._runner = runner
        self._failure = failure
        self._watches: list[_Watch] = []
        self._happened: dict[str, None] = {}
        self._broken: Broken | None = None

    def always(self, name: str, predicate: Predicate) -> None:
        """Watch that something is true, now and after whatever happens."""
        self._add(_Watch(ALWAYS, name, _checked(name, predicate)))

    def sometimes(self, name: str, predicate: Predicate | None) -> None:
        """Watch for something to be true once; without a predicate, for code to say so."""
        checked = None if predicate is None else _checked(name, predicate)
        watch = _Watch(SOMETIMES, name, checked, has_happened=name in self._happened)
        self._add(watch)

    def eventually(self, name: str, predicate: Predicate, within: object) -> None:
        """Watch that something becomes true within a duration, or else before the check."""
        by = None if within is None else self._runner.agenda.now + to_ms(within)  # type: ignore[arg-type]  # It says what is wrong with it.
        self._add(_Watch(EVENTUALLY, name, _checked(name, predicate), by))

    def _add(self, watch: _Watch) -> None:
        check_text(f"name of {watch.kind}", watch.name)
        self._watches.append(watch)
        if watch.predicate is not None:
            self._runner.watch = self.look
            self.look()

    def look(self) -> None:
        """Look at all that is watched, after something has happened."""
        if self._broken is not None:
            broken, self._broken = self._broken, None
            self._raise(broken)
        now = self._runner.agenda.now
        for watch in self._watches:
            if watch.has_happened or watch.predicate is None:
                continue
            holds = _said(watch.name, watch.predicate())
            if watch.kind != ALWAYS:
                is_late = watch.by is not None and now > watch.by
                watch.has_happened = holds or is_late  # That it is late is told once.
                if is_late:
                    self._break(watch.kind, watch.name, "it did not happen in time")
                elif holds:
                    self._note(watch.kind, watch.name, holds=True)
            elif not holds:
                self._break(watch.kind, watch.name, "it is not true here")

    def claim(self, kind: str, name: str, *, holds: bool, details: str) -> None:
        """Take in what code inside the simulation says."""
        if holds and kind == SOMETIMES and name not in self._happened:
            self._happened[name] = None
            self._note(kind, name, holds=True, details=details)
            for watch in self._watches:
                if watch.kind == SOMETIMES and watch.name == name:
                    watch.has_happened = True
        elif not holds and kind == ALWAYS:
            message = f"it is not true here{details and ': ' + details}"
            broken = self._make(kind, name, message, details)
            if ACTIVITY.get() is None:
                self._raise(broken)
            elif self._broken is None:  # User code might catch it; the event loop does not.
                self._broken = broken
                self._runner.watch = self.look

    @property
    def met(self) -> list[str]:
        """Name the claims that something sometimes holds, which have come true so far."""
        return [each.name for each in self._watches if each.kind == SOMETIMES and each.has_happened]

    @property
    def demanded(self) -> list[str]:
        """Name what is demanded to hold sometimes."""
        return [each.name for each in self._watches if each.kind == SOMETIMES]

    @property
    def missing(self) -> list[str]:
        """Say which claims that something happens have not come true so far."""
        return [
            f"{watch.kind} {watch.name!r} never happened"
            for watch in self._watches
            if watch.kind != ALWAYS and not watch.has_happened
        ]

    @property
    def unkept(self) -> list[str]:
        """Say what was to happen eventually and has not so far."""
        return [text for text in self.missing if text.startswith(EVENTUALLY)]

    def _break(self, kind: str, name: str, message: str) -> None:
        self._raise(self._make(kind, name, message, ""))

    def _raise(self, claim: Broken) -> None:
        verb = "must always hold" if claim.kind == ALWAYS else "must happen"
        raise self._failure.broken(f"{claim.name!r} {verb}", claim.message, claim.seq)

    def _make(self, kind: str, name: str, message: str, details: str) -> Broken:
        seq = self._note(kind, name, holds=False, details=details)
        activity = ACTIVITY.get()
        return Broken(kind, name, message, seq, activity.run_id if activity else None)

    def _note(self, kind: str, name: str, *, holds: bool, details: str = "") -> int:
        activity = ACTIVITY.get()
        run, step, cause = None, None, None
        if activity is not None:
            run, step, cause = activity.run_id, activity.step, activity.cause
        return self._runner.emit(Claimed(kind, name, holds, run, step, details), cause)


def always(name: str, holds: object, **details: object) -> None:
    """Say in a handler, a step or a test that something must be true each time it is here.

    `holds` is the value, or a function of nothing that gives it. If it is not true, the simulation
    ends with `InvariantViolated`, whatever the code around it catches; `details` are shown then.
    What has to be awaited raises `UsageError`.
    """
    _claim(ALWAYS, name, holds, details)


def sometimes(name: str, holds: object = True, **details: object) -> None:  # Read as a sentence.
    """Say that something is true here, or was reached: `sim.sometimes(name)` demands it once.

    What has to be awaited raises `UsageError`.
    """
    _claim(SOMETIMES, name, holds, details)


def eventually(name: str, predicate: Predicate, within: object = None) -> None:
    """Have the simulation watch that something becomes true, if need be `within` a duration.

    That is a text such as "1h", a `timedelta` or an int of milliseconds. Raises
    `InvariantViolated` when it is over, `UsageError` for what cannot be watched.
    """
    oracles = _of_here()
    if oracles is not None:
        oracles.eventually(name, predicate, within)


def _claim(kind: str, name: str, holds: object, details: dict[str, object]) -> None:
    oracles = _of_here()
    if oracles is None:
        return
    check_text(f"name of {kind}", name)
    truth = holds() if callable(holds) else holds
    text = ", ".join(f"{key}={shown(content)}" for key, content in details.items())
    oracles.claim(kind, name, holds=_said(name, truth), details=text)


def _checked(name: str, predicate: object) -> Predicate:
    if not callable(predicate):
        raise UsageError(
            f"the predicate of {shown(name)} is {shown(predicate)}; it is a function that says "
            "whether it holds, such as lambda: stock >= 0"
        )
    return predicate


def _said(name: str, holds: object) -> bool:
    """Take what a predicate says; one that would have to be awaited says nothing."""
    if inspect.isawaitable(holds):
        if inspect.iscoroutine(holds):
            holds.close()
        raise UsageError(
            f"what {shown(name)} says has to be awaited, so it would always count as true; give a "
            "plain function, or await it before"
        )
    return bool(holds)


def _of_here() -> Oracles | None:
    oracles = getattr(present(), "oracles", None)
    return oracles if isinstance(oracles, Oracles) else None
