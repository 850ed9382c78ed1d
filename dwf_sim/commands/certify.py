"""`dwf-sim certify`: every crash of an input, what comes of each, and what that proves."""

from __future__ import annotations

import json
from collections.abc import Sized
from pathlib import Path
from typing import Any

import click

from dwf_sim.commands.apart import printed_nowhere
from dwf_sim.demo.input import SHAPE, read_events
from dwf_sim.errors import ConfigError
from dwf_sim.scenario.files import import_from
from dwf_sim.search.certification import certify
from dwf_sim.search.sites import CRASHES
from dwf_sim.search.storing import told
from dwf_sim.search.subject import Subject

_EVENT = "The event to send; may be given several times, each with its own --data."
_DATA = "The data of the event as JSON, or @FILE."
_EVENTS = 'A file of events and their times: {"events": [{"at": "26h", "name": …, "data": …}]}.'
_SETUP = "A function to be called before each run, as package.module:name."
_KIND = f"A kind of fault to try at each site, instead of {', '.join(CRASHES)}."
_TOLERATE = "A verdict that is none, such as 'other output'."
_OUT = "Store what is found in this folder."


@click.command()
@click.argument("subject")
@click.option("--event", "names", multiple=True, metavar="NAME", help=_EVENT)
@click.option("--data", "data", multiple=True, metavar="JSON", help=_DATA)
@click.option("--events", "file", type=click.Path(path_type=Path), help=_EVENTS)
@click.option("--setup", metavar="PLACE", help=_SETUP)
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help=_KIND)
@click.option("--no-pairs", is_flag=True, help="Try single faults only.")
@click.option("--tolerate", multiple=True, metavar="VERDICT", help=_TOLERATE)
@click.option("--out", "folder", metavar="DIR", type=click.Path(path_type=Path), help=_OUT)
@click.option("--json", "is_json", is_flag=True, help="Write the result as JSON.")
@click.pass_context
def command(
    context: click.Context,
    subject: str,
    names: tuple[str, ...],
    data: tuple[str, ...],
    file: Path | None,
    setup: str | None,
    kinds: tuple[str, ...],
    no_pairs: bool,
    tolerate: tuple[str, ...],
    folder: Path | None,
    is_json: bool,
) -> None:
    """Play every single crash of an input, every two, and its events twice and late.

    SUBJECT is package.module:name, imported from the folder you are in: an app, a function or a
    list of functions, of the inngest package, too, a function that makes one of these, or a play,
    which takes a simulation, serves and sends. Exit status 1 when something does not hold.
    """
    import_from(Path.cwd())
    events = events_given(names, data, file)
    with printed_nowhere():
        check_events(subject, events)
        certificate = certify(
            subject,
            events=events,
            setup=setup,
            kinds=kinds or CRASHES,
            pairs=not no_pairs,
            tolerate=tolerate,
        )
    if is_json:
        click.echo(json.dumps(certificate.as_json(), indent=1, ensure_ascii=False))
    else:
        click.echo(certificate.table + "\n")
        for line in told(certificate.findings, folder):
            click.echo(line)
        click.echo(certificate.bound)
    context.exit(0 if certificate.holds else 1)


def check_events(subject: str, events: Sized) -> None:
    """Refuse a subject that sends nothing by itself, and is sent nothing."""
    if not events and not Subject(subject).is_play:
        raise ConfigError(
            f"{subject} needs events: --event order/created --data '{{\"orderId\": 1}}', or "
            f"--events FILE, of which {SHAPE}; or name a play, a function that takes a simulation, "
            "serves and sends"
        )


def events_given(
    names: tuple[str, ...], data: tuple[str, ...], file: Path | None
) -> list[tuple[int, str, dict[str, Any]]]:
    """Take events of options: by name and data, and from a file."""
    if len(data) > len(names):
        raise ConfigError(f"--data is given {len(data)} times, --event {len(names)} times")
    found = [] if file is None else [(e.at, e.name, e.data) for e in read_events(file)]
    found += [(0, name, _data(text)) for name, text in zip(names, data, strict=False)]
    return found + [(0, name, {}) for name in names[len(data) :]]


def _data(text: str) -> dict[str, Any]:
    try:
        whole = Path(text[1:]).read_text("utf-8") if text.startswith("@") else text
        content = json.loads(whole)
    except (OSError, ValueError) as error:
        raise ConfigError(f"--data {text}: {error}; give JSON, or @FILE") from None
    if not isinstance(content, dict):
        raise ConfigError(f"--data {text}: the data of an event is an object")
    return content
