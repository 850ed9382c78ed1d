"""`dwf-sim init`: a first function, its test and a scenario, written into a project."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from dwf_sim.commands.screen import say, say_json
from dwf_sim.errors import UsageError

FOLDER = "durable"
_STARTER = Path(__file__).parent / "starter"
_NEXT = (
    ("pytest {folder}", "all of it passes, and a day takes no time"),
    ("dwf-sim report {folder}/orders.scenario.yaml", "what each run did, and when"),
    ("dwf-sim lint {folder}", "mistakes that can be seen without running"),
)


@click.command()
@click.argument("project", required=False, default=".", type=click.Path(path_type=Path))
@click.option("--json", "is_json", is_flag=True, help="Write the result as JSON.")
def command(project: Path, is_json: bool) -> None:
    """Write a first durable function, its test and a scenario into PROJECT, or here.

    They go into a folder of their own, durable. Files that exist are left as they are. Exit
    status: 0 when all was written, 1 when some files were there already, 2 when none can be
    written.
    """
    folder = _folder(project)
    written, kept = [], []
    for source in sorted(_STARTER.glob("*.txt")):
        target = folder / source.name.removesuffix(".txt")
        if target.exists():
            kept.append(target.as_posix())
        else:
            target.write_text(source.read_text("utf-8"), "utf-8")
            written.append(target.as_posix())
    if is_json:
        say_json({"written": written, "kept": kept})
    else:
        _show(project, written, kept)
    sys.exit(1 if kept else 0)


def _folder(project: Path) -> Path:
    """Make the folder, if tests in it can import from it."""
    if (project / "__init__.py").exists():
        raise UsageError(
            f"{project} is a package, since it has an __init__.py; name the folder that holds your "
            "packages, such as the one with pyproject.toml"
        )
    folder = project / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be made: {error}; name another folder") from None
    return folder


def _show(project: Path, written: list[str], kept: list[str]) -> None:
    for file in written:
        say(f"wrote   {file}", "good")
    for file in kept:
        say(f"exists  {file}: left as it is", "doubt")
    say("\nWhat to do next" + (f", in {project}:" if project != Path() else ":"))
    width = max(len(call) for call, _ in _NEXT)
    for call, why in _NEXT:
        say(f"  {call.format(folder=FOLDER):<{width}}  {why}")
    say(
        f"\nThen break it: take the line with key= out of {FOLDER}/orders.py, and call pytest "
        f"again.\n{FOLDER}/README.md says what you will see."
    )
