"""Scenarios that failed, stored with their text: the file they came from may go on changing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dwf_sim.errors import ConfigError
from dwf_sim.scenario import Played, Sheet, play, read_scenarios
from dwf_sim.scenario.files import import_from
from dwf_sim.stored.account import account_of
from dwf_sim.stored.file import check_fields, name_for, write_stored
from dwf_sim.stored.made_with import changes, made_with
from dwf_sim.stored.replayed import Replayed

KIND = "scenario"
_FIELDS = {"file": str, "row": str, "text": str}


def store_scenario(folder: Path, source: Path, sheet: Sheet, played: Played) -> Path:
    """Store a scenario that failed, and say in which file of the folder.

    It is named by its path from here; one from elsewhere by its file alone.
    """
    here, whole = Path.cwd(), source.absolute()
    path = whole.relative_to(here).as_posix() if whole.is_relative_to(here) else source.name
    stem = path.rpartition(".scenario.")[0]
    file = folder / f"{name_for(f'{stem}-{sheet.row}')}.json"
    content = {
        "file": source.as_posix(),
        "row": sheet.row,
        "text": source.read_text("utf-8"),
        "problems": list(played.problems),
        "digest": played.simulation.trace.digest(),
        "made_with": made_with(played.simulation),
    }
    write_stored(file, KIND, content)
    return file


def replay(file: Path, content: Mapping[str, Any]) -> Replayed:
    """Play a stored scenario again, as it was; its functions are imported from here.

    Raises `ConfigError` for a file that is none, or whose functions cannot be had.
    """
    check_fields(file, content, _FIELDS)
    source = Path(content["file"])
    sheets = read_scenarios(source, content["text"])
    found = [sheet for sheet in sheets if sheet.row == content["row"]]
    if not found:
        rows = ", ".join(repr(sheet.row) for sheet in sheets)
        raise ConfigError(f"{file}: row is {content['row']!r}, and the scenario's are {rows}")
    import_from(Path.cwd())
    played = play(found[0])
    changed = list(changes(content, played.simulation))
    try:
        if source.read_text("utf-8") != content["text"]:
            changed.append(f"{source} has another text; the stored one is played")
    except (OSError, UnicodeDecodeError):
        changed.append(f"{source} is not there any more; the stored text is played")
    what = f"{source}::{content['row']}" if content["row"] else str(source)
    return Replayed(what, played.problems, tuple(changed), (account_of(played.simulation),))
