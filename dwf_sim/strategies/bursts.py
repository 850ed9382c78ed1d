"""Bursts as a strategy: many events at once, or apart by spans that mean something."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from dwf_sim.strategies.scenarios import fixed_sends, in_time, triggering_sends
from dwf_sim.strategies.subject import Subject
from dwf_sim.strategies.trial import Send

__all__ = ["bursts"]


def bursts(
    subject: Subject, events: Any, size: int, gaps: Sequence[int]
) -> st.SearchStrategy[tuple[Send, ...]]:
    """Draw up to `size` events, with one of the `gaps` (milliseconds) before each, or all at once.

    `events` is as for `scenarios`; a list is sent as it is, and one event again and again.
    """
    if isinstance(events, list):
        return st.just(fixed_sends(events))
    if not isinstance(events, st.SearchStrategy):
        sends = triggering_sends(subject) if events is None else fixed_sends(events)
        events = st.sampled_from([send.event for send in sends])
    apart = st.tuples(st.sampled_from([0, *gaps]), events)
    at_once = st.tuples(st.just(0), events)
    return st.one_of(
        st.lists(apart, min_size=1, max_size=size),
        st.lists(at_once, min_size=size, max_size=size),
    ).map(in_time)
