"""Runs what the macros became: a fold over the elements of a list or the keys of a map.

Follows cel-go's evalFold. The accumulator and the variable live in a scope of their own. A fold
that starts from an empty list fills one list in place, as the engine does.
"""

from __future__ import annotations

import attrs

from dwf_sim.expressions.missing import is_absent
from dwf_sim.expressions.nodes import ACCUMULATOR
from dwf_sim.expressions.scope import Evaluate, Scope
from dwf_sim.expressions.values import (
    NOTHING,
    Collector,
    EngineFault,
    Failure,
    ListValue,
    elements_of,
    keys_of,
    kind_of,
)

_GO_NAMES = {
    "string": "types.String",
    "double": "types.Double",
    "int": "types.Int",
    "uint": "types.Uint",
    "bool": "types.Bool",
    "bytes": "types.Bytes",
    "null_type": "types.Null",
    "type": "*types.Type",
    "google.protobuf.Timestamp": "types.Timestamp",
    "google.protobuf.Duration": "types.Duration",
}


@attrs.frozen
class Fold:
    """A compiled comprehension."""

    items: Evaluate
    variable: str
    start: Evaluate
    condition: Evaluate
    step: Evaluate
    result: Evaluate

    def run(self, scope: Scope) -> object:
        """Fold over the items, unless they are missing, an error or nothing to walk over."""
        items = self.items(scope)
        if is_absent(items):
            return items
        match kind_of(items):
            case "list":
                return self._over(elements_of(items), scope)
            case "map":
                return self._over(keys_of(items), scope)
        if items is NOTHING:
            raise EngineFault("a macro walks over no value at all")
        return Failure(f"got '{_GO_NAMES[kind_of(items)]}', expected iterable type")

    def _over(self, items: list[object], scope: Scope) -> object:
        start = self.start(scope)
        names = {ACCUMULATOR: Collector([]) if isinstance(start, ListValue) else start}
        inner = Scope(names, scope.now_ms, scope)
        for item in items:
            names[self.variable] = item
            if self.condition(inner) is False:
                break
            names[ACCUMULATOR] = self.step(inner)
        names.pop(self.variable, None)
        result = self.result(inner)
        return ListValue(tuple(result.items)) if isinstance(result, Collector) else result
