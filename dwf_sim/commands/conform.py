"""`dwf-sim conform`: how many recordings of the real server come out here as they did there."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import click

from dwf_sim.commands.screen import Progress, say, say_json
from dwf_sim.conformance.conforming import conform
from dwf_sim.conformance.showing import show
from dwf_sim.errors import UsageError

_SOURCES = Path("tests/conformance/oracle")
_DRIVER = "Who runs the functions: native, which is the default, or inngest for the vendor's SDK."
_GENERATE = "Make N new programs instead, and compare the two drivers on them."


@click.command()
@click.argument("folder", required=False, metavar="[DIR]", type=click.Path(path_type=Path))
@click.option("--driver", help=_DRIVER)
@click.option("--case", "name", metavar="NAME", help="Play this case alone.")
@click.option("--generate", "count", metavar="N", type=click.IntRange(1), help=_GENERATE)
@click.option("--seed", type=int, help="The number of the first program: 0 if it is left out.")
@click.option("--verbose", is_flag=True, help="Write a line for each case first.")
@click.option(
    "--show", "shown", metavar="NAME", help="Show what was recorded of a case beside ours."
)
@click.option("--json", "is_json", is_flag=True, help="Write the result as JSON.")
@click.pass_context
def command(
    context: click.Context,
    folder: Path | None,
    driver: str | None,
    name: str | None,
    count: int | None,
    seed: int | None,
    verbose: bool,
    shown: str | None,
    is_json: bool,
) -> None:
    """Play recordings of the real server and compare what becomes of them.

    DIR is a folder of recordings, one .json file per case; tests/conformance/oracle if there is
    one here. Exit status 1 when one fails. With --generate no recording is needed.
    """
    others = {"DIR": folder, "--case": name, "--driver": driver, "--show": shown}
    if count is not None:
        _refuse_beside("--generate", {**others, "--verbose": verbose or None})
        context.exit(_compare_drivers(count, seed or 0, is_json=is_json))
    _refuse_beside("a folder of recordings", {"--seed": seed})
    folder = folder or _SOURCES
    if not folder.is_dir():
        raise UsageError(
            f"{str(folder)!r} is not a folder; give a folder of recordings, such as "
            "tests/conformance/oracle of the sources"
        )
    driver = driver or "native"
    if shown is not None:
        _refuse_beside("--show", {"--case": name, "--json": is_json or None})
        for line in show(folder, shown, driver):
            say(line)
        return
    began = time.perf_counter()
    with Progress("recordings") as progress:
        found = conform(folder, driver=driver, name=name, told=progress.show)
    took_s = time.perf_counter() - began
    if verbose and not is_json:
        for line in found.case_lines():
            say(line)
    if is_json:
        say_json(found.table(took_s))
    else:
        _say(found.lines(took_s), found.exit_code)
    context.exit(found.exit_code)


def _refuse_beside(what: str, given: Mapping[str, object]) -> None:
    """Refuse what would be passed over without a word."""
    beside = [word for word, value in given.items() if value is not None]
    if beside:
        raise UsageError(f"{', '.join(beside)} says nothing beside {what}; leave it out")


def _compare_drivers(count: int, seed: int, *, is_json: bool) -> int:
    from dwf_sim.conformance.twins import compare_drivers

    with Progress("programs") as progress:
        found = compare_drivers(count, seed, told=progress.show)
    if is_json:
        say_json(found.table())
    else:
        _say(found.lines(), found.exit_code)
    return found.exit_code


def _say(lines: list[str], exit_code: int) -> None:
    """Write lines; the last one, the sum, in the colour of how it went."""
    for line in lines[:-1]:
        say(line)
    say(lines[-1], "bad" if exit_code else "good")
