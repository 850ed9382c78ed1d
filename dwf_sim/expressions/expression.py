"""A compiled expression and its results: the part of the package that the engine talks to."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import attrs

from dwf_sim.errors import EvaluationError
from dwf_sim.expressions.lifting import VARIABLE, lift
from dwf_sim.expressions.paths import Path, path_exists, used_paths
from dwf_sim.expressions.plan import plan
from dwf_sim.expressions.scope import Evaluate, Scope
from dwf_sim.expressions.shortcuts import Shortcut, shortcut_for
from dwf_sim.expressions.text import key_text, type_name
from dwf_sim.expressions.tree import parse
from dwf_sim.expressions.values import (
    MISSING,
    NOTHING,
    EngineFault,
    Failure,
    MapValue,
    TypeValue,
    build_map,
)

_CACHE_SIZE = 4096


@attrs.frozen(eq=False)
class Expression:
    """A compiled expression.

    >>> compile_expression("event.data.total > 100.0").truth({"data": {"total": 120}})
    True
    """

    text: str
    _run: Evaluate
    _literals: MapValue
    _shortcut: Shortcut | None = None
    _paths: tuple[Path, ...] = ()

    def evaluate(
        self,
        event: Mapping[str, object],
        async_event: Mapping[str, object] | None = None,
        *,
        now_ms: int = 0,
    ) -> object:
        """Evaluate for these events; a missing path is False, an error raises `EvaluationError`.

        `event` is what the engine calls the event's map: name, data, user, id, ts and, if set, v
        and meta. `async` is undeclared unless `async_event` is given; `now_ms` is what `now()`
        reads. The result is None, a bool, str, float, int, or one of values.py.
        """
        if self._shortcut is not None:
            answer = self._shortcut(event, async_event)
            if answer is not None:
                return answer
        return self._evaluate_fully(event, async_event, now_ms)

    def truth(
        self,
        event: Mapping[str, object],
        async_event: Mapping[str, object] | None = None,
        *,
        now_ms: int = 0,
    ) -> bool:
        """Evaluate where true or false is required; anything else raises `EvaluationError`."""
        result = self.evaluate(event, async_event, now_ms=now_ms)
        if isinstance(result, bool):
            return result
        raise EvaluationError(
            f"the expression {self.text!r} is a {type_name(result)} for this event; a condition "
            "is true or false, so compare the value with something"
        )

    def key(self, event: Mapping[str, object], *, now_ms: int = 0) -> str:
        """Evaluate as a key: the text under which values are counted together (B218)."""
        return key_text(self.evaluate(event, now_ms=now_ms))

    def declines(self, event: Mapping[str, object], *, now_ms: int = 0) -> bool:
        """Say whether a rate limit or singleton with this key lets the event pass (B55, B123).

        Only the boolean false does, and a missing path is that; the string "false" is a key.
        """
        return self.evaluate(event, now_ms=now_ms) is False

    def interpolated(self, event: Mapping[str, object]) -> Mapping[str, object]:
        """Give the event as a wait keeps it: what it lacks of `event.…` is null from then on.

        So `event.data.x == async.data.x` holds for two events that both lack `x` (A103).
        """
        filled: dict[str, object] = dict(event)
        for path in self._paths:
            if path[0] == "event" and not path_exists({"event": filled}, path):
                _fill(filled, path[1:])
        return filled

    def _evaluate_fully(
        self, event: Mapping[str, object], async_event: Mapping[str, object] | None, now_ms: int
    ) -> object:
        names: dict[str, object] = {"event": _plain(event)}
        if async_event is not None:
            names["async"] = _plain(async_event)
        if self._literals.entries:
            names[VARIABLE] = self._literals
        try:
            result = self._run(Scope(names, now_ms))
        except EngineFault as fault:
            raise EvaluationError(self._complaint(str(fault))) from None
        return self._finished(result)

    def _finished(self, result: object) -> object:
        if result is MISSING:
            return False
        if isinstance(result, Failure):
            raise EvaluationError(self._complaint(result.message))
        if result is NOTHING:
            raise EvaluationError(self._complaint("it has no value"))
        return result.name if isinstance(result, TypeValue) else result

    def _complaint(self, reason: str) -> str:
        return (
            f"the expression {self.text!r} cannot be evaluated for this event: {reason}; compare "
            "and combine values of one type, and convert with int(), double() or string()"
        )


@lru_cache(maxsize=_CACHE_SIZE)
def compile_expression(text: str) -> Expression:
    """Compile an expression for evaluation; raises `ExpressionError` when it does not parse."""
    lifted = lift(text)
    tree = parse(lifted.text)
    literals = build_map([(letter, value) for letter, value in lifted.values.items()])
    run, shortcut = plan(tree, lifted.values), shortcut_for(tree)
    return Expression(text, run, literals, shortcut, used_paths(tree))


def match_expression(path: str) -> str:
    """Write the expression that `match=path` stands for (A49)."""
    return f"event.{path} == async.{path}"


def _fill(target: dict[str, object], path: Path) -> None:
    """Put null at the end of a path, unless something that is no object stands in the way."""
    for name in path[:-1]:
        inner = target.get(name, {})
        if not isinstance(inner, dict):
            return
        target[name] = target = dict(inner)
    target[path[-1]] = None


def _plain(event: Mapping[str, object]) -> object:
    return event if type(event) is dict else dict(event)
