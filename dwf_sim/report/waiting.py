"""The wait graph: who waits for what, and why it cannot come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from dwf_sim.model.records import ItemDropped
from dwf_sim.model.run import PAUSE_TIMEOUT, RUN_TIMEOUT, Item, Run
from dwf_sim.model.served import served
from dwf_sim.report.keys import honest
from dwf_sim.report.times import clock
from dwf_sim.sim.trace import Trace


def wait_graph(
    runs: Iterable[Run],
    all_runs: Mapping[str, Run],
    trace: Trace,
    leased: Iterable[Item],
    waiting: Mapping[int, Item],
    why_waits: Callable[[Item], tuple[str, str]],
) -> str:
    """Say for each run what it waits for; one that nothing is queued for waits for ever."""
    busy = {item.run.id: item for item in leased}
    lines: list[str] = []
    for run in runs:
        told = [
            *_of_worker(busy.get(run.id)),
            *_of_items(run, waiting, why_waits),
            *_of_pauses(run, all_runs),
            *_of_group(run),
        ]
        dropped = [r.reason for r in trace.of(ItemDropped) if r.run == run.id]
        told += [f"the engine gave up an item of it: {reason}" for reason in dropped]
        lines.append(f"{run.label} is {run.status}:")
        lines += [f"  {text}" for text in told or ["nothing is queued for it, and nobody has it"]]
    return "\n".join(lines)


def _of_worker(item: Item | None) -> list[str]:
    if item is None:
        return []
    what = f"step {item.target_label!r}" if item.target_label else "its handler"
    return [f"a worker has {what}, and does not answer"]


def _of_items(
    run: Run, waiting: Mapping[int, Item], why_waits: Callable[[Item], tuple[str, str]]
) -> list[str]:
    told = []
    for item in run.items.values():
        if item.kind in (PAUSE_TIMEOUT, RUN_TIMEOUT):
            continue
        what = f"step {item.target_label!r}" if item.target_label else f"its {item.kind}"
        if item.seq in waiting:
            told.append(f"{what} is due at {clock(item.due)}")
        else:
            policy, reason = why_waits(item)
            told_of = honest(reason, served(run.function), run.events[0].view)
            told.append(f"{what} stands in the queue: {policy}: {told_of}")
    return told


def _of_pauses(run: Run, all_runs: Mapping[str, Run]) -> list[str]:
    told = []
    for pause in run.pauses.values():
        step, until = run.labels.get(pause.step, pause.step), clock(pause.expires_at)
        if pause.kind == "invoke":
            children = [
                other.label
                for other in all_runs.values()
                if any(
                    event.invocation is not None and event.invocation.correlation_id == pause.key
                    for event in other.events
                )
            ]
            what = f"run {', '.join(children)}" if children else "a run that was never made"
        else:
            what = f"{pause.kind} {pause.key!r}"
        told.append(f"step {step!r} waits for {what}, until {until} at the latest")
    return told


def _of_group(run: Run) -> list[str]:
    if not run.pending or run.items or run.pauses:
        return []
    steps = ", ".join(repr(run.labels.get(step, step)) for step in run.pending)
    return [f"its group waits for {steps}, and nothing of that is queued"]
