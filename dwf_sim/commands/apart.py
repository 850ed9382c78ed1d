"""What user code prints while a command plays it, kept apart from what the command tells."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from dwf_sim.scenario.files import import_from

_LEFT_OUT = (
    "What your code prints is left out, since it is played many times; dwf-sim replay shows it, of "
    "a finding that was stored by --out DIR."
)


@contextmanager
def printed_apart(*, is_json: bool) -> Iterator[None]:
    """Have what is printed go to the error output, if ours is for programs to read."""
    if not is_json:
        yield
        return
    with contextlib.redirect_stdout(sys.stderr):
        yield


@contextmanager
def printed_nowhere() -> Iterator[None]:
    """Leave out what is printed by plays of a search, and say so on the error output."""
    heard = _Deaf()
    stream = io.TextIOWrapper(io.BufferedWriter(heard), "utf-8")
    with contextlib.redirect_stdout(stream):
        yield
    stream.flush()
    if heard.was_told:
        click.echo(_LEFT_OUT, err=True)


def begin_process(folder: Path) -> None:
    """Begin a process of a search: functions are imported from a folder, and prints left out."""
    import_from(folder)
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # As long as the process.


class _Deaf(io.RawIOBase):
    """Takes what is written, and remembers only that there was something."""

    was_told = False

    def writable(self) -> bool:
        return True

    def write(self, given: Any, /) -> int:
        self.was_told = True
        return len(given)
