"""What the command line can play: scenario files, and stored failures by their kind.

A new kind of stored failure is a line of `KINDS`: a function of the file and its content that
plays it and gives a `dwf_sim.stored.replayed.Replayed`.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from dwf_sim.commands.screen import busy
from dwf_sim.errors import ConfigError

if TYPE_CHECKING:
    from dwf_sim.stored.replayed import Replayed

KINDS = {
    "finding": "dwf_sim.search.finding:replay_stored",
    "scenario": "dwf_sim.stored.scenario:replay",
    "test": "pytest_dwf_sim.replaying:replay",
}


def play_stored(file: Path) -> Replayed:
    """Play a stored failure of any kind. Raises `ConfigError` for a file that is none."""
    from dwf_sim.stored.file import read_stored

    content = read_stored(file)
    if content["kind"] not in KINDS:
        raise ConfigError(
            f"{file}: its kind is {content['kind']!r}; this version of dwf_sim plays the kinds "
            f"{', '.join(KINDS)}: install a newer one"
        )
    module, _, name = KINDS[content["kind"]].partition(":")
    with busy(f"playing {file}"):
        replayed: Replayed = getattr(importlib.import_module(module), name)(file, content)
    return replayed


def play_any(given: str) -> list[Replayed]:
    """Play a scenario file, `FILE::ROW` of one, or a stored failure.

    A row is named by its parameters, `step=charge,n=1`, or by those that tell it from others.
    """
    from dwf_sim.scenario.files import is_scenario

    name, _, row = given.partition("::")
    file = Path(name)
    if not file.is_file():
        raise ConfigError(f"{file} is no file; name a scenario file or a stored failure")
    if is_scenario(file):
        return _play_scenarios(file, row)
    if row:
        raise ConfigError(f"{given}: a row goes with a scenario file, which {file} is not by name")
    return [play_stored(file)]


def _play_scenarios(file: Path, row: str) -> list[Replayed]:
    from dwf_sim.scenario import play, read_scenarios
    from dwf_sim.scenario.files import import_from
    from dwf_sim.stored.account import account_of
    from dwf_sim.stored.replayed import Replayed

    import_from(Path.cwd())
    sheets = read_scenarios(file)
    chosen = [sheet for sheet in sheets if row in ("", sheet.row)]
    chosen = chosen or [sheet for sheet in sheets if _names(row, sheet.row)]
    if not chosen:
        rows = ", ".join(sheet.row for sheet in sheets if sheet.row) or "none"
        raise ConfigError(f"{file} has no row {row!r}; its rows are {rows}")
    made = []
    for sheet in chosen:
        played = play(sheet)
        name = f"{file}::{sheet.row}" if sheet.row else str(file)
        made.append(Replayed(name, played.problems, (), (account_of(played.simulation),)))
    return made


def _names(given: str, row: str) -> bool:
    """Whether a part of a row's name is given: some of its parameters, or their values."""
    parts = row.split(",")
    known = [*parts, *(part.partition("=")[2] for part in parts)]
    return all(part in known for part in given.split(","))
