"""`dwf-sim explore`: plans that are drawn, until enough was tried or something is found."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path
from typing import Any

import click

from dwf_sim.commands.apart import begin_process, printed_nowhere
from dwf_sim.commands.certify import check_events, events_given
from dwf_sim.commands.screen import Progress as Bar
from dwf_sim.errors import ConfigError
from dwf_sim.scenario.files import import_from
from dwf_sim.search.drawing import EXHAUSTIVE, STRATEGIES
from dwf_sim.search.exploration import PORTFOLIO, Progress, explore
from dwf_sim.search.storing import told
from dwf_sim.search.terrain import DEFAULT_KINDS

_NAMES = (PORTFOLIO, *STRATEGIES, EXHAUSTIVE)
_OPTIONS = (
    click.argument("subject"),
    click.option("--event", "names", multiple=True, metavar="NAME", help="An event to send."),
    click.option("--data", multiple=True, metavar="JSON", help="Its data, or @FILE."),
    click.option("--events", "file", type=click.Path(path_type=Path), help="Events with times."),
    click.option("--setup", metavar="PLACE", help="A function to be called before each run."),
    click.option("--seed", type=int, default=0, show_default=True, help="What is drawn from."),
    click.option("--runs", type=int, help="How many runs; 1000 if no other end is given."),
    click.option("--within", metavar="SPAN", help="For how long, such as 30s."),
    click.option("--until-seen", type=int, metavar="K", help="Until all was seen K times."),
    click.option("--strategy", type=click.Choice(_NAMES), default=PORTFOLIO, show_default=True),
    click.option("--kind", "kinds", multiple=True, metavar="KIND", help="A kind of fault."),
    click.option("--findings", type=int, default=1, show_default=True, help="Find so many."),
    click.option("--tolerate", multiple=True, metavar="VERDICT", help="A verdict that is none."),
    click.option("--jobs", type=click.IntRange(1), help="How many processes; one a core."),
    click.option("--dask", metavar="ADDRESS", help="A Dask scheduler, whose workers do it."),
    click.option("--journal", type=click.Path(path_type=Path), help="A file, to go on with later."),
    click.option("--out", "folder", metavar="DIR", type=click.Path(path_type=Path)),
    click.option("--json", "is_json", is_flag=True, help="Write the result as JSON."),
)


def _with_options(function: Any) -> Any:
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


@click.command()
@_with_options
@click.pass_context
def command(context: click.Context, /, **given: Any) -> None:
    """Play a subject with plans that are drawn, until enough was tried or something is found.

    SUBJECT is what `dwf-sim certify` takes. The same seed draws the same plans, with any number of
    processes. Exit status 1 when something is found.
    """
    import_from(Path.cwd())
    events = events_given(given["names"], given["data"], given["file"])
    is_json, folder = given["is_json"], given["folder"]
    ends = {name: given[name] for name in ("runs", "within", "until_seen")}
    if all(end is None for end in ends.values()):
        ends["runs"] = 1000
    same = ("setup", "seed", "strategy", "findings", "tolerate", "journal")
    jobs, dask = given["jobs"], given["dask"]
    with printed_nowhere(), _executor(jobs, dask) as executor, Bar("runs") as bar:
        check_events(given["subject"], events)
        found = explore(
            given["subject"],
            events=events,
            kinds=given["kinds"] or DEFAULT_KINDS,
            executor=executor,
            told=_Telling(bar),
            **ends,
            **{name: given[name] for name in same},
        )
    if is_json:
        click.echo(json.dumps(found.as_json() | {"digest": found.digest}, indent=1))
    else:
        for line in told(found.findings, folder):
            click.echo(line)
        click.echo(found.summary)
    context.exit(0 if found.holds else 1)


@contextlib.contextmanager
def _executor(jobs: int | None, dask: str | None) -> Iterator[Executor | None]:
    """Give what makes the runs: None stands for this process."""
    here = Path.cwd()
    if dask is not None:
        if jobs is not None:
            raise ConfigError("--jobs and --dask are both given; a cluster has its own workers")
        from dwf_sim.search.cluster import cluster

        with cluster(dask, here) as executor:
            yield executor
        return
    count = jobs or os.cpu_count() or 1
    if count == 1:
        yield None
        return
    pool = ProcessPoolExecutor(count, initializer=begin_process, initargs=(here,))
    with pool:
        yield pool


class _Telling:
    """Tells how a search goes on, beside its bar."""

    def __init__(self, bar: Bar, *, clock: Callable[[], float] = time.perf_counter) -> None:
        self._bar = bar
        self._clock = clock
        self._began = clock()

    def __call__(self, now: Progress) -> None:
        elapsed = self._clock() - self._began
        pace = now.runs / elapsed if elapsed > 0 else 0.0
        text = f"{pace:,.0f} runs/s, {now.faults:,} faults, "
        text += f"{now.covered} of {now.places} sites covered, {now.failed:,} failures"
        self._bar.show(now.runs, now.runs_max, text)
