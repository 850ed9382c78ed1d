"""Verdicts: what a fault has brought about, by the same play in which nothing went wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import attrs

from dwf_sim.errors import ConfigError
from dwf_sim.given import shown
from dwf_sim.model.run import FAILED
from dwf_sim.outcomes.outcome import Effect, Ending, Outcome
from dwf_sim.search.course import times
from dwf_sim.search.excuses import free_functions

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
    known = [kind for kind in VERDICTS if kind != UNPLAYABLE]
    if not isinstance(kinds, Collection) or not all(kind in known for kind in kinds):
        raise ConfigError(
            f"tolerate is {shown(given)}; it is a list of verdicts: {', '.join(known)}. What could "
            "not be played proves nothing, and counts as no mistake anyway"
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
        free = free_functions(outcome, calm)
        yield from _failures(outcome, calm, free)
        yield from _other_effects(outcome, calm, free)
        yield from _differences(outcome, calm, free)
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


def _failures(outcome: Outcome, calm: Outcome, free: Collection[str]) -> Iterator[Verdict]:
    """Find causes of which more runs failed than fail of themselves.

    If one of a cause fails of itself, so may the runs that a copy of its event has started. The
    runs of a free function may be of other causes: then it counts whether any fails of itself.
    """
    usual = calm.by_cause
    used_to = {ending.function for ending in calm.endings if ending.status == FAILED}
    for cause, here in outcome.by_cause.items():
        expected = usual.get(cause, [])
        failed = [ending for ending in here if ending.status == FAILED]
        allowed = sum(ending.status == FAILED for ending in expected)
        if allowed:
            allowed += max(0, len(here) - len(expected))
        elif not expected and cause[0] in free and cause[0] in used_to:
            allowed = len(failed)
        if len(failed) > allowed:
            usual_texts = [ending.text for ending in expected if ending.status == FAILED]
            failed.sort(key=lambda ending: ending.text in usual_texts)
            for ending in failed[: len(failed) - allowed]:
                name = ending.text.partition(":")[0]
                text = f"{ending.label} failed: {ending.text}"
                yield Verdict(LOST, f"{ending.function} {name}", text)


def _other_effects(outcome: Outcome, calm: Outcome, free: Collection[str]) -> Iterator[Verdict]:
    """Compare what was done outside: by key, or else by the cause of the run that did it."""
    for name in dict.fromkeys((e.ledger, e.operation) for e in (*calm.done, *outcome.done)):
        usual, here = _of_operation(calm, name), _of_operation(outcome, name)
        expected, found = _counted(usual, _identity), _counted(here, _identity)
        others = [e for e in (*usual, *here) if found[_identity(e)] != expected[_identity(e)]]
        for function in dict.fromkeys(effect.function for effect in others):
            count, often = (
                sum(n for e, n in done.items() if e.function == function) for done in (here, usual)
            )
            whose = f"{' '.join(name)} of {function}" if function else " ".join(name)
            if function in free:
                if count > often and _is_more_a_step(function, here, usual, calm):
                    text = f"{whose} happened {times(count)}, not {times(often)}"
                    yield Verdict(DUPLICATE, " ".join(name), text)
            elif count != often:
                yield _more_or_less(" ".join(name), whose, count, often)
            else:
                mine = [effect for effect in others if effect.function == function]
                yield from _instead(mine, found, expected)


def _of_operation(outcome: Outcome, name: tuple[str, str]) -> dict[Effect, int]:
    return {e: n for e, n in outcome.done.items() if (e.ledger, e.operation) == name}


def _identity(effect: Effect) -> object:
    """What makes it another than others of its operation."""
    return effect.cause if effect.key is None else effect.key


def _counted(done: Mapping[Effect, int], by: Callable[[Effect], object]) -> Counter[object]:
    counts: Counter[object] = Counter()
    for effect, count in done.items():
        counts[by(effect)] += count
    return counts


def _is_more_a_step(
    function: str, here: Mapping[Effect, int], usual: Mapping[Effect, int], calm: Outcome
) -> bool:
    """Whether a step has done more for one cause than any step of the function does without faults.

    Who is free may go another way, such as to remind somebody again, but not do a thing twice.
    """

    def place(effect: Effect) -> object:
        return effect.cause, effect.step

    runs = Counter(ending.cause for ending in calm.endings)
    before, now = (
        _counted({e: n for e, n in done.items() if e.function == function}, place)
        for done in (usual, here)
    )
    causes = {place(effect): effect.cause for effect in (*usual, *here)}
    most = max((-(-n // max(1, runs[causes[at]])) for at, n in before.items()), default=1)
    return any(n > most * max(1, runs[causes[at]]) for at, n in now.items())


def _more_or_less(what: str, whose: str, count: int, usual: int) -> Verdict:
    often = times(count) if count else "never"
    text = f"{whose} happened {often}"
    if count > usual == 0:
        return Verdict(OTHER, what, f"{text}, and never without faults")
    return Verdict(DUPLICATE if count > usual else LOST, what, f"{text}, not {times(usual)}")


def _instead(
    others: Sequence[Effect], found: Counter[object], expected: Counter[object]
) -> Iterator[Verdict]:
    """Say what was done in place of something else, so that it is as much in all."""
    for effect in others:
        count, usual = found[_identity(effect)], expected[_identity(effect)]
        what = f"{effect.ledger} {effect.operation}"
        if effect.key is None:
            whose = f"{what} of {effect.function} for {effect.events}"
            yield _more_or_less(what, whose, count, usual)
        elif count > usual:
            keys = [other.key for other in others if expected[other.key] > found[other.key]]
            instead = f" in place of {', '.join(map(repr, dict.fromkeys(keys)))}" if keys else ""
            text = f"{what} of {effect.function} happened with the key {effect.key!r}{instead}"
            yield Verdict(OTHER, what, text)


def _differences(outcome: Outcome, calm: Outcome, free: Collection[str]) -> Iterator[Verdict]:
    """Compare the runs of a function for the same events."""
    usual, found = calm.by_cause, outcome.by_cause
    for cause, expected in usual.items():
        if cause[0] not in free:
            yield from _differing(found.get(cause, []), expected, outcome)
    for cause, endings in found.items():
        if cause not in usual and cause[0] not in free and endings[0].status != FAILED:
            text = f"{endings[0].label} ran for {cause[1]}; without faults nothing does"
            yield Verdict(OTHER, cause[0], text)


def _differing(
    here: Sequence[Ending], expected: Sequence[Ending], outcome: Outcome
) -> Iterator[Verdict]:
    """Compare the runs of one cause: each with one of those without faults, if there are as many.

    A copy of an event starts one run more, which is to end as any of them. So does one with an id
    that is sent again when that is not remembered any more, as after a day (B16).
    """
    function, events = expected[0].cause
    if len(here) < len(expected):
        text = f"{function} ran {times(len(here)) if here else 'never'} for {events}"
        yield Verdict(LOST, function, f"{text}, not {times(len(expected))}")
    elif len(here) - _again(here) > len(expected) and not outcome.has_copies:
        text = f"{function} ran {times(len(here))} for {events}, not {times(len(expected))}"
        yield Verdict(OTHER, function, text)
    left = Counter((ending.status, ending.text) for ending in expected)
    is_one_each = len(here) == len(expected)
    for ending in here:
        result = ending.status, ending.text
        if ending.status != FAILED and left[result] <= 0:
            yield Verdict(OTHER, function, _differs(ending, expected))
        elif is_one_each:
            left[result] -= 1


def _again(here: Sequence[Ending]) -> int:
    """Count the runs whose events have the ids that those of another have."""
    ids = [ending.ids for ending in here if ending.ids]
    return len(ids) - len(dict.fromkeys(ids))


def _differs(ending: Ending, expected: Sequence[Ending]) -> str:
    def said(one: Ending) -> str:
        return f"returned {one.text}" if one.status == "completed" else f"is {one.status}"

    if all(said(one) == said(expected[0]) for one in expected) and said(ending) != said(
        expected[0]
    ):
        return f"{ending.label} {said(ending)}; without faults it {said(expected[0])}"
    usual = ", ".join(f"{one.label} {said(one)}" for one in expected)
    return f"{ending.label} {said(ending)}; without faults {usual}"
