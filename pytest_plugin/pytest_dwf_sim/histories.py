"""Histories as tests: each boundary of each history is an item, or a try of a marked test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dwf_sim import Replayer, UsageError
from dwf_sim.histories import History, HistoryBroken, find_histories, read_history
from dwf_sim.histories.code import code_at, code_of
from dwf_sim.histories.verdicts import check_allowed
from dwf_sim.scenario.files import import_from

OPTION = "--durable-histories"


def add_folder(config: pytest.Config) -> None:
    """Have the folder of the option collected with whatever else is."""
    folder = _folder(config)
    if not folder.exists():
        raise pytest.UsageError(f"{OPTION} is {folder}, and nothing is there")
    try:
        check_allowed(config.getoption("--durable-allow"))
    except UsageError as error:
        raise pytest.UsageError(f"--durable-allow: {error}") from None
    given = [Path(argument.partition("::")[0]).resolve() for argument in config.args]
    if not any(folder.is_relative_to(argument) for argument in given):
        config.args.append(str(folder))


def is_wanted(config: pytest.Config, file: Path) -> bool:
    """Say whether a history is in the folder of the option."""
    if config.getoption(OPTION) is None:
        return False
    return file.resolve().is_relative_to(_folder(config))


def boundaries_of(metafunc: pytest.Metafunc) -> dict[str, Replayer]:
    """Find the boundaries a marked test is made for, by the name of each try."""
    node = metafunc.definition
    marker = node.get_closest_marker("durable")
    folder = None if marker is None else marker.kwargs.get("histories")
    if not isinstance(folder, str | Path):
        raise pytest.UsageError(
            f"{node.nodeid}: durable_history needs a folder of histories: "
            '@pytest.mark.durable(histories="histories")'
        )
    try:
        histories = find_histories(node.path.parent / folder)
    except UsageError as error:
        raise pytest.UsageError(f"{node.nodeid}: {error}") from None
    return {
        f"{history.function}.{history.name}:{title}": Replayer(history, boundary=title)
        for history in histories
        for title in _titles(history)
    }


class HistoryFile(pytest.File):
    """A history."""

    def collect(self) -> Iterator[pytest.Item]:
        """Give an item for each boundary."""
        try:
            history = read_history(self.path)
        except UsageError as error:
            raise self.CollectError(str(error)) from None
        for title in _titles(history):
            yield HistoryItem.from_parent(self, name=title, history=history)


class HistoryItem(pytest.Item):
    """One boundary of a history."""

    def __init__(self, *, history: History, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._history = history

    def runtest(self) -> None:
        """Replay it with the code of now."""
        import_from(self.config.rootpath)
        import_from(self.config.invocation_params.dir)  # Before the other, which may be above.
        place = self.config.getoption("--durable-app")
        code = code_of(self._history) if place is None else code_at(place)
        replayed = Replayer(self._history, boundary=self.name).replay(code)
        replayed.check(self.config.getoption("--durable-allow"))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *_: Any) -> Any:
        """Say what becomes of the run, without our own stack."""
        if isinstance(excinfo.value, HistoryBroken | UsageError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Say where it stands."""
        return self.path, None, f"{self._history.function}.{self._history.name}: {self.name}"


def _titles(history: History) -> list[str]:
    """Name the boundaries, each once: a run can wait for the same steps twice."""
    return list(dict.fromkeys(history.title(boundary) for boundary in history.boundaries))


def _folder(config: pytest.Config) -> Path:
    folder: str = config.getoption(OPTION)
    return (config.invocation_params.dir / folder).resolve()
