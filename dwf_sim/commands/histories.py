"""Histories on the command line: what a change of code does to the runs that older code began."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from dwf_sim.commands.apart import printed_apart
from dwf_sim.errors import UsageError
from dwf_sim.histories import Replayed, Replayer, Verdict, find_histories
from dwf_sim.histories.code import code_at, code_of
from dwf_sim.histories.table import as_json, summary, table
from dwf_sim.histories.verdicts import check_answers
from dwf_sim.scenario.files import import_from


def replay_histories(
    folder: Path,
    place: str | None,
    *,
    allow: Sequence[str] = (),
    answers: Sequence[str] = (),
    is_json: bool = False,
) -> int:
    """Replay all histories in a folder with the code at a place, and print the report.

    Without a place, each function is looked for where it was recorded from. Returns the exit
    status: 1 when runs are harmed. Raises `UsageError`.
    """
    import_from(Path.cwd())
    given = _answers(answers)
    verdicts: list[Verdict] = []
    of_this_source: list[bool | None] = []
    with printed_apart(is_json=is_json):
        code = None if place is None else code_at(place)
        for history in find_histories(folder):
            mine = code_of(history) if code is None else code
            replayer = Replayer(history, answers=given, is_strict=False)
            verdicts += replayer.replay(mine).verdicts
            of_this_source.append(replayer.is_of(mine))
    check_answers(given, dict.fromkeys(step for verdict in verdicts for step in verdict.asked))
    replayed = Replayed(tuple(verdicts))
    found = replayed.breaking(allow)
    if is_json:
        click.echo(json.dumps(as_json(verdicts, is_breaking=bool(found)), indent=2))
    else:
        for line in [*table(verdicts), summary(verdicts), _origin(of_this_source)]:
            click.echo(line)
    return 1 if found else 0


def _origin(of_this_source: Sequence[bool | None]) -> str:
    """Say how many histories are of other code than that of now: the others say little."""
    others = sum(each is False for each in of_this_source)
    return f"recorded from other source than this: {others} of {len(of_this_source)} histories"


def _answers(given: Sequence[str]) -> Mapping[str, object]:
    """Read answers such as `verify={"ok": true}`."""
    found: dict[str, object] = {}
    for text in given:
        step, equals, content = text.partition("=")
        try:
            found[step] = json.loads(content)
        except ValueError:
            equals = ""
        if not step or not equals:
            raise UsageError(
                f"--answer is {text!r}; it is a step and what it answers, as JSON: "
                "--answer 'verify={\"ok\": true}'"
            )
    return found
