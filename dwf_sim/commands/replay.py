"""`dwf-sim replay`: see a stored failure again, or enter changed code with what runs remember."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dwf_sim.commands.apart import printed_apart
from dwf_sim.commands.kinds import play_stored
from dwf_sim.commands.screen import say, say_json
from dwf_sim.commands.telling import say_account

if TYPE_CHECKING:
    from dwf_sim.stored.replayed import Replayed

_FOLDER = "Replay the histories in this folder, at every boundary."
_ALLOW = "Do not fail for this class: stuck, type, again or orphan. May be given several times."
_ANSWER = "What a step answers that was never recorded: --answer 'verify={\"ok\": true}'."


@click.command()
@click.argument("what", required=False, metavar="[FILE | MODULE:APP]")
@click.option("--histories", "folder", type=click.Path(path_type=Path), help=_FOLDER)
@click.option("--allow", multiple=True, metavar="CLASS", help=_ALLOW)
@click.option("--answer", "answers", multiple=True, metavar="STEP=JSON", help=_ANSWER)
@click.option("--json", "is_json", is_flag=True, help="Write the result as JSON.")
@click.pass_context
def command(
    context: click.Context,
    what: str | None,
    folder: Path | None,
    allow: tuple[str, ...],
    answers: tuple[str, ...],
    is_json: bool,
) -> None:
    """Play a stored failure again, or say what changed code does to runs that older code began.

    FILE is what `pytest --durable-report DIR` or `dwf-sim run --report DIR` has written; be in the
    folder it was found in. Exit status: 1 when it fails again, 0 when it passes now, 2 when it
    cannot be played, or not so that it would prove anything.

    With --histories, MODULE:APP is the code of now, such as shop:app, imported from the folder you
    are in; without it, each function is looked for where its history was recorded. Exit status: 1
    when runs are harmed, 2 when a history cannot be read.
    """
    if folder is not None:
        from dwf_sim.commands.histories import replay_histories

        context.exit(replay_histories(folder, what, allow=allow, answers=answers, is_json=is_json))
    if what is None:
        raise click.UsageError("name the FILE of a stored failure, or a folder by --histories DIR")
    if allow or answers:
        raise click.UsageError("--allow and --answer go with --histories DIR")
    file = Path(what)
    if not file.is_file():
        raise click.UsageError(
            f"{what!r} is no file; FILE is a stored failure, and MODULE:APP goes with --histories"
        )
    with printed_apart(is_json=is_json):
        replayed = play_stored(file)
    if is_json:
        say_json(replayed.as_json())
    else:
        _show(replayed)
    context.exit(1 if replayed.has_failed else 2 if replayed.doubts else 0)


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
    for doubt in replayed.doubts:
        say(doubt, "doubt")
    if replayed.has_failed:
        say("it fails again", "bad")
    elif replayed.doubts:
        say("it does not fail, but this proves nothing", "doubt")
    else:
        say("it passes now", "good")
