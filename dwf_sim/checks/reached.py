"""Limits: which ones a function is registered with, and which a trace has come to."""

from __future__ import annotations

from collections.abc import Iterator

from dwf_sim.model.records import ItemDelayed, RunCancelling, RunScheduled, RunSkipped
from dwf_sim.model.served import FunctionServed
from dwf_sim.sim.trace import Trace

__all__ = ["limits_of", "reached"]


def limits_of(served: FunctionServed) -> dict[str, int]:
    """Name the limits of a function, each with how many events it takes to come to it."""
    name, found = served.function, {}
    for limit, key, scope in served.concurrency:
        if limit > 0:
            found[_concurrency(name, key, scope)] = limit + 1
    if served.throttle is not None:
        limit, _, burst, _ = served.throttle
        found[f"throttle of {name}"] = limit + burst + 1
    if served.rate_limit is not None:
        found[f"rate limit of {name}"] = served.rate_limit[0] // 10 + 2
    if served.debounce is not None:
        found[f"debounce of {name}"] = 2
    if served.batch is not None:
        found[f"batch of {name}"] = served.batch[0]
    if served.singleton is not None:
        found[f"singleton of {name}"] = 2
    if served.priority is not None:
        found[f"priority of {name}"] = 3
    return found


def reached(trace: Trace) -> Iterator[str]:
    """Name the limits that have made a difference in a trace."""
    functions: dict[str, FunctionServed] = {}
    runs: dict[str, RunScheduled] = {}
    waiting: dict[str, dict[int, None]] = {}  # By function: head starts of those that waited.
    for entry in trace:
        match entry.record:
            case FunctionServed() as served:
                functions[served.function] = served
            case RunScheduled() as run:
                runs[run.run] = run
                batch = functions[run.function].batch
                if batch is not None and run.is_batch and len(run.events) >= batch[0]:
                    yield f"batch of {run.function}"
            case RunSkipped(function=function, policy=policy):
                yield f"{policy} of {function}"
            case RunCancelling(run=run_id, reason=reason) if reason.startswith("singleton"):
                yield f"singleton of {runs[run_id].function}"
            case ItemDelayed(run=run_id, policy=policy, reason=reason):
                run = runs[run_id]
                yield from _delays(functions[run.function], policy, reason)
                starts = waiting.setdefault(run.function, {})
                starts[run.head_start_ms] = None
                if len(starts) > 1:
                    yield f"priority of {run.function}"


def _delays(served: FunctionServed, policy: str, reason: str) -> Iterator[str]:
    """Name the limit that an item waits for, by what the engine says of it."""
    if policy != "concurrency":
        yield f"{policy} of {served.function}"
        return
    for _, key, scope in served.concurrency:
        owner = served.function if scope in (None, "fn") else scope
        gate = f"(concurrency of {owner}: {key} = " if key else f"(concurrency of {owner})"
        if gate in reason:
            yield _concurrency(served.function, key, scope)


def _concurrency(function: str, key: str | None, scope: str | None) -> str:
    where = f" in the {'environment' if scope == 'env' else scope}" if scope else ""
    by = f" by {key}" if key is not None else ""
    return f"concurrency of {function}{by}{where}"
