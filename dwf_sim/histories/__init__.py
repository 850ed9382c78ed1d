"""Histories: what runs have remembered, kept in files, and what changed code makes of them.

A run lives longer than the code it began with. `record` keeps what a run remembers at each step
boundary; `Replayer` enters changed code with that and says what becomes of such a run.
"""

from dwf_sim.histories.history import FORMAT, Awaited, Boundary, History, Memo
from dwf_sim.histories.reading import HistoryError, find_histories, read_history
from dwf_sim.histories.recording import Recording, record
from dwf_sim.histories.replaying import HistoryBroken, Replayed, Replayer
from dwf_sim.histories.verdicts import CLASSES, Finding, Verdict

__all__ = [
    "CLASSES",
    "FORMAT",
    "Awaited",
    "Boundary",
    "Finding",
    "History",
    "HistoryBroken",
    "HistoryError",
    "Memo",
    "Recording",
    "Replayed",
    "Replayer",
    "Verdict",
    "find_histories",
    "read_history",
    "record",
]
