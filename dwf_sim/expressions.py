"""Expressions over events.

Only the equality of two paths so far, which is what `match` needs; every other text is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import attrs

from dwf_sim.errors import ExpressionError

_EQUALITY = re.compile(r"\s*(event(?:\.\w+)+)\s*==\s*(async(?:\.\w+)+)\s*")


@attrs.frozen
class Expression:
    """A compiled expression: `event` is the run's first event, `async` the arriving one (A8)."""

    text: str
    left: tuple[str, ...]
    right: tuple[str, ...]

    def truth(
        self, event: Mapping[str, object], async_event: Mapping[str, object] | None = None
    ) -> bool:
        """Say whether the expression holds for these events."""
        left, right = _look_up(event, self.left), _look_up(async_event or {}, self.right)
        return type(left) is type(right) and left == right


def match_expression(path: str) -> str:
    """Write the expression that `match=path` stands for (A49)."""
    return f"event.{path} == async.{path}"


@lru_cache(maxsize=4096)
def compile_expression(text: str) -> Expression:
    """Compile an expression; raises `ExpressionError` when it cannot be read."""
    parts = _EQUALITY.fullmatch(text)
    if parts is None:
        raise ExpressionError(
            f"expression is {text!r}; so far only 'event.a.b == async.c.d' is understood"
        )
    return Expression(text, tuple(parts[1].split(".")[1:]), tuple(parts[2].split(".")[1:]))


def _look_up(value: object, path: tuple[str, ...]) -> object:
    for key in path:
        if not isinstance(value, Mapping) or key not in value:
            return None
        value = value[key]
    return value
