"""`&&`, `||` and the condition of `? :` with the truth of JavaScript (B211, B212).

The engine replaces cel-go's operators (pkg/expressions/unknown.go): every operand is evaluated,
then `||` is the first truthy one or else the last, `&&` the first falsy one or else the last.
Over booleans alone that is what cel-go answers, too. A chain of equal operators gives the same
whichever way it is grouped, so it is kept flat.
"""

from __future__ import annotations

from dwf_sim.expressions.scope import Evaluate, Scope
from dwf_sim.expressions.values import Failure, Missing, Nothing


def is_truthy(value: object) -> bool:
    """Say whether a value counts as true: empty lists, maps and bytes do, no value does not."""
    if isinstance(value, bool | str | int | float):
        return bool(value)
    return value is not None and not isinstance(value, Missing | Failure | Nothing)


def any_of(terms: tuple[Evaluate, ...]) -> Evaluate:
    """Compile `a || b || …`."""

    def run(scope: Scope) -> object:
        values = [term(scope) for term in terms]
        return next((value for value in values if is_truthy(value)), values[-1])

    return run


def all_of(terms: tuple[Evaluate, ...]) -> Evaluate:
    """Compile `a && b && …`."""

    def run(scope: Scope) -> object:
        values = [term(scope) for term in terms]
        return next((value for value in values if not is_truthy(value)), values[-1])

    return run


def condition_of(term: Evaluate) -> Evaluate:
    """Compile the condition of `? :`."""
    return lambda scope: is_truthy(term(scope))
