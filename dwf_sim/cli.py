"""The command line: `dwf-sim`. A command's module is loaded when the command is used."""

from __future__ import annotations

import importlib
import sys

import click
from click.shell_completion import CompletionItem

from dwf_sim.errors import UsageError

COMMANDS = {
    "demo": "Watch a card being charged twice, and the mended function charge it once.",
    "init": "Write a first function, its test and a scenario into a project.",
    "run": "Play scenario files: functions, what happens to them, and what is expected.",
    "replay": "See a stored failure again, or what changed code does to runs under way.",
    "explain": "Say of each event and each run what became of it, and why.",
    "report": "Show the timeline of each run, and write a trace to look at.",
    "lint": "Look for mistakes of durable functions, without running them.",
    "certify": "Play every single crash of an input, every two, and its events twice and late.",
    "explore": "Play with plans that are drawn, until enough was tried or something is found.",
    "conform": "Play recordings of the real server and compare what becomes of them.",
}


class LazyGroup(click.Group):
    """Finds each command in the module of its name in `dwf_sim.commands`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the commands in the order of this file."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"dwf_sim.commands.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is called, or say which one may be meant."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from dwf_sim.given import meant

            ctx.fail(f"there is no command {args[0]!r}; {meant(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete names of commands without loading them, and options."""
        names = [name for name in COMMANDS if name.startswith(incomplete)]
        items = [CompletionItem(name, help=COMMANDS[name]) for name in names]
        return items + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="dwf_sim")
def group() -> None:
    """Break durable functions on purpose, in virtual time.

    Exit status: 0 when all is well, 1 when something was found, 2 for a mistake in the call or in
    what is read. Every command takes --json.
    """


def main() -> None:
    """Run the command line; a user's mistake is told in one line and ends with status 2."""
    try:
        group()
    except UsageError as error:
        click.echo(f"dwf-sim: {error}", err=True)
        sys.exit(2)
