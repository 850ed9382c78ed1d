"""`dwf-sim run`: play scenario files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import click

from dwf_sim.commands.apart import printed_apart
from dwf_sim.commands.screen import Progress, say, say_json, styled

if TYPE_CHECKING:
    from dwf_sim.scenario import Played, Sheet

_STYLES = {"passed": "good", "failed": "bad", "broken": "bad"}
_REPORT = "Store each scenario that fails there, as a file for `dwf-sim replay`."


@attrs.frozen
class Result:
    """What came of one scenario: passed, failed for these reasons, or broken by a mistake in it."""

    name: str
    about: str
    status: str
    reasons: tuple[str, ...]
    digest: str | None = None
    timelines: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    stored: Path | None = None

    def as_json(self) -> dict[str, object]:
        """The same for programs to read."""
        return {
            "name": self.name,
            "about": self.about,
            "status": self.status,
            "reasons": list(self.reasons),
            "digest": self.digest,
            "warnings": list(self.warnings),
            "advice": list(self.advice),
            "stored": None if self.stored is None else str(self.stored),
        }


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for programs to read.")
@click.option(
    "--timeline", is_flag=True, help="Show what each run did, of scenarios that pass too."
)
@click.option("--report", metavar="DIR", type=click.Path(path_type=Path), help=_REPORT)
def command(paths: tuple[Path, ...], as_json: bool, timeline: bool, report: Path | None) -> None:
    """Play the scenarios in PATHS: files, or folders of them.

    Functions are imported from the folder you are in. Exit status: 0 when all is as expected, 1
    when something is not, 2 when a file cannot be read or played.
    """
    from dwf_sim.scenario.files import find_files, import_from

    import_from(Path.cwd())
    files = find_files(paths)
    results: list[Result] = []
    with Progress("scenario files") as progress:
        for nth, file in enumerate(files):
            progress.show(nth, len(files))
            with printed_apart(is_json=as_json):
                played = _results(file, report)
            for result in played:
                results.append(result)
                if not as_json:
                    progress.hide()
                    _show(result, with_timeline=timeline)
    passed = sum(result.status == "passed" for result in results)
    if as_json:
        say_json({"passed": passed, "scenarios": [result.as_json() for result in results]})
    else:
        say(f"{passed} of {len(results)} scenarios", "good" if passed == len(results) else "bad")
    statuses = {result.status for result in results}
    sys.exit(2 if "broken" in statuses else 1 if "failed" in statuses else 0)


def _results(file: Path, report: Path | None) -> list[Result]:
    from dwf_sim.scenario import ScenarioError, read_scenarios

    try:
        sheets = read_scenarios(file)
    except ScenarioError as error:
        return [Result(str(file), "", "broken", tuple(str(error).splitlines()))]
    return [_result(file, sheet, report) for sheet in sheets]


def _result(file: Path, sheet: Sheet, report: Path | None) -> Result:
    from dwf_sim.report.advice import advice
    from dwf_sim.scenario import ScenarioError, play

    name = f"{file}[{sheet.row}]" if sheet.row else str(file)
    about = sheet.scenario.about
    try:
        played = play(sheet)
    except ScenarioError as error:
        return Result(name, about, "broken", (str(error),))
    digest, timelines = played.simulation.trace.digest(), _timelines(played)
    warned = tuple(played.simulation.warnings)
    if played.is_good:
        return Result(name, about, "passed", (), digest, timelines, warned)
    advised = tuple(advice(played.simulation.trace))
    stored = None if report is None else _store(report, file, sheet, played)
    return Result(
        name, about, "failed", played.problems, digest, timelines, warned, advised, stored
    )


def _store(folder: Path, file: Path, sheet: Sheet, played: Played) -> Path:
    from dwf_sim.stored.scenario import store_scenario

    return store_scenario(folder, file, sheet, played)


def _timelines(played: Played) -> tuple[str, ...]:
    return tuple(played.simulation.timeline(run) for run in played.simulation.runs)


def _show(result: Result, *, with_timeline: bool) -> None:
    status = styled(f"{result.status:7}", _STYLES[result.status])
    say(f"{status} {result.name}" + (f"  {result.about}" if result.about else ""))
    for reason in result.reasons:
        say(f"        {reason}")
    for text in result.warnings:
        say(f"        warning: {text}", "doubt")
    if with_timeline or result.status == "failed":
        for text in result.timelines:
            say("\n" + "\n".join("        " + line for line in text.splitlines()) + "\n")
    for text in result.advice:
        say(f"        What to do: {text}", "bad")
    if result.stored is not None:
        say(f"        See it again: dwf-sim replay {result.stored}")
