"""Which functions an event starts: exact names, patterns and expressions (B29-B36)."""

from __future__ import annotations

from collections.abc import Iterator

from dwf_sim.errors import EvaluationError, ExpressionError
from dwf_sim.expressions import compile_expression
from dwf_sim.model.event import StoredEvent
from dwf_sim.model.function import FunctionConfig, TriggerEvent


class TriggerIndex:
    """The registered functions in the order of their definition, found by event name."""

    def __init__(self) -> None:
        self.functions: dict[str, FunctionConfig] = {}
        self._candidates: dict[str, list[FunctionConfig]] = {}

    def serve(self, functions: tuple[FunctionConfig, ...]) -> None:
        """Register functions; one of a known id takes the place of the old one."""
        for function in functions:
            self.functions[function.id] = function
        self._candidates.clear()

    def named(self, event: StoredEvent, now: int) -> Iterator[tuple[FunctionConfig, bool]]:
        """Yield each function with a trigger of this name, and whether one takes it (B35)."""
        for function in self._named(event.name):
            yield function, any(_takes(trigger, event, now) for trigger in function.event_triggers)

    def _named(self, name: str) -> list[FunctionConfig]:
        found = self._candidates.get(name)
        if found is None:
            accepted = patterns(name)
            found = [
                function
                for function in self.functions.values()
                if any(trigger.event in accepted for trigger in function.event_triggers)
            ]
            self._candidates[name] = found
        return found


def patterns(name: str) -> tuple[str, ...]:
    """List the trigger texts that accept an event name: itself and its wildcards (B33, ALG9)."""
    cuts = [name[:i] + name[i] + "*" for i, letter in enumerate(name) if letter in "/."]
    return (name, *cuts)


def _takes(trigger: TriggerEvent, event: StoredEvent, now: int) -> bool:
    if trigger.event != event.name and trigger.event not in patterns(event.name):
        return False
    if trigger.expression is None:
        return True
    try:
        return compile_expression(trigger.expression).truth(event.view, now_ms=now)
    except (ExpressionError, EvaluationError):  # Without a value, its trigger is skipped (B34).
        return False
