"""Scenario files as tests: each scenario is an item, by the name of its file and its row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dwf_sim.report.advice import advice
from dwf_sim.scenario import Played, ScenarioError, Sheet, play, read_scenarios
from dwf_sim.scenario.files import import_from
from pytest_dwf_sim.engines import counts_of
from pytest_dwf_sim.unshown import warn


class ScenarioFailed(Exception):
    """A scenario did not come out as expected."""


class ScenarioFile(pytest.File):
    """A file of scenarios."""

    def collect(self) -> Iterator[pytest.Item]:
        """Give an item for each scenario."""
        try:
            sheets = read_scenarios(_shown(self.path))
        except ScenarioError as error:
            raise self.CollectError(str(error)) from None
        stem = self.path.name.partition(".scenario.")[0]
        for sheet in sheets:
            name = f"{stem}[{sheet.row}]" if sheet.row else stem
            yield ScenarioItem.from_parent(self, name=name, sheet=sheet)


class ScenarioItem(pytest.Item):
    """One scenario."""

    def __init__(self, *, sheet: Sheet, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._sheet = sheet

    def runtest(self) -> None:
        """Play it."""
        import_from(self.config.rootpath)
        played = play(self._sheet)
        self.user_properties.append(("durable", counts_of(played.simulation)))
        if not played.is_good:
            lines = [*played.problems, "", f"faults: {played.simulation.faults}"]
            lines += [played.simulation.timeline(run) + "\n" for run in played.simulation.runs]
            lines += [f"What to do: {text}" for text in advice(played.simulation.trace)]
            lines.append(f"Repeat it: {self._command(played)}")
            raise ScenarioFailed("\n".join(lines))
        place = self._sheet.place("")
        warn(played.simulation, place.file, place.line)

    def _command(self, played: Played) -> str:
        """Say how to see it again, and store it if that is asked for."""
        source = self._sheet.place("").file
        folder = self.config.getoption("--durable-report")
        if folder is None:
            row = self._sheet.row
            return f"dwf-sim report {f'{source}::{row}'!r}" if row else f"dwf-sim run {source}"
        from dwf_sim.stored.scenario import store_scenario

        stored = store_scenario(Path(folder), Path(source), self._sheet, played)
        return f"dwf-sim replay {stored}"

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *_: Any) -> Any:
        """Show what is not as expected, without our own stack."""
        if isinstance(excinfo.value, ScenarioFailed | ScenarioError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Say where it stands: lines count from 0 here."""
        return self.path, self._sheet.place("").line - 1, self.name


def _shown(path: Path) -> Path:
    """Name a file as short as it can be named from here."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
