"""The command `python -m dwf_sim.conformance`, for whoever wants to know how far to trust us."""

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path

from dwf_sim.conformance.vectors import check_folder
from dwf_sim.errors import UsageError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; answer 0 if all agrees, 1 if anything does not, 2 for a wrong command."""
    _write_any_character()
    chosen = _parser().parse_args(arguments)
    try:
        report = check_folder(chosen.folder)
    except UsageError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    try:
        sys.stdout.writelines(f"{line}\n" for line in report.lines())
        sys.stdout.flush()
    except BrokenPipeError:  # Whoever reads has had enough, as `head` has.
        sys.stdout = io.StringIO()
    return report.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dwf_sim.conformance")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    vectors = commands.add_parser(
        "vectors", help="compare a folder of the engine's recorded answers with ours"
    )
    vectors.add_argument("folder", type=Path, metavar="DIR", help="the folder of vector files")
    return parser


def _write_any_character() -> None:
    """A vector may hold characters that the terminal's encoding lacks."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    sys.exit(main())
