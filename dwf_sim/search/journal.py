"""The journal of a search: a file with what each run came to, so that it can go on later."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import attrs

from dwf_sim.errors import ConfigError, UsageError
from dwf_sim.faults import Site
from dwf_sim.search.course import Course
from dwf_sim.search.origin import KIND, changes_since
from dwf_sim.search.stage import Stage
from dwf_sim.search.trial import Result
from dwf_sim.search.verdict import Verdict

# What reading anything else raises.
_NO_RUN = (AttributeError, KeyError, RecursionError, TypeError, UsageError, ValueError)


@attrs.define
class Journal:
    """Results by their number, as lines of JSON; without a file it remembers nothing."""

    file: Path | None = None
    _known: dict[int, Result] = attrs.field(factory=dict)

    @classmethod
    def of(cls, file: Path, origin: Mapping[str, Any], pilot: Stage) -> Self:
        """Open a journal of runs of this origin only, or begin it.

        Raises `ConfigError` for the journal of another search or of other code, for a file that is
        no journal, and for one that cannot be read or written.
        """
        try:
            return cls._opened(file, origin, pilot)
        except OSError as error:
            raise ConfigError(
                f"the journal {file} cannot be kept: {error.strerror}; name a file that can be "
                "written"
            ) from None

    @classmethod
    def _opened(cls, file: Path, origin: Mapping[str, Any], pilot: Stage) -> Self:
        journal = cls(file)
        text = file.read_bytes() if file.exists() else b""
        head = json.dumps(origin).encode() + b"\n"
        if head.startswith(text):  # There is none, or it was broken off right there.
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(head)
            return journal
        first, *lines = text.splitlines(keepends=True)
        _check(file, _head(file, first, origin), origin, pilot)
        size = len(first)
        for nth, line in enumerate(lines, 2):
            if not line.endswith(b"\n"):  # The last one was broken off.
                break
            result = _result(file, nth, line)
            journal._known[result.number] = result
            size += len(line)
        if size < len(text):
            os.truncate(file, size)
        return journal

    def has(self, number: int) -> bool:
        """Say whether a run was made before."""
        return number in self._known

    def read(self, number: int) -> Result:
        """Give the result of a run that was made before."""
        return self._known[number]

    def note(self, result: Result) -> None:
        """Add the result of a run."""
        if self.file is None:
            return
        content = {
            "number": result.number,
            "strategy": result.strategy,
            "course": result.course.as_json(),
            "verdicts": [attrs.asdict(verdict) for verdict in result.verdicts],
            "states": list(result.states),
            "struck": [list(pair) for pair in result.struck],
            "happened": list(result.happened),
            "later": [attrs.asdict(site) for site in result.later],
        }
        with self.file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(content) + "\n")


def _head(file: Path, line: bytes, origin: Mapping[str, Any]) -> dict[str, Any]:
    """Read the first line, which says what the runs were made from."""
    content: Any = None
    with contextlib.suppress(ValueError, RecursionError):
        content = json.loads(line)
    is_head = isinstance(content, dict) and content.keys() == origin.keys()
    if not is_head or content["kind"] != KIND or not isinstance(content["sources"], dict):
        raise ConfigError(
            f"{file} is there and is no journal of this version of dwf_sim; name another file, or "
            "remove it"
        )
    return dict(content)


def _check(file: Path, head: dict[str, Any], origin: Mapping[str, Any], pilot: Stage) -> None:
    """Demand that runs of the journal would be the same if they were made now."""
    if head["search"] != origin["search"]:
        raise ConfigError(
            f"{file} is the journal of another search; give the same subject, events, setup, "
            "settings, seed, strategy and kinds, or another file"
        )
    found = changes_since(head, origin, pilot)
    if found:
        raise ConfigError(
            f"{file} is a journal of what was there before, and its runs would not be the same "
            f"now: {'; '.join(found)}. Remove it, or name another file"
        )


def _result(file: Path, nth: int, line: bytes) -> Result:
    """Read what a run came to."""
    try:
        content = json.loads(line)
        if type(content["number"]) is not int:
            raise TypeError(f"its number is {content['number']!r}")
        return Result(
            number=content["number"],
            strategy=content["strategy"],
            course=Course.of_json(content["course"]),
            verdicts=tuple(Verdict(**each) for each in content["verdicts"]),
            states=tuple(content["states"]),
            struck=tuple((kind, step) for kind, step in content["struck"]),
            happened=tuple(content["happened"]),
            later=tuple(Site(**each) for each in content["later"]),
        )
    except _NO_RUN as error:
        raise ConfigError(
            f"{file}:{nth} is no run of a search: {type(error).__name__}: {error}; remove the "
            "journal, or name another file"
        ) from None
