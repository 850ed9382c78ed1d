"""The screen: colours, tables and progress where the terminal allows, plain text elsewhere.

Nothing but click is needed for it. Output that is no terminal (a pipe, a file, CI) and the
variable `NO_COLOR` get plain text.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import IO, Any, Self

import click

STYLES: dict[str, dict[str, Any]] = {
    "good": {"fg": "green"},
    "bad": {"fg": "red", "bold": True},
    "doubt": {"fg": "yellow"},
    "head": {"bold": True},
    "aside": {"dim": True},
}
_WIPE = "\r\033[K"
QUIET_S = 1.0  # A command that is over sooner shows no progress.


def is_colourful(stream: IO[str]) -> bool:
    """Say whether colours are wanted there: on a terminal, unless `NO_COLOR` says no."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


def styled(text: str, style: str) -> str:
    """Write a text in one of the `STYLES`, for `say`."""
    return click.style(text, **STYLES[style])


def say(text: str = "", style: str | None = None) -> None:
    """Write a line, in colour if that is wanted."""
    shown = text if style is None else styled(text, style)
    click.echo(shown if is_colourful(sys.stdout) else click.unstyle(shown))


def say_json(content: object) -> None:
    """Write an object for programs to read, and nothing beside it."""
    click.echo(json.dumps(content, indent=2))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Write rows under a head, in columns as wide as they need."""
    lines = [[*map(str, line)] for line in (head, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    shown = [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    return [styled(shown[0], "head"), *shown[1:]]


@contextmanager
def busy(what: str) -> Iterator[None]:
    """Say on the terminal's error output what is under way, and wipe it away when that is over."""
    if not _shows_progress():
        yield
        return
    click.echo(f"{what} …", nl=False, err=True)
    try:
        yield
    finally:
        click.echo(_WIPE, nl=False, err=True, color=True)


def _shows_progress() -> bool:
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


class Progress:
    """A bar on the terminal's error output, once a second is over; nowhere else, nothing.

    with Progress("cases") as progress:
        for nth, case in enumerate(cases):
            progress.show(nth, len(cases))
            play(case)
    """

    def __init__(self, what: str, *, clock: Callable[[], float] = time.perf_counter) -> None:
        self._what = what
        self._clock = clock
        self._began = clock()
        self._bar: Any = None
        self._is_wanted = _shows_progress()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.hide()

    def show(self, done: int, total: int | None, aside: str = "") -> None:
        """Show how much is done, and a text beside it, if it has taken a second already."""
        if not self._is_wanted or self._clock() - self._began < QUIET_S:
            return
        if self._bar is None:
            self._bar = click.progressbar(
                itertools.count() if total is None else None,  # Which has no end either.
                length=total,
                label=self._what,
                file=sys.stderr,
                show_pos=True,
                item_show_func=lambda text: text,
            )
        self._bar.update(done - self._bar.pos, aside or None)

    def hide(self) -> None:
        """Wipe the bar away before something else is written; it is shown again when more is."""
        if self._bar is not None:
            click.echo(f"{_WIPE}\033[?25h", nl=False, err=True, color=True)  # With a cursor.
