"""Writing: a history as JSON that reads well in a diff, and goes over the same way each time."""

from __future__ import annotations

import datetime
import json
from typing import Any

import attrs

from dwf_sim.histories.history import FORMAT, Asked, Awaited, Boundary, History, Memo
from dwf_sim.model.event import StoredEvent
from dwf_sim.model.payload import decode


def write(history: History) -> str:
    """Write a history as the text of its file."""
    content = {
        "format": FORMAT,
        "function": history.function,
        "name": history.name,
        "module": history.module,
        "source": history.source,
        "versions": dict(history.versions),
        "events": [_event(event) for event in history.events],
        "calls": [*history.calls],
        "memos": [_memo(memo) for memo in history.memos],
        "boundaries": [_boundary(history, boundary) for boundary in history.boundaries],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def time_text(ms: int) -> str:
    """Write an instant in milliseconds since 1970 as a text with zone UTC."""
    at = datetime.datetime.fromtimestamp(ms // 1000, datetime.UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


def _event(event: StoredEvent) -> dict[str, Any]:
    content = {
        "name": event.name,
        "id": event.id,
        "ts": event.ts,
        "data": decode(event.data),
        "user": decode(event.user),
    }
    return content if event.v is None else {**content, "v": event.v}


def _memo(memo: Memo) -> dict[str, Any]:
    content = {
        "step": memo.step,
        "hash": memo.hash,
        "kind": memo.kind,
        "outcome": memo.outcome,
        "at": time_text(memo.at),
        "memo": decode(memo.memo),
    }
    return content if memo.fits else {**content, "fits": False}


def _boundary(history: History, boundary: Boundary) -> dict[str, Any]:
    content: dict[str, Any] = {"title": history.title(boundary)}
    content |= {"memos": boundary.memos, "at": time_text(boundary.at)}
    if boundary.waits_for:
        content["waits_for"] = [_awaited(step) for step in boundary.waits_for]
    if boundary.asks:
        content["asks"] = [_given(step) for step in boundary.asks]
    if boundary.ends is not None:
        content["ends"] = boundary.ends
    if boundary.unread:
        content["unread"] = [*boundary.unread]
    return content


def _awaited(step: Awaited) -> dict[str, Any]:
    content = _given(step)
    return {**content, "until": time_text(step.until)} if step.until is not None else content


def _given(step: Awaited | Asked) -> dict[str, Any]:
    """Write what a step has, without what it lacks."""
    return {name: value for name, value in attrs.asdict(step).items() if value is not None}
