"""What two workers gain in a search, against what two independent bare processes gain here."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor

import dwf_sim as dwf
from benchmarks.search import ten_steps

RUNS, ROUNDS = 400, 3


def main() -> None:
    """Let the three ways take turns, since the machine's pace varies, and print a table."""
    gains, bare_gains = [], []
    for _ in range(ROUNDS):
        alone = _bare(1)
        bare_gains.append(2 * alone / _bare(2))
        gains.append(alone / _pooled(2))
    gain, bare = statistics.median(gains), statistics.median(bare_gains)
    share = statistics.median(one / other for one, other in zip(gains, bare_gains, strict=True))
    print("| two processes against one, median | |\n|---|---|")
    print(f"| a search with two workers does more by | {gain:.2f} |")
    print(f"| two independent bare processes do more by | {bare:.2f} |")
    print(f"| of their gain, the search has (at least 0.85) | {share:.2f} |")


def _pooled(workers: int) -> float:
    """Measure a search with so many workers, in seconds; the start of processes does not count."""
    with ProcessPoolExecutor(workers) as executor:
        _search(80, executor)
        began = time.perf_counter()
        _search(RUNS, executor)
        return time.perf_counter() - began


def _search(runs: int, executor: ProcessPoolExecutor | None = None) -> None:
    found = dwf.explore(ten_steps, runs=runs, executor=executor)
    assert found.runs == runs, str(found)


def _bare(count: int) -> float:
    """Measure so many processes that each make a search of their own at the same time; the mean of
    what they took, each by its own clock, in seconds."""
    command = [sys.executable, "-m", "benchmarks.campaign", "bare"]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(count)]
    return statistics.mean(float(process.communicate()[0]) for process in started)


def _bare_main() -> None:
    _search(80)
    began = time.perf_counter()
    _search(RUNS)
    print(time.perf_counter() - began)


if __name__ == "__main__":
    _bare_main() if sys.argv[1:] == ["bare"] else main()
