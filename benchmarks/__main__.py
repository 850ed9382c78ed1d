"""Runs every benchmark and prints one table: `python -m benchmarks`, or `make bench`."""

from __future__ import annotations

import gc
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial

from benchmarks import bare, campaign, expressions, native, sdk, search, vendor

ROUNDS = 7


def main() -> None:
    """Measure and print."""
    print("Each figure is the median of", ROUNDS, "rounds in which all take turns.\n")
    _speed()
    _scale()
    _flow()
    _steps()
    expressions.main()
    print()
    search.main()
    print()
    campaign.main()


def _speed() -> None:
    subjects: dict[str, tuple[Callable[[int], None], int]] = {
        "(a) bare replay loop": (bare.run, 4000),
        "(b) dwf_sim, native, async def, full trace": (native.run, 1000),
        "(b1) the same, checked by all invariants": (partial(native.run, is_checked=True), 1000),
        "(b2) dwf_sim, the function of (c), full trace": (sdk.run, 400),
        "(c) inngest.experimental.mocked, plain def": (vendor.run, 200),
    }
    rates: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(ROUNDS + 1):
        for name, (run, count) in subjects.items():
            gc.collect()  # Each pays for its own garbage only.
            began = time.process_time()
            run(count)
            rates[name].append(count / (time.process_time() - began))
    a, b, b1, b2, c = (values[1:] for values in rates.values())  # The first round is the warm-up.
    print("| runs per second, three steps and a sleep | median |\n|---|---|")
    for name, values in rates.items():
        print(f"| {name} | {statistics.median(values[1:]):,.0f} |")
    print(f"| a / c (at least 35) | {_ratio(a, c):.1f} |")
    print(f"| b / c (at least 4) | {_ratio(b, c):.1f} |")
    print(f"| b2 / c | {_ratio(b2, c):.1f} |")
    print(f"| b / a (at least 0.1) | {_ratio(b, a):.3f} |")
    print(f"| b1 / b, what checking leaves (at least 0.6) | {_ratio(b1, b):.2f} |\n")


def _ratio(one: list[float], other: list[float]) -> float:
    return statistics.median(x / y for x, y in zip(one, other, strict=True))


def _scale() -> None:
    print("| runs in one simulation | trace | us a run | against 1,000 | KiB a run, at peak |")
    print("|---|---|---|---|---|")
    for bound, title in ((0, "full"), (1_000, "newest 1,000")):
        for count, cost, ratio, memory in _by_size("scale", bound):
            print(f"| {count:,} | {title} | {cost:.0f} | {ratio:.2f} | {memory:.1f} |")
    print()


def _flow() -> None:
    print("| events through a keyed throttle, concurrency and priority | us an event |", end="")
    print(" against 1,000 (at most 1.7) |\n|---|---|---|")
    for count, cost, ratio, _ in _by_size("flow"):
        print(f"| {count:,} | {cost:.0f} | {ratio:.2f} |")
    print()


def _by_size(name: str, *arguments: int) -> list[tuple[int, float, float, float]]:
    """Each size with its cost, how many times that of the smallest it is, and its memory.

    The sizes take turns, and sizes of one turn are compared: the machine's pace varies.
    """
    sizes = (1_000, 10_000, 100_000)
    turns = [[_measure(name, size, *arguments) for size in sizes] for _ in range(3)]
    found = []
    for place, size in enumerate(sizes):
        costs = [turn[place]["us"] for turn in turns]
        firsts = [turn[0]["us"] for turn in turns]
        memory = statistics.median(turn[place].get("kb", 0.0) for turn in turns)
        found.append((size, statistics.median(costs), _ratio(costs, firsts), memory))
    return found


def _measure(name: str, *arguments: int) -> dict[str, float]:
    command = [sys.executable, "-m", f"benchmarks.{name}", *map(str, arguments)]
    found: dict[str, float] = json.loads(subprocess.check_output(command))
    return found


def _steps() -> None:
    print("| steps of one function | us a step | against 10 |\n|---|---|---|")
    base = 0.0
    for steps, count in ((10, 200), (100, 10), (900, 1)):
        costs = []
        for _ in range(ROUNDS):
            began = time.process_time()
            native.run_steps(steps, count)
            costs.append((time.process_time() - began) / steps / count * 1e6)
        cost = statistics.median(costs)
        base = base or cost
        print(f"| {steps} | {cost:.0f} | {cost / base:.2f} |")


if __name__ == "__main__":
    main()
