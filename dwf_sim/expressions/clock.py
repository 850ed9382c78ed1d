"""`now()`, `now_plus("1h")` and `now_minus("1h")`, read from the simulation's clock.

Durations here are those of str2duration: Go's units and, beyond them, `d` and `w`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from dwf_sim.errors import ExpressionError
from dwf_sim.expressions.functions import CLOCK_FUNCTIONS, Function
from dwf_sim.expressions.missing import call
from dwf_sim.expressions.scope import Evaluate, Scope
from dwf_sim.expressions.times import read_duration
from dwf_sim.expressions.values import NOTHING, Duration, EngineFault, Timestamp, kind_of

_LONG_UNITS = {"d": 24, "w": 7 * 24}
_LONG_PART = re.compile(r"([0-9]+)([dw])")


def clock_function(name: str, arguments: tuple[Evaluate, ...]) -> Evaluate:
    """Compile one of the three; `now` ignores whatever it is given, as the engine does."""
    sign = CLOCK_FUNCTIONS[name]
    if sign and len(arguments) != 1:
        raise ExpressionError(f"{name}() is given {len(arguments)} arguments; it takes one")

    def run(scope: Scope) -> object:
        function = Function(name, _body(scope.now_ms, sign), None)
        values = tuple(argument(scope) for argument in arguments)
        return call(function, values) if values else function.body()

    return run


def _body(now_ms: int, sign: int) -> Callable[..., object]:
    def body(*values: object) -> object:
        if not sign:
            return Timestamp(now_ms * 10**6)
        if kind_of(values[0]) == "":
            raise EngineFault("a clock function is applied to no value at all")
        duration = _duration(values[0])
        return NOTHING if duration is None else Timestamp(now_ms * 10**6 + sign * duration.nanos)

    return body


def _duration(value: object) -> Duration | None:
    if not isinstance(value, str):
        return None
    in_hours = _LONG_PART.sub(lambda part: f"{int(part[1][:18]) * _LONG_UNITS[part[2]]}h", value)
    return read_duration(in_hours)
