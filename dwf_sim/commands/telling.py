"""What several commands tell of a simulation, on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dwf_sim.commands.screen import say, styled, table

if TYPE_CHECKING:
    from dwf_sim.stored.account import Account, RunAccount

_GOOD, _BAD = ("completed",), ("failed", "cancelled")


def say_account(
    account: Account, *, with_timelines: bool = False, with_reasons: bool = False
) -> None:
    """Tell the plan and what struck, then of each run what is wanted, then what to do."""
    say(f"seed {account.seed}, faults: {account.plan}")
    for text in account.struck:
        say(f"  struck: {text}")
    for text in account.unstruck:
        say(f"  never struck: {text}", "doubt")
    for text in account.warnings:
        say(f"warning: {text}", "doubt")
    if with_reasons:
        for event in account.events:
            say(f"\nevent {event.name}", "head")
            _say_indented(event.explanation)
    for run in account.runs:
        say(f"\n{styled(f'run {run.label}', 'head')}: {_status(run)}")
        if with_reasons:
            _say_indented(run.explanation)
        if with_timelines:
            _say_indented(run.timeline)
    say()
    for text in account.advice:
        say(f"What to do: {text}", "bad")


def say_runs(account: Account) -> None:
    """Write a table of the runs."""
    for line in table(
        ("run", "status", "error"),
        ((run.label, run.status, run.error or "") for run in account.runs),
    ):
        say(line)


def _status(run: RunAccount) -> str:
    style = "good" if run.status in _GOOD else "bad" if run.status in _BAD else "doubt"
    return styled(run.status, style) + (f": {run.error}" if run.error else "")


def _say_indented(text: str) -> None:
    for line in text.splitlines():
        say(f"  {line}")
