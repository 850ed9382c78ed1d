"""Events as a strategy: a name, and data of which any part may be drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from dwf_sim.errors import ConfigError
from dwf_sim.given import check_text, shown
from dwf_sim.model.event import Event

__all__ = ["events"]


def events(
    name: str,
    data: Mapping[str, object] | st.SearchStrategy[Mapping[str, object]] | None = None,
    *,
    id: str | st.SearchStrategy[str] = "",  # noqa: A002  # The event's own field.
    ts: int | st.SearchStrategy[int] = 0,
) -> st.SearchStrategy[Event]:
    """Draw events of a name: `events("order/created", {"orderId": st.integers(1, 3)})`.

    `data` is a table whose values, at any depth, are strategies or stay as they are, or a strategy
    of whole tables. `id` and `ts` (milliseconds since 1970) are the event's own, likewise.
    Raises `ConfigError` for a name that is no text and data that is no table.
    """
    check_text("name of events", name)
    if data is not None and not isinstance(data, Mapping | st.SearchStrategy):
        raise ConfigError(
            f"data of events is {shown(data)}; give a table, such as "
            '{"orderId": st.integers(1, 3)}, or a strategy of tables'
        )
    return st.builds(
        Event, st.just(name), _drawn({} if data is None else data), id=_drawn(id), ts=_drawn(ts)
    )


def _drawn(given: Any) -> st.SearchStrategy[Any]:
    """Take a value for a strategy: strategies inside of tables and lists are drawn."""
    if isinstance(given, st.SearchStrategy):
        return given
    if isinstance(given, Mapping):
        return st.fixed_dictionaries({key: _drawn(inner) for key, inner in given.items()})
    if isinstance(given, list):
        return st.tuples(*map(_drawn, given)).map(list)
    return st.just(given)
