"""Files: which ones hold scenarios, and where their functions are looked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from dwf_sim.errors import ConfigError

ENDINGS = (".scenario.yaml", ".scenario.yml", ".scenario.json")


def is_scenario(file: Path) -> bool:
    """Say by its name whether a file holds scenarios."""
    return file.name.endswith(ENDINGS)


def find_files(paths: Iterable[Path]) -> list[Path]:
    """Find the scenario files that paths name: themselves, or all in a folder, sorted by name.

    Raises `ConfigError` for a path that names none.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(each for each in path.rglob("*") if is_scenario(each))
            if not inside:
                raise ConfigError(f"{path} holds no scenario; their names end with {ENDINGS[0]}")
            found += inside
        elif not path.exists():
            raise ConfigError(f"{path} is not there; name a scenario file, or a folder of them")
        elif not is_scenario(path):
            raise ConfigError(
                f"{path} is no scenario by its name, which has to end with {' or '.join(ENDINGS)}"
            )
        else:
            found.append(path)
    return list(dict.fromkeys(found))


def import_from(folder: Path) -> None:
    """Let functions be imported from a folder, as `python -m` does from the one it is called in."""
    text = os.fspath(folder.resolve())
    if text not in sys.path:
        sys.path.insert(0, text)
