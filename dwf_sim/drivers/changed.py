"""Changed variables: a step's body adds to a list or a dict of its handler, which reads it later.

Nothing in the code says so, so what they hold is compared before and after the body. That costs,
and is done by `Simulation(watch=True)` only.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any

from dwf_sim.drivers.base import Bench
from dwf_sim.drivers.inputs import text_of, variables_of
from dwf_sim.drivers.lost import code_of, note_if_read

_CONTAINERS = (list, dict, set, bytearray)


def watched_body(
    bench: Bench, run_id: str, label: str, body: Callable[..., object]
) -> Callable[..., object]:
    """Make a body that does the same, and then reports the containers that it has changed."""
    before = [
        (name, cell, owner, text_of(cell.cell_contents))
        for name, cell, owner in variables_of(body, sys._getframe(1))
        if isinstance(cell.cell_contents, _CONTAINERS)
    ]
    if not before:
        return body

    def compare() -> None:
        code = code_of(body)
        assert code is not None, "a body that knows variables has code"
        for name, cell, owner, text in before:
            if text_of(cell.cell_contents) != text:
                note_if_read(bench, run_id, label, code, name, "changed", owner)

    async def after(output: Awaitable[Any]) -> Any:
        value = await output
        compare()
        return value

    def watched(*args: Any, **kwargs: Any) -> object:
        output = body(*args, **kwargs)
        if isawaitable(output):
            return after(output)
        compare()
        return output

    return watched
