"""`dwf-sim conform`: how many recordings of the real server come out here as they did there."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click

from dwf_sim.conformance.conforming import conform
from dwf_sim.errors import UsageError

_SOURCES = Path("tests/conformance/oracle")


@click.command()
@click.argument("folder", required=False, metavar="[DIR]", type=click.Path(path_type=Path))
@click.option("--driver", default="native", show_default=True, help="Who runs the functions.")
@click.option("--case", "name", metavar="NAME", help="Play this case alone.")
@click.option("--json", "is_json", is_flag=True, help="Write the result as JSON.")
@click.pass_context
def command(
    context: click.Context, folder: Path | None, driver: str, name: str | None, is_json: bool
) -> None:
    """Play recordings of the real server and compare what becomes of them.

    DIR is a folder of recordings, one .json file per case; tests/conformance/oracle if there is
    one here. Exit status 1 when one fails.
    """
    folder = folder or _SOURCES
    if not folder.is_dir():
        raise UsageError(
            f"{str(folder)!r} is not a folder; give a folder of recordings, such as "
            "tests/conformance/oracle of the sources"
        )
    began = time.perf_counter()
    found = conform(folder, driver=driver, name=name)
    took_s = time.perf_counter() - began
    for line in [json.dumps(found.table(took_s), indent=1)] if is_json else found.lines(took_s):
        click.echo(line)
    context.exit(found.exit_code)
