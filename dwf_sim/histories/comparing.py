"""Comparing: what changed code asks for at a boundary, beside what the recorded code asked for.

First the handler is entered once with what the run remembers. If it comes to all of that, and to
what the run waits for, nothing is lost. If not, the run is played on to see whether it does later.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from dwf_sim.drivers.base import Ask
from dwf_sim.histories.history import (
    INVOKE,
    RUN,
    SLEEP,
    WAIT,
    Awaited,
    Boundary,
    History,
    Memo,
)
from dwf_sim.histories.probe import INVENTIONS
from dwf_sim.histories.reasons import (
    at,
    awaited_by,
    condition_of,
    elsewhere,
    last_place,
    made_up,
    misfit,
    repeat,
    thrown,
    unknown,
)
from dwf_sim.histories.stage import UNEXPECTED, Course, Entry, Stage
from dwf_sim.histories.verdicts import (
    ORPHAN,
    SAFE,
    SAME,
    STUCK,
    TYPE,
    Finding,
    Verdict,
    worst_of,
)
from dwf_sim.model.messages import Returned, Threw

if TYPE_CHECKING:
    from dwf_sim.world.serving import Servable


def compare(
    code: Servable, history: History, boundary: Boundary, given: Mapping[str, object]
) -> Verdict:
    """Say what becomes of a run that stands at a boundary when it goes on with this code."""
    with Stage(code, history, boundary, given) as stage:
        entry = stage.enter()
    return _Comparison(code, history, boundary, given, entry).verdict()


class _Comparison:
    """One boundary and one version of the code."""

    def __init__(
        self,
        code: Servable,
        history: History,
        boundary: Boundary,
        given: Mapping[str, object],
        entry: Entry,
    ) -> None:
        self._code = code
        self._history = history
        self._boundary = boundary
        self._given = given
        self._entry = entry
        self._asks = {ask.step: ask for ask in reversed(entry.asks)}
        self._asked = dict.fromkeys(ask.step for ask in entry.asks)
        self._findings: list[Finding] = []
        self._notes: list[str] = []

    def verdict(self) -> Verdict:
        """Look at the entry, then further if it leaves something open."""
        self._findings += self._twice()
        self._findings += self._others(self._asks)
        self._findings += self._failure()
        if not self._has(STUCK) and not self._has_failed():
            self._look_further()
        is_same = not self._findings and not self._notes and self._is_same()
        kind = worst_of([finding.kind for finding in self._findings]) if self._findings else SAFE
        if not self._findings and not is_same:
            self._notes = [*self._differences(), *self._notes]
        findings = dict.fromkeys(self._findings)  # Each once.
        order = sorted(findings, key=lambda finding: worst_of([finding.kind]) != kind)
        return Verdict(
            self._history,
            self._boundary,
            SAME if is_same else kind,
            tuple(order),
            tuple(dict.fromkeys(self._notes)),
            tuple(self._asked),
        )

    # One entry.

    def _twice(self) -> Iterator[Finding]:
        """Two steps of one label: the second never has a memo, so the run never ends (A11)."""
        seen: dict[str, None] = {}
        for ask in self._entry.asks:
            if ask.step in seen:
                text = (
                    f"{ask.step!r} is asked for twice in one entry, by an id of its own and as a "
                    "repeat of another: the second never gets a memo, and the run never ends"
                )
                yield Finding(STUCK, ask.step, text, ask.place)
            seen[ask.step] = None

    def _others(self, asks: Mapping[str, Ask]) -> Iterator[Finding]:
        """Steps whose memo, or whose wait, was made for something else."""
        for memo in self._history.known_at(self._boundary):
            ask = asks.get(memo.step)
            if ask is not None and (text := misfit(memo, ask)):
                yield Finding(TYPE, memo.step, text, ask.place)
        for step in self._boundary.waits_for:
            ask = asks.get(step.step)
            if ask is not None and ask.kind != step.kind:
                text = (
                    f"{step.step!r} was reported as a {step.kind} and is one of kind {ask.kind} "
                    f"now: what is under way is the {step.kind}, and its outcome is taken for that"
                )
                yield Finding(TYPE, step.step, text, ask.place)
            elif ask is not None:
                yield from self._other_wait(step, ask)

    def _other_wait(self, step: Awaited, ask: Ask) -> Iterator[Finding]:
        """What a wait was reported for that is asked for in another way now."""
        awaited = awaited_by(ask)
        if step.awaits is not None and awaited is not None and awaited != step.awaits:
            text = (
                f"the run waits for {step.awaits!r} at {step.step!r}, as it was reported, and "
                f"not for {awaited!r}: it goes on by the old one, or by its timeout"
            )
            yield Finding(STUCK, step.step, text, ask.place)
        elif step.kind == INVOKE and (before := self._awaited(step.step)) != awaited:
            self._notes.append(
                f"{at(ask)}{step.step!r} was reported as an invoke of {before!r} and is one of "
                f"{awaited!r} now: the run goes on with what the first one gives"
            )
        elif step.kind == WAIT and (condition := condition_of(ask)) != step.condition:
            self._notes.append(
                f"{at(ask)}{step.step!r} was reported with the condition {step.condition}, "
                f"which stays in force for this run, and not {condition}"
            )

    def _failure(self) -> Iterator[Finding]:
        response, ends = self._entry.response, self._boundary.ends
        if response is None:
            text = "the handler comes neither to a step nor to an end"
            yield Finding(STUCK, "", text, last_place(self._entry))
        elif isinstance(response, Threw) and (response.error.name != ends or self._unread()):
            yield thrown(response, self._entry)

    def _has(self, kind: str) -> bool:
        return any(finding.kind == kind for finding in self._findings)

    def _has_failed(self) -> bool:
        return isinstance(self._entry.response, Threw) or self._entry.response is None

    def _is_same(self) -> bool:
        known = [memo.step for memo in self._history.known_at(self._boundary)]
        wanted = {*known} - {*self._boundary.unread}
        if {*self._asks} & {*known} != wanted:
            return False
        mine = {(ask.step, ask.kind, awaited_by(ask)) for ask in self._entry.fresh}
        theirs = {(ask.step, ask.kind, self._awaited(ask.step)) for ask in self._boundary.asks}
        is_end = isinstance(self._entry.response, Returned)
        return mine == theirs and is_end == (self._boundary.ends == "return")

    def _awaited(self, step: str) -> str | None:
        """Say what the recorded code waited for with a step that it asked for here."""
        asked = next((ask for ask in self._boundary.asks if ask.step == step), None)
        if asked is not None and asked.kind == INVOKE and asked.awaits is None:
            # Older files do not say which function was invoked.
            return awaited_by(self._asks[step]) if step in self._asks else None
        return None if asked is None else asked.awaits

    # What is otherwise, and harmless.

    def _differences(self) -> Iterator[str]:
        before = {ask.step: ask for ask in self._boundary.asks}
        for ask in self._entry.fresh:
            if ask.step not in before:
                late = self._done_before(ask)
                yield f"{at(ask)}{ask.step!r} is asked for now{late}"
        for step in before:
            if step not in self._asks:
                yield f"{step!r} is not asked for at this point, as it was when it was recorded"

    def _done_before(self, ask: Ask) -> str:
        """Say which remembered steps come after a new one in the code."""
        known = [memo.step for memo in self._history.known_at(self._boundary)]
        late = [step for step in known if step not in self._asks]
        if not late or ask.kind == SLEEP:
            return ""
        return f", although {', '.join(map(repr, late))}, which comes after it, is done"

    # Further.

    def _unread(self) -> list[str]:
        """What is remembered, and the entry has not asked for, although the recorded code did."""
        passed = (*self._asks, *self._boundary.unread)
        known = self._history.known_at(self._boundary)
        return [memo.step for memo in known if memo.step not in passed]

    def _look_further(self) -> None:
        unread, waits = self._unread(), self._waits()
        unasked = [step.step for step in waits if step.step not in self._asks]
        is_split = len([step for step in waits if step.kind == RUN]) > 0 and not self._is_same()
        if unread or unasked or is_split:
            self._judge(self._course([*unread, *unasked]))

    def _waits(self) -> list[Awaited]:
        """What the run waits for, but for a race's losers, for which nobody asked any more."""
        asked = [ask.step for ask in self._boundary.asks]
        return [step for step in self._boundary.waits_for if step.step in asked]

    def _course(self, wanted: Sequence[str]) -> Course:
        """Play on; when made-up answers lead to an error, or past what is wanted, try others."""
        courses = []
        for invention in INVENTIONS:
            with Stage(
                self._code, self._history, self._boundary, self._given, invention=invention
            ) as stage:
                course = stage.go_on(wanted)
            is_led = course.error is None and all(step in course.asks for step in wanted)
            if is_led or course.is_cut or not course.made_up:
                return course
            courses.append(course)
        return next((course for course in courses if course.error is None), courses[-1])

    def _judge(self, course: Course) -> None:
        asks = {**course.asks, **self._asks}
        later = {name: ask for name, ask in asks.items() if name not in self._asks}
        self._asked |= dict.fromkeys(asks)
        self._findings += self._others(later)
        lost = [
            memo
            for memo in self._history.known_at(self._boundary)
            if memo.step not in asks and memo.step not in self._boundary.unread
        ]
        is_known = not self._is_guesswork(course, asks)
        if course.made_up:
            self._notes.append(made_up(course) if is_known else unknown(course))
        error = None if course.error is None else course.error.error.name
        if is_known and course.error is not None and (error != self._final_error() or lost):
            self._findings.append(thrown(course.error, course.entries[-1]))
        elif is_known and course.is_idle:
            text = "nothing is left to happen, and the run has not ended"
            self._findings.append(Finding(STUCK, "", text))
        if course.is_cut:
            self._notes.append("the code asks for more steps than it was followed for")
        is_followed = is_known and course.error is None and not course.is_cut
        self._findings += self._losses(lost, course, asks, is_followed=is_followed)
        self._findings += self._left(course, asks)

    def _is_guesswork(self, course: Course, asks: Mapping[str, Ask]) -> bool:
        """Whether the code was led astray by an answer that was made up.

        It has failed on that; or it has ended, and more recorded steps were not come to than new
        ones were, which may be theirs under other ids.
        """
        if not course.made_up:
            return False
        if course.error is not None:
            return course.error.error.name != UNEXPECTED
        missed = [step for step in self._history.calls if step not in asks]
        is_last = _order(course, self._entry)[-1] == course.made_up[-1]
        return is_last and len(missed) > len(course.made_up)

    def _losses(
        self, lost: Sequence[Memo], course: Course, asks: Mapping[str, Ask], *, is_followed: bool
    ) -> Iterator[Finding]:
        """What is remembered for nothing, and before that what may do its work again."""
        found, why = self._repeats(lost, course, asks)
        yield from found
        for memo in lost:
            text = f"nobody asks for {memo.step!r} any more: what it gave is passed over"
            if not is_followed:
                text = f"{memo.step!r} is not asked for, as far as the code could be followed"
            yield Finding(why.get(memo.step, ORPHAN), memo.step, text)

    def _final_error(self) -> str | None:
        return self._history.boundaries[-1].ends

    def _left(self, course: Course, asks: Mapping[str, Ask]) -> Iterator[Finding]:
        """What the run waits for, and nobody asks for any more."""
        for step in self._waits():
            if step.step in asks:
                continue
            if step.kind == SLEEP:
                text = f"the run sleeps at {step.step!r}, for which nobody asks any more"
                yield Finding(ORPHAN, step.step, text)
            elif step.kind == RUN:
                yield from self._gone(step, course)
            else:
                what = "an answer" if step.kind == INVOKE else repr(step.awaits)
                text = (
                    f"the run waits for {what} at {step.step!r}, for which nobody asks any more: "
                    "it stands still until that comes, or its timeout, and all for nothing"
                )
                yield Finding(STUCK, step.step, text)

    def _gone(self, step: Awaited, course: Course) -> Iterator[Finding]:
        """A planned step that the code lacks: what its request comes to (A41, A42)."""
        if course.error is not None and course.error.error.name == UNEXPECTED:
            return  # The code was not followed to where it may be, and that is told.
        text = (
            f"{step.step!r} is about to be run by a request of its own, which finds no such step "
            "any more"
        )
        skipped = [] if course.last is None else [repr(ask.step) for ask in course.last.fresh]
        if not course.is_whole:
            yield Finding(STUCK, step.step, text)
        elif skipped:
            text += (
                f": the run ends with that, before {', '.join(skipped)} are remembered, with what "
                "the code makes without them"
            )
            yield Finding(STUCK, step.step, text)
        else:
            self._notes.append(f"{text}: that fails, and is tried again, until the rest is done")

    def _repeats(
        self, lost: Sequence[Memo], course: Course, asks: Mapping[str, Ask]
    ) -> tuple[list[Finding], dict[str, str]]:
        """New steps that may be lost ones under other ids: those that stand where such stood, and
        for the rest, any of their kind. Also says which class each of the lost has from that."""
        found: dict[str, Finding] = {}
        why: dict[str, str] = {}
        recorded = {*self._history.calls}
        now = _order(course, self._entry)
        by_label = {memo.step: memo for memo in lost}
        matcher = difflib.SequenceMatcher(None, self._history.calls, now, autojunk=False)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes():
            old = [by_label[step] for step in self._history.calls[i1:i2] if step in by_label]
            new = [asks[step] for step in now[j1:j2] if step not in recorded]
            for ask in new if tag == "replace" else ():
                if (finding := repeat(ask, old)) is not None:
                    found[ask.step] = finding
                    why |= {memo.step: finding.kind for memo in old if memo.kind == ask.kind}
        rest = [memo for memo in lost if memo.step not in why]
        for ask in [asks[step] for step in now if step not in recorded and step not in found]:
            if (finding := elsewhere(ask, rest)) is not None:
                found[ask.step] = finding
                why |= {memo.step: finding.kind for memo in rest if memo.kind == ask.kind}
        return [*found.values()], why


def _order(course: Course, entry: Entry) -> list[str]:
    """List the steps in the order in which the code asks for them, as far as it was followed."""
    fullest = max(course.entries, key=lambda each: len(each.asks), default=entry)
    found = dict.fromkeys(ask.step for ask in fullest.asks)
    return [*found, *(step for step in course.asks if step not in found)]
