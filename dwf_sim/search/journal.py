"""The journal of a search: a file with what each run came to, so that it can go on later."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Self

import attrs

from dwf_sim.errors import ConfigError
from dwf_sim.faults import Site
from dwf_sim.search.course import Course
from dwf_sim.search.trial import Result
from dwf_sim.search.verdict import Verdict


@attrs.define
class Journal:
    """Results by their number, as lines of JSON; without a file it remembers nothing."""

    file: Path | None
    _known: dict[int, dict[str, Any]] = attrs.field(factory=dict)

    @classmethod
    def of(cls, file: Path | None, about: str) -> Self:
        """Open a journal, of this search only. Raises `ConfigError` for one of another."""
        journal = cls(None if file is None else Path(file))
        if journal.file is None:
            return journal
        head = hashlib.sha256(about.encode()).hexdigest()
        if not journal.file.exists():
            journal.file.parent.mkdir(parents=True, exist_ok=True)
            journal.file.write_text(json.dumps({"journal": head}) + "\n", "utf-8")
            return journal
        whole = _whole_lines(journal.file)
        lines = [json.loads(line) for line in whole]
        if not lines or lines[0] != {"journal": head}:
            raise ConfigError(
                f"{file} is the journal of another search; give the same subject, seed, strategy "
                "and kinds, or another file"
            )
        journal.file.write_text("".join(whole), "utf-8")  # Without a line that was broken off.
        for content in lines[1:]:
            journal._known[content["number"]] = content
        return journal

    def has(self, number: int) -> bool:
        """Say whether a run was made before."""
        return number in self._known

    def read(self, number: int) -> Result:
        """Give the result of a run that was made before."""
        content = self._known[number]
        return Result(
            number=number,
            strategy=content["strategy"],
            course=Course.of_json(content["course"]),
            verdicts=tuple(Verdict(**each) for each in content["verdicts"]),
            states=tuple(content["states"]),
            struck=tuple((kind, step) for kind, step in content["struck"]),
            happened=tuple(content["happened"]),
            later=tuple(Site(**each) for each in content["later"]),
        )

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


def _whole_lines(file: Path) -> list[str]:
    """Read the lines that were written to their end: the last may have been broken off."""
    return [line for line in file.read_text("utf-8").splitlines(keepends=True) if line[-1:] == "\n"]
