"""`dwf-sim lint`: mistakes of durable functions that can be seen without running them."""

from __future__ import annotations

import sys
from pathlib import Path

import attrs
import click

from dwf_sim.commands.screen import Progress, say, say_json, styled


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "is_json", is_flag=True, help="Write the result as JSON.")
def command(paths: tuple[Path, ...], is_json: bool) -> None:
    """Look for mistakes in the durable functions of PATHS: files, or folders; else in this folder.

    Nothing is imported or run. A comment "noqa: DWF001" on a line excuses it. Exit status: 1
    when something was found, 2 when a path or a file cannot be read.
    """
    from dwf_sim.lint import lint

    with Progress("files") as progress:
        found = lint(paths or (Path(),), told=progress.show)
    if is_json:
        say_json(attrs.asdict(found))
    else:
        for finding in found.findings:
            place = styled(f"{finding.file}:{finding.line}:{finding.column}", "head")
            what = f"{styled(finding.code, 'bad')} {finding.what}"
            say(f"{place}: {what}: {finding.why}: {finding.do}")
        for text in found.unread:
            say(text, "bad")
        say(
            f"{len(found.findings)} found in {found.functions} durable functions of {found.files} "
            "files",
            "bad" if found.findings or found.unread else "good",
        )
    sys.exit(2 if found.unread else 1 if found.findings else 0)
