"""Makes new programs of the recordings' language, each from a number alone.

Functions call and trigger only those after them, so that every program comes to an end. Steps and
sends take odd times in milliseconds, so that little happens at one instant by accident: what does
has no order that means anything.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from dwf_sim.conformance.recordings import Recording

Op: TypeAlias = dict[str, Any]

UNTIL_S = 40.0
"""How long a program is watched."""

_KEYS = ("red", "blue")
_WAITED = "t/signal"
_ERRORS = ("plain", "plain", "other", "non_retriable", "retry_after:2s")


def generate(seed: int) -> Recording:
    """Make the program of a number; the same number makes the same program on every machine."""
    return _Generator(random.Random(f"program {seed}")).recording(f"generated-{seed}")


class _Generator:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._ids = 0
        self._shared: list[str] = []  # Ids that other steps may have, too.
        self._functions = 1 + chance.randrange(3)

    def recording(self, name: str) -> Recording:
        """Make all of a case but what the server did."""
        functions = [self._function(number) for number in range(self._functions)]
        return Recording(
            name=name,
            area="generated",
            functions=functions,
            sends=self._sends(),
            cancels=self._cancels(),
            until=UNTIL_S,
            observed={},
        )

    # What happens from outside.

    def _sends(self) -> list[Mapping[str, Any]]:
        at = 0.0
        sends: list[Mapping[str, Any]] = []
        for _ in range(1 + self._chance.randrange(4)):
            events = [self._event(self._outside()) for _ in range(self._chance.choice((1, 1, 2)))]
            sends.append({"at": at, "events": events})
            at = round(at + self._chance.randrange(101, 4999, 2) / 1000, 3)
        return sends

    def _outside(self) -> str:
        return self._chance.choice(("t/f0", "t/f0", "t/f0", _WAITED))

    def _event(self, name: str) -> dict[str, Any]:
        data = {"k": self._chance.choice(_KEYS), "n": self._chance.randrange(4)}
        event: dict[str, Any] = {"name": name, "data": data}
        if self._chance.random() < 0.1:
            event["id"] = self._chance.choice(("one", "two"))
        if self._chance.random() < 0.1:
            event["ts_offset"] = self._chance.randrange(-3, 6)
        return event

    def _cancels(self) -> list[Mapping[str, Any]]:
        if self._chance.random() < 0.85:
            return []
        at = self._chance.randrange(301, 9001, 2) / 1000
        return [{"at": at, "function": "f0", "nth": self._chance.randrange(2)}]

    # Functions.

    def _function(self, number: int) -> Mapping[str, Any]:
        trigger: dict[str, Any] = {"event": f"t/f{number}"}
        if self._chance.random() < 0.15:
            trigger["if"] = "event.data.n > 0"
        function: dict[str, Any] = {
            "id": f"f{number}",
            "triggers": [trigger],
            "retries": self._chance.randrange(3),
            **self._settings(),
            "body": [*self._ops(number, 2 + self._chance.randrange(4), depth=0), self._ending()],
        }
        if self._chance.random() < 0.25:
            function["on_failure"] = [*self._ops(number, 1, depth=2), {"op": "return", "value": 1}]
        return function

    def _settings(self) -> dict[str, Any]:
        """Choose one or two settings that the server takes together."""
        if self._chance.random() < 0.1:
            batch = {"max_size": 2, "timeout": self._chance.choice(("2s", "3s"))}
            return {"batch_events": {**batch, **self._key()}}
        makers = self._makers()
        names = self._chance.sample(tuple(makers), self._chance.choice((0, 0, 1, 1, 2)))
        return {name: makers[name]() for name in names}

    def _makers(self) -> dict[str, Callable[[], Any]]:
        pick = self._chance.choice
        return {
            "concurrency": lambda: [{"limit": pick((1, 2)), **self._key()}],
            "throttle": lambda: {
                "limit": pick((1, 2)),
                "period": pick(("2s", "3s")),
                **self._key(),
            },
            "rate_limit": lambda: {"limit": pick((1, 2)), "period": "5s", **self._key()},
            "debounce": lambda: {"period": pick(("1s", "2s")), **self._key()},
            "priority": lambda: {"run": "event.data.k == 'red' ? 30 : 0"},
            "singleton": lambda: {"mode": pick(("skip", "cancel")), **self._key()},
            "idempotency": lambda: "event.data.k",
            "cancel_on": lambda: [{"event": _WAITED, "if": "async.data.k == event.data.k"}],
            "timeouts": lambda: {pick(("start", "finish")): pick(("2s", "5s"))},
        }

    def _key(self) -> dict[str, str]:
        return {"key": "event.data.k"} if self._chance.random() < 0.4 else {}

    # Programs.

    def _ops(self, function: int, count: int, *, depth: int) -> list[Op]:
        kinds = ["run"] * 5 + ["sleep", "wait", "send", "raise", "work", "sleep_until"]
        if function + 1 < self._functions:
            kinds += ["invoke", "invoke"]
        if depth < 2:
            kinds += ["try", "try", "loop", "when"]
        if depth == 0:
            kinds += ["parallel", "parallel", "parallel"]
        picked = [self._chance.choice(kinds) for _ in range(count)]
        return [self._op(kind, function, depth) for kind in picked]

    def _op(self, kind: str, function: int, depth: int) -> Op:
        makers: dict[str, Callable[[], Op]] = {
            "run": self._run,
            "sleep": lambda: {"id": self._id(), "for": self._chance.choice(("1s", "2s", "5s"))},
            "sleep_until": lambda: {"id": self._id(), "at": self._chance.randrange(-2, 12)},
            "wait": self._wait,
            "send": lambda: {"id": self._id(), "events": [self._event(self._inside(function))]},
            "invoke": lambda: self._invoke(function),
            "raise": self._raise,
            "work": lambda: {"takes": self._span(11, 401)},
            "try": lambda: {
                "body": self._ops(function, 1 + self._chance.randrange(2), depth=depth + 1),
                "catch": [{"op": "run", "id": self._id(), "returns": "$err"}],
            },
            "loop": lambda: {
                "id": self._id(),
                "times": 2,
                "body": self._ops(function, 1, depth=depth + 1),
            },
            "when": lambda: {
                "value": "$event.data.k",
                "equals": "red",
                "body": self._ops(function, 1, depth=depth + 1),
            },
            "parallel": lambda: self._parallel(function),
        }
        return {"op": kind, **makers[kind]()}

    def _run(self) -> Op:
        op: Op = {"id": self._id(), "returns": self._value()}
        if self._chance.random() < 0.4:
            op["takes"] = self._span(11, 901)
        if self._chance.random() < 0.25:
            op["fail"] = self._chance.choice((1, 1, 2, 9))
            op["error"] = self._chance.choice(_ERRORS)
        return op

    def _wait(self) -> Op:
        op: Op = {
            "id": self._own_id(),
            "event": _WAITED,
            "timeout": self._chance.choice(("2s", "6s")),
        }
        if self._chance.random() < 0.5:
            op["if"] = "async.data.k == event.data.k"
        return op

    def _invoke(self, function: int) -> Op:
        callee = self._chance.randrange(function + 1, self._functions)
        op: Op = {"id": self._id(), "function": f"f{callee}", "data": {"k": "red", "n": 1}}
        if self._chance.random() < 0.3:
            op["timeout"] = "3s"
        return op

    def _raise(self) -> Op:
        return {
            "fail": self._chance.choice((1, 1, 9)),
            "error": self._chance.choice(_ERRORS),
            "tag": self._id(),
        }

    def _parallel(self, function: int) -> Op:
        branches = [
            self._ops(function, 1 + self._chance.randrange(2), depth=2)
            for _ in range(2 + self._chance.randrange(2))
        ]
        op: Op = {"id": self._id(), "branches": branches}
        return {**op, "mode": "race"} if self._chance.random() < 0.3 else op

    def _inside(self, function: int) -> str:
        later = [f"t/f{number}" for number in range(function + 1, self._functions)]
        return self._chance.choice([_WAITED, *later])

    def _ending(self) -> Op:
        return {
            "op": "return",
            "value": self._chance.choice(("$out", "$attempt", {"n": "$event.data.n"})),
        }

    def _value(self) -> Any:
        return self._chance.choice(
            (1, "text", None, {"a": [1, 2.5, True]}, "$event.data", "$attempt")
        )

    def _id(self) -> str:
        """A new id, or now and then one that was used before."""
        if self._shared and self._chance.random() < 0.1:
            return self._chance.choice(self._shared)
        self._shared.append(self._own_id())
        return self._shared[-1]

    def _own_id(self) -> str:
        """A new id for a wait alone: given another's memo, it fails in each driver's own words."""
        self._ids += 1
        return f"s{self._ids - 1}"

    def _span(self, low: int, high: int) -> str:
        return f"{self._chance.randrange(low, high, 2)}ms"
