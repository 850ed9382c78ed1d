"""Compares one recorded cron schedule with ours: whether registration takes it, and its ticks."""

from datetime import UTC, datetime, timedelta

from dwf_sim.conformance.vector_cases import (
    Case,
    CaseError,
    read_text,
    read_text_or_null,
    read_texts,
)
from dwf_sim.cron import Cron, parse_cron
from dwf_sim.errors import CronError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
# What the engine answers when there is no further tick: Go's zero time, 1 January of the year 1.
_NEVER_MS = -62_135_596_800_000


def check_cron(case: Case) -> str | None:
    """Say how our answer differs from the engine's; None if it does not."""
    text = read_text(case, "cron")
    refusal = read_text_or_null(case, "registration_error")
    try:
        cron = parse_cron(text)
    except CronError as error:
        return None if refusal is not None else _differs(text, "it is accepted", f"error: {error}")
    if refusal is not None:
        return _differs(text, f"error: {refusal}", "it is accepted")
    return _check_ticks(cron, read_text(case, "from"), read_texts(case, "next"))


def _check_ticks(cron: Cron, after: str, expected: list[str]) -> str | None:
    asked = f"{cron.text} after {after}"
    after_ms = _read_moment(after)
    if not expected:
        got = cron.next(after_ms)
        return None if got is None else _differs(asked, "no tick", _write_moment(got))
    got_ms = _ticks(cron, after_ms, len(expected))
    if got_ms == [_read_moment(text) for text in expected]:
        return None
    return _differs(asked, ", ".join(expected), ", ".join(map(_write_moment, got_ms)))


def _ticks(cron: Cron, after_ms: int, count: int) -> list[int]:
    """List the next ticks as the engine does: each from the one before, even from "never"."""
    ticks = []
    for _ in range(count):
        tick_ms = cron.next(after_ms)
        after_ms = _NEVER_MS if tick_ms is None else tick_ms
        ticks.append(after_ms)
    return ticks


def _read_moment(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
        return (moment - _EPOCH) // _MILLISECOND
    except (TypeError, ValueError):
        raise CaseError(
            f"{text!r} is not a moment; write it like 2026-11-20T09:00:00Z: record it again"
        ) from None


def _write_moment(at_ms: int) -> str:
    try:
        moment = _EPOCH + at_ms * _MILLISECOND
    except OverflowError:
        return f"{at_ms} ms after 1970"
    return moment.replace(tzinfo=None).isoformat() + "Z"


def _differs(asked: str, expected: str, got: str) -> str:
    return f"asked {asked!r}, expected {expected}, got {got}"
