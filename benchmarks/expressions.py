"""Prints how much faster a compiled match is than cel-python's own evaluator.

Both evaluate `event.data.userId == async.data.userId` on events that are ready for them: plain
JSON for ours, an activation of cel-python's types, converted beforehand, for theirs. For theirs
the second event is called `other`, because its compiled runner writes Python, where `async` is
no name.

    python -m benchmarks.expressions
"""

from __future__ import annotations

import timeit

import celpy
from celpy.adapter import json_to_cel

from dwf_sim.expressions import compile_expression

TEXT = "event.data.userId == async.data.userId"
REPEATS, OURS, THEIRS = 5, 100_000, 1_000
EVENT = {
    "name": "app/user.created",
    "id": "01",
    "ts": 1_700_000_000_123,
    "user": {},
    "data": {"userId": "user-1", "email": "a@example.com", "plan": "pro", "seats": 3},
}


def main() -> None:
    """Measure both in one run and print the ratio."""
    ours = _microseconds(_our_match(), OURS)
    theirs = _microseconds(_their_match(), THEIRS)
    print(f"\n| {TEXT} | us |\n|---|---|")
    print(f"| dwf_sim, compiled | {ours:.2f} |\n| cel-python, compiled | {theirs:.2f} |")
    print(f"| ratio (at least 10) | {theirs / ours:.0f} |")


def _our_match() -> object:
    expression = compile_expression(TEXT)
    assert expression.truth(EVENT, EVENT) is True, "the two events match"
    return lambda: expression.truth(EVENT, EVENT)


def _their_match() -> object:
    environment = celpy.Environment(runner_class=celpy.CompiledRunner)
    program = environment.program(environment.compile(TEXT.replace("async", "other")))
    activation = {"event": json_to_cel(EVENT), "other": json_to_cel(EVENT)}
    assert program.evaluate(activation), "the two events match"
    return lambda: program.evaluate(activation)


def _microseconds(statement: object, count: int) -> float:
    assert callable(statement), "timeit calls it"
    return min(timeit.repeat(statement, number=count, repeat=REPEATS)) / count * 1e6


if __name__ == "__main__":
    main()
