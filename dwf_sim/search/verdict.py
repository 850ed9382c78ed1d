"""Verdicts: what a fault has brought about, by the same play in which nothing went wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

import attrs

from dwf_sim.errors import ConfigError
from dwf_sim.given import shown
from dwf_sim.search.course import times
from dwf_sim.search.outcome import Ending, Outcome

HOLDS = "holds"
DUPLICATE, LOST, STUCK, BROKEN, OTHER, MISTAKE, UNPLAYABLE = (
    "duplicate effect",
    "lost",
    "stuck",
    "broken",
    "other output",
    "mistake",
    "unplayable",
)
# Worst first: a run has the verdict that comes first here.
VERDICTS = (DUPLICATE, LOST, STUCK, BROKEN, OTHER, MISTAKE, UNPLAYABLE)


@attrs.frozen
class Verdict:
    """Something that should not be: its kind, what it is about, and a sentence.

    `kind` is "duplicate effect", "lost" (a run that failed or never was, an effect that is
    missing), "stuck" (a run that does not end), "broken" (an invariant, an oracle or an assertion
    of the play), "other output", "mistake" (docs/mistakes.md), or "unplayable", which
    is no mistake: the play has asked for what there is not, such as the run of an event that comes
    later. Two verdicts of one kind and about the same are one.
    """

    kind: str
    what: str
    text: str

    @property
    def same(self) -> tuple[str, str]:
        """What is equal for two that are one mistake."""
        return self.kind, self.what


def is_wrong(verdicts: Collection[Verdict]) -> bool:
    """Say whether any of them is a mistake."""
    return any(verdict.kind != UNPLAYABLE for verdict in verdicts)


def tolerated(given: object) -> tuple[str, ...]:
    """Take the kinds of verdicts that are none. Raises `ConfigError` for an unknown one."""
    kinds = (given,) if isinstance(given, str) else given
    if not isinstance(kinds, Collection) or not all(kind in VERDICTS for kind in kinds):
        raise ConfigError(
            f"tolerate is {shown(given)}; it is a list of verdicts: {', '.join(VERDICTS)}"
        )
    return tuple(kinds)


def judge(outcome: Outcome, calm: Outcome, tolerate: Collection[str] = ()) -> tuple[Verdict, ...]:
    """List what is wrong, worst first; `calm` is the outcome of the same play without faults."""
    found = [verdict for verdict in _found(outcome, calm) if verdict.kind not in tolerate]
    return tuple(sorted(found, key=lambda verdict: VERDICTS.index(verdict.kind)))


def _found(outcome: Outcome, calm: Outcome) -> Iterator[Verdict]:
    yield from _repeats(outcome)
    trouble = outcome.trouble
    if trouble is not None:
        yield Verdict(trouble.kind, trouble.what, trouble.text)
    if trouble is None or not trouble.is_early:
        is_free = _may_differ(outcome, calm)
        yield from _failures(outcome, calm)
        if not is_free:
            yield from _more_effects(outcome, calm)
            yield from _less_effects(outcome, calm)
            yield from _differences(outcome, calm)
    for what, text in outcome.mistakes:
        yield Verdict(MISTAKE, what, text)


def _repeats(outcome: Outcome) -> Iterator[Verdict]:
    for repeat in outcome.repeats:
        where = f"step {repeat.step}" if repeat.step is not None else "the handler"
        yield Verdict(
            DUPLICATE,
            f"{repeat.ledger} {repeat.operation}",
            f"{where} of {repeat.label} did {repeat.ledger} {repeat.operation} "
            f"{times(repeat.count)}, without an idempotency key",
        )


def _may_differ(outcome: Outcome, calm: Outcome) -> bool:
    """Whether the world outside has decided otherwise, so that another result is right.

    An event that comes late may find its wait over, or its run; and flow control decides by what
    came before and when, so that other runs may begin.
    """
    if outcome.overdue > calm.overdue:
        return True  # Whoever was to answer was late; the one who waits is not to blame.
    if outcome.is_late and (
        outcome.timeouts > calm.timeouts or outcome.cancellations != calm.cancellations
    ):
        return True
    choosy = {*outcome.choosy, *calm.choosy}
    return any(_begun(outcome, function) != _begun(calm, function) for function in choosy)


def _begun(outcome: Outcome, function: str) -> Counter[str]:
    return Counter(ending.events for ending in outcome.endings if ending.function == function)


def _failures(outcome: Outcome, calm: Outcome) -> Iterator[Verdict]:
    """Find runs that failed, where such runs do not fail of themselves."""
    used_to = {ending.function for ending in calm.endings if ending.status == "failed"}
    for ending in outcome.endings:
        if ending.status == "failed" and ending.function not in used_to:
            text = f"{ending.label} failed: {ending.text}"
            yield Verdict(LOST, ending.function, text)


def _more_effects(outcome: Outcome, calm: Outcome) -> Iterator[Verdict]:
    for name, count in outcome.effects.items():
        function, ledger, operation = name
        usual = calm.effects.get(name, 0)
        whose = f" of {function}" if function else ""
        text = f"{ledger} {operation}{whose} happened {times(count)}"
        if count > usual > 0:
            yield Verdict(DUPLICATE, f"{ledger} {operation}", f"{text}, not {times(usual)}")
        elif count > usual:
            yield Verdict(OTHER, f"{ledger} {operation}", f"{text}, and never without faults")


def _less_effects(outcome: Outcome, calm: Outcome) -> Iterator[Verdict]:
    for name, usual in calm.effects.items():
        function, ledger, operation = name
        count = outcome.effects.get(name, 0)
        if count < usual:
            whose = f" of {function}" if function else ""
            often = times(count) if count else "never"
            text = f"{ledger} {operation}{whose} happened {often}, not {times(usual)}"
            yield Verdict(LOST, f"{ledger} {operation}", text)


def _differences(outcome: Outcome, calm: Outcome) -> Iterator[Verdict]:
    """Compare the runs of a function for the same events."""
    usual, found = _by_cause(calm), _by_cause(outcome)
    for cause, expected in usual.items():
        here = found.get(cause, [])
        if len(here) < len(expected):
            text = f"{cause[0]} ran {times(len(here)) if here else 'never'} for {cause[1]}"
            yield Verdict(LOST, cause[0], f"{text}, not {times(len(expected))}")
        results = {(ending.status, ending.text) for ending in expected}
        for ending in here:
            if ending.status != "failed" and (ending.status, ending.text) not in results:
                yield Verdict(OTHER, cause[0], _differs(ending, expected[0]))
    for cause, endings in found.items():
        if cause not in usual and endings[0].status != "failed":
            text = f"{endings[0].label} ran for {cause[1]}; without faults nothing does"
            yield Verdict(OTHER, cause[0], text)


def _differs(ending: Ending, usual: Ending) -> str:
    def said(one: Ending) -> str:
        return f"returned {one.text}" if one.status == "completed" else f"is {one.status}"

    return f"{ending.label} {said(ending)}; without faults it {said(usual)}"


def _by_cause(outcome: Outcome) -> dict[tuple[str, str], list[Ending]]:
    found: dict[tuple[str, str], list[Ending]] = {}
    for ending in outcome.endings:
        found.setdefault(ending.cause, []).append(ending)
    return found
