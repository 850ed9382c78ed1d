"""Findings: a mistake that a search has found, as a file that replays it.

What is stored is the course itself and not the seed that led to it, with the versions of all that
took part: where one has changed, it is said, and the course is played all the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from dwf_sim.errors import ConfigError
from dwf_sim.given import shown
from dwf_sim.scenario.files import import_from
from dwf_sim.search.course import Course
from dwf_sim.search.playing import Judge, Played
from dwf_sim.search.reading import KIND, read_finding
from dwf_sim.search.shrink import Shrunk
from dwf_sim.search.subject import Sending
from dwf_sim.search.turns import in_turn
from dwf_sim.search.verdict import UNPLAYABLE, Verdict, is_wrong
from dwf_sim.stored.account import account_of
from dwf_sim.stored.file import FORMAT, read_stored, write_stored
from dwf_sim.stored.made_with import changes, made_with
from dwf_sim.stored.replayed import Replayed as StoredReplay

_OTHER_TURNS = (
    "what goes before its turn is counted from the start, so it may be something else in other "
    "code: search once more"
)


@attrs.frozen(eq=False)
class Finding:
    """A course that shows a mistake, and what it shows.

    `verdict` says what is wrong, `course` what has to happen for it; `str()` tells both.
    `is_smallest` is False if there were too many runs to make before nothing could be left out.
    """

    judge: Judge
    played: Played
    verdict: Verdict
    is_smallest: bool = True

    @classmethod
    def of(cls, judge: Judge, shrunk: Shrunk) -> Finding:
        """Take what was shrunk."""
        return cls(judge, shrunk.played, shrunk.verdict, shrunk.is_smallest)

    @property
    def course(self) -> Course:
        """What has to happen."""
        return self.played.course

    @property
    def digest(self) -> str:
        """The hash of the trace."""
        return self.played.stage.trace.digest()

    @property
    def sendings(self) -> list[Sending]:
        """The events that the play sent, and when."""
        return self.played.stage.sendings

    def as_json(self) -> dict[str, Any]:
        """The finding as JSON has it. Raises `ConfigError` for what cannot be written."""
        subject, settings = self.judge.subject, dict(self.judge.settings)
        if subject.place is None or (subject.setup is not None and subject.setup_place is None):
            raise ConfigError(
                "a finding can be stored when its subject can be imported; name it by its place, "
                "package.module:name, or make it a global of a module"
            )
        try:
            json.dumps(settings)
        except TypeError:
            raise ConfigError(
                f"settings {shown(settings)} cannot be written as JSON; leave them out to store "
                "what is found"
            ) from None
        content = {
            "subject": subject.place,
            "events": [attrs.asdict(sending) for sending in subject.sendings],
            "setup": subject.setup_place,
            "settings": settings,
            "tolerate": list(self.judge.tolerate),
            "course": self.course.as_json(),
            "verdict": attrs.asdict(self.verdict),
            "digest": self.digest,
            "made_with": made_with(self.played.stage),
        }
        return {"kind": KIND, "format": FORMAT, **content}

    def write(self, file: Path) -> None:
        """Store it, as a file that `dwf-sim replay` takes."""
        write_stored(file, KIND, self.as_json())

    def test(self) -> str:
        """A test for pytest that fails for as long as the mistake is there, to be pasted."""
        from dwf_sim.search.pasting import test_of

        return test_of(self)

    def scenario(self) -> str:
        """The same as a scenario file. Raises `ConfigError` for what that cannot say."""
        from dwf_sim.search.pasting import scenario_of

        return scenario_of(self)

    def __str__(self) -> str:
        sent = [f"  {shown_sending(sending)}" for sending in self.sendings]
        lines = [f"{self.verdict.kind}: {self.verdict.text}", f"when: {self.course}"]
        if not self.is_smallest:
            lines.append("it may be made smaller still: shrinking it took too many runs")
        return "\n".join([*lines, "sent:", *sent] if sent else lines)


@attrs.frozen(eq=False)
class Replayed:
    """A finding that was played once more: what has changed since, and what is wrong now."""

    finding: Finding | None
    changes: tuple[str, ...]
    verdict: Verdict
    found: tuple[Verdict, ...]
    is_same_trace: bool
    played: Played
    doubts: tuple[str, ...] = ()

    @property
    def is_there(self) -> bool:
        """Whether the mistake still shows."""
        return self.finding is not None

    @property
    def reasons(self) -> tuple[str, ...]:
        """What is wrong now: the mistake, or whatever else is found in its place."""
        if self.finding is not None:
            return (str(self.finding),)
        return tuple(_told(verdict) for verdict in self.found if is_wrong([verdict]))

    def __str__(self) -> str:
        lines = [f"since it was stored: {change}" for change in self.changes]
        if self.finding is not None:
            lines.append(str(self.finding))
            how = "the same, record by record" if self.is_same_trace else "another than it was"
            return "\n".join([*lines, f"the trace is {how}"])
        lines.append(f"it does not show any more: {_told(self.verdict)}")
        lines += [f"but: {reason}" for reason in self.reasons]
        lines += [f"that proves nothing: {doubt}" for doubt in self.doubts]
        return "\n".join(lines)


def replay(given: Mapping[str, Any] | Path, place: Path | str = "a finding") -> Replayed:
    """Play a stored finding once more; `place` is the file that what is given was read from.

    Raises `ConfigError` that says what cannot be read, or not be imported.
    """
    if isinstance(given, Path):
        return replay(read_stored(given), given)
    content, stored = given, read_finding(given, place)
    judge, course, verdict = stored.judge, stored.course, stored.verdict
    judge.subject.load()  # What is not there is no verdict of a play.
    played, found = judge.play(course, turns=in_turn(course.turns))
    same = next((each for each in found if each.same == verdict.same), None)
    finding = None if same is None else Finding(judge, played, same)
    is_same = played.stage.trace.digest() == stored.digest
    changed = changes(content, played.stage)
    if course.turns and any(change.startswith("function ") for change in changed):
        changed = (*changed, _OTHER_TURNS)
    doubts = () if finding is not None else tuple(_doubts(judge, course, played, found))
    return Replayed(finding, changed, verdict, found, is_same, played, doubts)


def replay_stored(file: Path, content: Mapping[str, Any]) -> StoredReplay:
    """Play a stored finding for the command line, importing from the folder one is in."""
    import_from(Path.cwd())
    again = replay(content, file)
    account = account_of(again.played.stage)
    doubts = () if again.reasons else again.doubts
    return StoredReplay(str(file), again.reasons, again.changes, (account,), doubts=doubts)


def shown_sending(sending: Sending) -> str:
    """Write an event of the input in a line."""
    from dwf_sim.duration import format_duration

    at = f"at {format_duration(sending.at)} " if sending.at else ""
    known = f" with id {sending.id}" if sending.id else ""
    data = json.dumps(dict(sending.data), ensure_ascii=False, default=str)
    return f"{at}{sending.name} {data}{known}"


def _told(verdict: Verdict) -> str:
    return f"{verdict.kind}: {verdict.text}"


def _doubts(
    judge: Judge, course: Course, played: Played, found: Iterable[Verdict]
) -> Iterator[str]:
    """Say why it need not show even if it is there: what did not happen of what it was found by."""
    for verdict in found:
        if verdict.kind == UNPLAYABLE:
            yield f"it cannot be played to its end: {verdict.text}"
    for fault in played.stage.unstruck:
        yield f"this fault never struck: {fault}"
    for turn in course.turns:
        if turn not in played.course.turns:
            yield f"nothing could go before its turn at choice {turn[0]}, as it did then"
    if not judge.calm(course).endings:
        yield "no run begins, without faults either"
