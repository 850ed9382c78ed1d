"""Where an evaluation finds its names: the events, the lifted literals, and a macro's variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final


class _Absent:
    """The answer of a scope that does not know a name."""


ABSENT: Final = _Absent()


class Scope:
    """Names and their values; a macro opens an inner scope around its outer one."""

    __slots__ = ("names", "now_ms", "outer", "root")

    def __init__(
        self, names: Mapping[str, object], now_ms: int, outer: Scope | None = None
    ) -> None:
        self.names = names
        self.now_ms = now_ms
        self.outer = outer
        self.root: Scope = self if outer is None else outer.root

    def find(self, name: str) -> object:
        """Find a name in this scope or around it; ABSENT if nobody has it."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
        return ABSENT


Evaluate = Callable[[Scope], object]
"""A compiled piece of an expression."""
