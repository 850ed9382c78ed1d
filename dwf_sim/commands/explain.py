"""`dwf-sim explain`: why runs started when they did, what struck them, and how they ended."""

from __future__ import annotations

import click

from dwf_sim.commands.apart import printed_apart
from dwf_sim.commands.kinds import play_any
from dwf_sim.commands.screen import say, say_json
from dwf_sim.commands.telling import say_account


@click.command()
@click.argument("file", metavar="FILE[::ROW]")
@click.option("--json", "is_json", is_flag=True, help="Write the result as JSON.")
def command(file: str, is_json: bool) -> None:
    """Play FILE, and say of each event and each run what became of it, and why.

    FILE is a scenario file, with ::ROW for one row of its parameters, or a stored failure. Exit
    status: 0, also when what is played fails; 2 when it cannot be played.
    """
    with printed_apart(is_json=is_json):
        played = play_any(file)
    if is_json:
        say_json({"played": [each.as_json() for each in played]})
        return
    for each in played:
        say(each.what, "head")
        for reason in each.reasons:
            say(f"failed: {reason}", "bad")
        for text in each.changed:
            say(f"since it was stored: {text}", "doubt")
        for account in each.accounts:
            say_account(account, with_reasons=True)
