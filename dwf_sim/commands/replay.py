"""`dwf-sim replay`: see a stored failure again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dwf_sim.commands.kinds import play_stored
from dwf_sim.commands.screen import say, say_json
from dwf_sim.commands.telling import say_account

if TYPE_CHECKING:
    from dwf_sim.stored.replayed import Replayed


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--json", "is_json", is_flag=True, help="Write the result as JSON.")
def command(file: Path, is_json: bool) -> None:
    """Play the failure stored in FILE again, from the folder it was found in.

    FILE is what `pytest --durable-report DIR` or `dwf-sim run --report DIR` has written. Exit
    status: 1 when it fails again, 0 when it passes now, 2 when it cannot be played.
    """
    replayed = play_stored(file)
    if is_json:
        say_json(replayed.as_json())
    else:
        _show(replayed)
    sys.exit(1 if replayed.has_failed else 0)


def _show(replayed: Replayed) -> None:
    say(f"replay of {replayed.what}", "head")
    if replayed.screen:
        say(replayed.screen.rstrip())  # It has what has changed, too.
    else:
        for text in replayed.changed:
            say(f"since it was stored: {text}", "doubt")
        for reason in replayed.reasons:
            say(reason, "bad")
        for account in replayed.accounts:
            say_account(account, with_timelines=True)
    if replayed.has_failed:
        say("it fails again", "bad")
    else:
        say("it passes now", "good")
