"""`dwf-sim report`: what each run did and when, as text, and as a trace to look at."""

from __future__ import annotations

import json
from pathlib import Path

import click

from dwf_sim.commands.apart import printed_apart
from dwf_sim.commands.kinds import play_any
from dwf_sim.commands.screen import say, say_json
from dwf_sim.commands.telling import say_account, say_runs
from dwf_sim.errors import UsageError

_CHROME = "Write a trace for ui.perfetto.dev or chrome://tracing into OUT."


@click.command()
@click.argument("file", metavar="FILE[::ROW]")
@click.option("--chrome", metavar="OUT", type=click.Path(path_type=Path), help=_CHROME)
@click.option("--json", "is_json", is_flag=True, help="Write the result as JSON.")
def command(file: str, chrome: Path | None, is_json: bool) -> None:
    """Play FILE, and show the timeline of each run.

    FILE is a scenario file, with ::ROW for one row of its parameters, or a stored failure. Exit
    status: 0, also when what is played fails; 2 when it cannot be played.
    """
    with printed_apart(is_json=is_json):
        played = play_any(file)
    accounts = [account for each in played for account in each.accounts]
    if chrome is not None and len(accounts) != 1:
        raise UsageError(
            f"--chrome takes one simulation, and {file} has {len(accounts)}; name a row of it: "
            + ", ".join(each.what for each in played)
        )
    if chrome is not None:
        try:
            chrome.write_text(json.dumps(accounts[0].chrome), "utf-8")
        except OSError as error:
            raise UsageError(f"{chrome} cannot be written: {error}") from None
    if is_json:
        say_json(
            {
                "played": [each.as_json() for each in played],
                "chrome": None if chrome is None else str(chrome),
            }
        )
        return
    for each in played:
        say(each.what, "head")
        for account in each.accounts:
            say_runs(account)
            say()
            say_account(account, with_timelines=True)
    if chrome is not None:
        say(f"wrote {chrome}: open it in https://ui.perfetto.dev or chrome://tracing")
