"""`dwf-sim run`: play scenario files."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import attrs
import click

from dwf_sim.scenario import Played, ScenarioError, Sheet, play, read_scenarios
from dwf_sim.scenario.files import find_files, import_from


@attrs.frozen
class Result:
    """What came of one scenario: passed, failed for these reasons, or broken by a mistake in it."""

    name: str
    about: str
    status: str
    reasons: tuple[str, ...]
    digest: str | None = None
    timelines: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The same for programs to read."""
        return {
            "name": self.name,
            "about": self.about,
            "status": self.status,
            "reasons": list(self.reasons),
            "digest": self.digest,
        }


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for programs to read.")
@click.option(
    "--timeline", is_flag=True, help="Show what each run did, of scenarios that pass too."
)
def command(paths: tuple[Path, ...], as_json: bool, timeline: bool) -> None:
    """Play the scenarios in PATHS: files, or folders of them.

    Functions are imported from the folder you are in. Exit status: 0 when all is as expected, 1
    when something is not, 2 when a file cannot be read or played.
    """
    import_from(Path.cwd())
    results: list[Result] = []
    for file in find_files(paths):
        for result in _results(file):
            results.append(result)
            if not as_json:
                _show(result, with_timeline=timeline)
    passed = sum(result.status == "passed" for result in results)
    if as_json:
        content = [result.as_json() for result in results]
        click.echo(json.dumps({"passed": passed, "scenarios": content}, indent=2))
    else:
        click.echo(f"{passed} of {len(results)} scenarios")
    statuses = {result.status for result in results}
    sys.exit(2 if "broken" in statuses else 1 if "failed" in statuses else 0)


def _results(file: Path) -> list[Result]:
    try:
        sheets = read_scenarios(file)
    except ScenarioError as error:
        return [Result(str(file), "", "broken", tuple(str(error).splitlines()))]
    return [_result(file, sheet) for sheet in sheets]


def _result(file: Path, sheet: Sheet) -> Result:
    name = f"{file}[{sheet.row}]" if sheet.row else str(file)
    about = sheet.scenario.about
    try:
        played = play(sheet)
    except ScenarioError as error:
        return Result(name, about, "broken", (str(error),))
    status = "passed" if played.is_good else "failed"
    digest = played.simulation.trace.digest()
    return Result(name, about, status, played.problems, digest, _timelines(played))


def _timelines(played: Played) -> tuple[str, ...]:
    return tuple(played.simulation.timeline(run) for run in played.simulation.runs)


def _show(result: Result, *, with_timeline: bool) -> None:
    click.echo(f"{result.status:7} {result.name}" + (f"  {result.about}" if result.about else ""))
    for reason in result.reasons:
        click.echo(f"        {reason}")
    if with_timeline or result.status == "failed":
        for text in result.timelines:
            click.echo("\n" + "\n".join("        " + line for line in text.splitlines()) + "\n")
