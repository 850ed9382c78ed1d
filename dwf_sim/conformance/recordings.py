"""Recordings: what the real server did with small programs, one JSON file per case."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from dwf_sim.conformance.case_shape import check_case
from dwf_sim.conformance.needs import needs_of
from dwf_sim.conformance.shape import ShapeError
from dwf_sim.errors import UsageError

_PREFIX = "@EV@"  # Stands in expressions for what made event names unique while recording.


@attrs.frozen(kw_only=True)
class Recording:
    """One case: functions, what was sent to them, and what the server did."""

    name: str
    area: str
    functions: list[Mapping[str, Any]]
    sends: list[Mapping[str, Any]]
    cancels: list[Mapping[str, Any]]
    signals: list[Mapping[str, Any]] = attrs.field(factory=list)
    needs: tuple[str, ...] = ()
    is_typescript: bool = False
    checkpoints: bool = False  # What the SDK's client does when a function says nothing.
    until: float
    observed: Mapping[str, Any]


def paths_of(folder: Path, name: str | None = None) -> list[Path]:
    """List the files of a folder, or the one of this name; raises `UsageError` for none."""
    if name is not None:
        name = name.removesuffix(".json")
        if name != Path(name).name:
            raise UsageError(f"the case is {name!r}; it is named, as in plain: give no folder")
    paths = sorted(folder.glob("*.json")) if name is None else [folder / f"{name}.json"]
    if not paths:
        raise UsageError(f"{str(folder)!r} holds no recording; one is a .json file: name another")
    if name is not None and not paths[0].exists():
        raise UsageError(f"there is no recording {str(paths[0])!r}; give the name of one")
    return paths


def read_recording(path: Path) -> Recording:
    """Read one recording; raises `UsageError` if the file is none, and names what is amiss."""
    try:
        text = path.read_text(encoding="utf-8").replace(_PREFIX, "")
        case = json.loads(text, parse_constant=_refuse_constant)
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path}: it cannot be read: {error}; record it again") from None
    try:
        check_case(case, path)
    except ShapeError as error:
        raise UsageError(f"{path}: {error}") from None
    return Recording(
        name=case["name"],
        area=case["area"],
        functions=case["functions"],
        sends=case["send"],
        cancels=case.get("cancel_run", []),
        until=case["until"],
        observed=case["observed"],
        signals=case.get("signal", []),
        needs=needs_of(case),
        is_typescript="needs" in case,
        checkpoints="needs" in case and case.get("client", {}).get("checkpointing", True),
    )


def _refuse_constant(word: str) -> None:
    raise ValueError(f"{word} is no JSON")
