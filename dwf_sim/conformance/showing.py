"""Shows a whole case, what was recorded beside what happens here, a line for each fact."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dwf_sim.conformance.comparison import compare
from dwf_sim.conformance.differences import ABSENT
from dwf_sim.conformance.observation import observe
from dwf_sim.conformance.playing import driver_of, play
from dwf_sim.conformance.recordings import paths_of, read_recording
from dwf_sim.errors import UsageError

_WIDTH = 44


def show(folder: Path, name: str, driver: str = "native") -> Iterator[str]:
    """Play one case and give its lines; raises `UsageError` for one that cannot be played."""
    (path,) = paths_of(folder, name)
    recording = read_recording(path)
    if lacks := driver_of(driver).lacks(recording):
        raise UsageError(
            f"{recording.name} cannot be played by the driver {driver}: it needs "
            f"{', '.join(lacks)}; show another case"
        )
    ours = observe(recording, play(recording, driver))
    recorded, here = dict(_facts("", recording.observed)), dict(_facts("", ours))
    yield f"{'fact':<{_WIDTH}}  {'recorded':<{_WIDTH}}  ours, by the driver {driver}"
    for fact in dict.fromkeys([*recorded, *here]):
        there, got = recorded.get(fact, repr(ABSENT)), here.get(fact, repr(ABSENT))
        yield f"{fact:<{_WIDTH}}  {_cut(there):<{_WIDTH}}  {_cut(got)}".rstrip()
    difference = compare(recording, ours)
    yield "it agrees" if difference is None else str(difference)


def _facts(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """List all facts by their places; an interval and the samples of a place are one fact each."""
    if isinstance(value, Mapping) and value and value.keys() != {"unstable"}:
        for name, content in value.items():
            yield from _facts(f"{path}.{name}".lstrip("."), content)
    elif isinstance(value, list) and any(isinstance(item, Mapping | list) for item in value):
        for place, item in enumerate(value):
            yield from _facts(f"{path}[{place}]", item)
    else:
        yield path, json.dumps(value, ensure_ascii=False)


def _cut(text: str) -> str:
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"
