"""Retries: whether an item is tried again, and when (A60-A65)."""

from __future__ import annotations

from dwf_sim.engine.queue import place
from dwf_sim.engine.turn import Turn
from dwf_sim.model.records import ItemDropped, RetryScheduled
from dwf_sim.model.run import START, Item, Run

BACKOFF_MS = tuple(
    seconds * 1000 for seconds in (15, 30, 60, 120, 300, 600, 1200, 2400, 3600, 7200)
)
JITTER_MS_MAX = 29_999
RETRY_AFTER_MS_MIN = 1000
RETRY_AFTER_MS_MAX = 24 * 3_600_000
_START_ATTEMPTS_MAX = 21  # A start item's own budget for errors of the engine's side (A25).


def has_attempts(item: Item) -> bool:
    """Say whether an item may be tried once more (A63)."""
    return item.attempt + 1 < item.run.function.attempts_max


def retry(
    turn: Turn,
    item: Item,
    error: str,
    *,
    retry_at: int | None = None,
    is_unusable: bool = False,
) -> None:
    """Queue the next attempt: by the table and jitter, or when Retry-After says (A64, A65)."""
    run, failed = item.run, item.attempt
    if retry_at is None:
        item.due = turn.now + BACKOFF_MS[min(failed, len(BACKOFF_MS) - 1)]
        spread = JITTER_MS_MAX
    else:
        item.due, spread = _within_limits(retry_at, turn.now), 0
    item.attempt += 1
    label = item.target_label
    turn.emit(RetryScheduled(run.id, label, item.attempt, item.due, spread, error, is_unusable))
    place(turn, item, spread=spread, stream=f"retry {run.label} {label or item.kind}")


def _within_limits(retry_at: int, now: int) -> int:
    """The limits count from the last whole second (A65; `httpdriver/parse.go`, ParseRetry)."""
    second = now // 1000 * 1000
    if retry_at - now < RETRY_AFTER_MS_MIN:
        return second + RETRY_AFTER_MS_MIN
    return second + RETRY_AFTER_MS_MAX if retry_at - now > RETRY_AFTER_MS_MAX else retry_at


def retry_or_drop(turn: Turn, item: Item, reason: str) -> None:
    """Retry after a response the engine could not use; exhausted, the run is left running (A25)."""
    attempts_max = _START_ATTEMPTS_MAX if item.kind == START else item.run.function.attempts_max
    if item.attempt + 1 < attempts_max:
        retry(turn, item, reason, is_unusable=True)
    else:
        turn.emit(ItemDropped(item.run.id, reason))
        if _is_spent(turn, item.run):
            turn.state.ended(item.run)


def _is_spent(turn: Turn, run: Run) -> bool:
    """Say whether nothing will ever happen to a run: nothing is queued, and no worker has it."""
    return not run.items and all(item.run is not run for item in turn.state.leased.values())
