"""Excuses: functions whose runs may come to something else, since the world outside has decided so.

Nobody is to blame for an answer that came too late. But only who waited for it may do otherwise,
and who hears of that: what else goes wrong in the same run of the search stays wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from dwf_sim.model.run import CANCELLED
from dwf_sim.outcomes.outcome import Ending, Outcome


def free_functions(outcome: Outcome, calm: Outcome) -> dict[str, None]:
    """List the functions whose runs need not come to the same as without faults.

    They are those whose waits nobody has answered in time, those whose flow control has let other
    runs begin, and those that they have started, answered or cancelled, and so on.
    """
    here, usual = outcome.by_cause, calm.by_cause
    found: dict[str, None] = {}
    for cause in {**usual, **here}:
        if _may_differ(here.get(cause, ()), usual.get(cause, ()), outcome):
            found[cause[0]] = None
    for function in dict.fromkeys((*calm.choosy, *outcome.choosy)):
        if _begun(outcome, function) != _begun(calm, function):
            found[function] = None
    return _with_those_after(found, (*calm.flows, *outcome.flows))


def _may_differ(here: Sequence[Ending], usual: Sequence[Ending], outcome: Outcome) -> bool:
    """Whether runs of one cause may end otherwise.

    Whoever was to answer was late; or the answer came before the run could begin to wait. An event
    that comes late may find its wait over, or its run, or be too late to cancel it; and so may the
    run that a copy of an event has started after all that. What comes late may also be heard by one
    who would have missed it.
    """
    if _sum(here, "overdue") > _sum(usual, "overdue") or _sum(here, "missed") > _sum(
        usual, "missed"
    ):
        return True
    timeouts, usual_timeouts = _sum(here, "timeouts"), _sum(usual, "timeouts")
    has_timed_out = timeouts > usual_timeouts
    if timeouts < usual_timeouts and (outcome.is_late or outcome.has_copies):
        return True
    cancelled, usually = _cancelled(here), _cancelled(usual)
    if outcome.is_late and (has_timed_out or cancelled != usually):
        return True
    is_copied = outcome.has_copies and len(here) > len(usual)
    return is_copied and (has_timed_out or 0 < usually <= cancelled < len(here))


def _sum(endings: Sequence[Ending], name: str) -> int:
    return sum(getattr(ending, name) for ending in endings)


def _cancelled(endings: Sequence[Ending]) -> int:
    return sum(ending.status == CANCELLED for ending in endings)


def _begun(outcome: Outcome, function: str) -> Counter[tuple[str, bool]]:
    """Count for which events runs began, and which were cancelled, as a newer one does to it."""
    mine = [ending for ending in outcome.endings if ending.function == function]
    return Counter((ending.events, ending.status == CANCELLED) for ending in mine)


def _with_those_after(first: dict[str, None], flows: Iterable[tuple[str, str]]) -> dict[str, None]:
    """Add the functions that these have had to do with, and those that those have."""
    after: dict[str, list[str]] = {}
    for source, function in flows:
        after.setdefault(source, []).append(function)
    found, left = dict(first), list(first)
    while left:
        for function in after.get(left.pop(), ()):
            if function not in found:
                found[function] = None
                left.append(function)
    return found
