"""Python's garbage collector, kept from looking at the same living objects again and again.

A simulation makes many objects that live long (memos, records, runs) and hardly a cycle. While
time goes on, young objects are looked at less often and old ones not at all; that is left to the
time between two drives.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_THRESHOLDS = (50_000, 20, 1_000)


@contextmanager
def relaxed_collector() -> Iterator[None]:
    """Let the collector run less while a simulation does; one that is off stays off."""
    before = gc.get_threshold()
    if before[0]:
        gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
