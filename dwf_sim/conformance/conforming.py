"""Plays a folder of recordings and reports how many cases come out as they were recorded.

Nothing here prints: a command writes the report's lines and ends with its exit code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs

from dwf_sim.conformance.comparison import compare
from dwf_sim.conformance.observation import observe
from dwf_sim.conformance.playing import driver_of, play
from dwf_sim.conformance.recordings import Recording, paths_of, read_recording
from dwf_sim.errors import UsageError

UNREADABLE = "unreadable"
"""The area of a file that is no recording."""


@attrs.frozen
class Verdict:
    """How one case did; `difference` is the first place where it went another way."""

    name: str
    area: str
    recorded_s: float  # How long the server was watched.
    difference: str | None

    @property
    def passed(self) -> bool:
        """Whether it came out as it was recorded."""
        return self.difference is None


@attrs.frozen
class Conformance:
    """How a folder of recordings did with one driver."""

    driver: str
    verdicts: tuple[Verdict, ...]
    left_out: Mapping[str, list[str]]  # Cases with needs that the driver has not.

    @property
    def failures(self) -> list[Verdict]:
        """The cases that went another way."""
        return [verdict for verdict in self.verdicts if not verdict.passed]

    @property
    def exit_code(self) -> int:
        """The exit status of the command: 0 if all agrees, 1 if not."""
        return 1 if self.failures else 0

    @property
    def recorded_s(self) -> float:
        """How long the server was watched for all that was played here."""
        return sum(verdict.recorded_s for verdict in self.verdicts)

    def lines(self, took_s: float) -> list[str]:
        """Write a table by area, then each failure, how fast it went, and the sum."""
        areas = self._areas()
        width = max(map(len, [*areas, "area"]))
        lines = [f"{'area':<{width}}  passed  failed"]
        for area, counts in areas.items():
            lines.append(f"{area:<{width}}  {counts['passed']:>6}  {counts['failed']:>6}")
        needs = sorted({need for lacking in self.left_out.values() for need in lacking})
        if needs:
            lines.append(f"left out: {len(self.left_out)} that need {', '.join(needs)}")
        lines += [f"{verdict.name}: {verdict.difference}" for verdict in self.failures]
        lines.append(
            f"{self.recorded_s:.0f} s of the server in {took_s:.1f} s: "
            f"{self.recorded_s / took_s:.0f} times as fast as the recorded observation time"
        )
        count = len(self.verdicts)
        return [*lines, f"{count - len(self.failures)} of {count} cases"]

    def case_lines(self) -> list[str]:
        """Write a line for each case: its name, its area, how it did, and if not well, why."""
        rows = [
            (verdict.name, verdict.area, "passed" if verdict.passed else "failed")
            for verdict in self.verdicts
        ]
        rows += [
            (name, "", f"left out: it needs {', '.join(needs)}")
            for name, needs in self.left_out.items()
        ]
        widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
        return [
            f"{name:<{widths[0]}}  {area:<{widths[1]}}  {how}" for name, area, how in sorted(rows)
        ]

    def _areas(self) -> dict[str, dict[str, int]]:
        return {
            area: {
                "passed": sum(one.passed for one in self.verdicts if one.area == area),
                "failed": sum(not one.passed for one in self.verdicts if one.area == area),
            }
            for area in sorted({verdict.area for verdict in self.verdicts})
        }

    def table(self, took_s: float) -> Mapping[str, Any]:
        """Give the same as a value for JSON."""
        return {
            "driver": self.driver,
            "cases": len(self.verdicts),
            "passed": len(self.verdicts) - len(self.failures),
            "recorded_s": self.recorded_s,
            "took_s": took_s,
            "times_as_fast": self.recorded_s / took_s,
            "areas": self._areas(),
            "left_out": dict(self.left_out),
            "verdicts": [
                {**attrs.asdict(verdict), "passed": verdict.passed} for verdict in self.verdicts
            ],
            "failures": [attrs.asdict(verdict) for verdict in self.failures],
        }


def conform(
    folder: Path,
    *,
    driver: str = "native",
    name: str | None = None,
    told: Callable[[int, int], None] = lambda _done, _of: None,
) -> Conformance:
    """Play the recordings of a folder, or the one of this name.

    `told` is called before each of them with how many are done, and of how many.

    A file that is no recording is a failure of its own; raises `UsageError` when there are none, or
    none that the driver can play: that nothing failed would be no answer.
    """
    played_by = driver_of(driver)
    verdicts: list[Verdict] = []
    left_out: dict[str, list[str]] = {}
    paths = paths_of(folder, name)
    for nth, path in enumerate(paths):
        told(nth, len(paths))
        try:
            recording = read_recording(path)
        except UsageError as error:
            verdicts.append(Verdict(path.stem, UNREADABLE, 0.0, str(error)))
            continue
        if lacks := played_by.lacks(recording):
            left_out[path.stem] = lacks
        else:
            verdicts.append(judge(recording, driver))
    if not verdicts:
        needs = ", ".join(sorted({need for lacks in left_out.values() for need in lacks}))
        raise UsageError(
            f"none of {len(left_out)} cases can be played by the driver {driver}: they need "
            f"{needs}; give another driver or other cases"
        )
    return Conformance(driver, tuple(verdicts), left_out)


def judge(recording: Recording, driver: str = "native") -> Verdict:
    """Play one recording and compare."""
    about = recording.name, recording.area, recording.until
    try:
        difference = compare(recording, observe(recording, play(recording, driver)))
    except UsageError as error:
        return Verdict(*about, f"it cannot be played: {error}")
    except Exception as error:  # A case that breaks us is no reason to leave out all others.
        return Verdict(*about, f"it broke: {type(error).__name__}: {error}")
    return Verdict(*about, None if difference is None else str(difference))
