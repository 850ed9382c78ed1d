"""Checks a folder of vectors, whatever their number, and reports what agrees and what does not.
Nothing here prints: a command writes the report's lines and ends with its exit code.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs

from dwf_sim.conformance.cron_vectors import check_cron
from dwf_sim.conformance.duration_vectors import check_duration
from dwf_sim.conformance.vector_cases import Case, CaseError, read_text
from dwf_sim.errors import UsageError

EVENTS_FILE = "events.json"
VECTOR_FILES = ("expressions.jsonl", "cron.jsonl", "durations.jsonl")

Check = Callable[[Case], str | None]
Events = dict[str, Case]


@attrs.frozen
class FileReport:
    """How one file did: how many of its cases agree, and a line for each complaint."""

    name: str
    agreed: int
    cases: int
    complaints: tuple[str, ...]

    def lines(self) -> list[str]:
        """Say how many cases agree, then what those that do not were."""
        title = self.name.removesuffix(".jsonl")
        return [f"{title}: {self.agreed} of {self.cases}", *self.complaints]


@attrs.frozen
class Report:
    """How a folder did."""

    files: tuple[FileReport, ...]
    absent: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """The exit status of the command: 0 if all agrees, 1 if not."""
        return 1 if any(file.complaints for file in self.files) else 0

    def lines(self) -> list[str]:
        """Say how each file did, and which ones are absent."""
        lines = [line for file in self.files for line in file.lines()]
        if self.absent:
            lines.append(f"absent: {', '.join(self.absent)}")
        return lines


def check_folder(folder: Path) -> Report:
    """Check every vector file there is; a folder without any is a mistake."""
    if not folder.is_dir():
        raise UsageError(
            f"{str(folder)!r} is not a folder; the vectors lie in one: name that folder"
        )
    present = [name for name in VECTOR_FILES if (folder / name).is_file()]
    if not present:
        raise UsageError(
            f"{str(folder)!r} holds no vector file; one holds at least one of "
            f"{', '.join(VECTOR_FILES)}: name that folder"
        )
    return Report(
        files=tuple(_check_file(folder, name) for name in present),
        absent=tuple(
            name for name in (*VECTOR_FILES, EVENTS_FILE) if not (folder / name).is_file()
        ),
    )


def _check_file(folder: Path, name: str) -> FileReport:
    lines = _numbered_lines(folder / name)
    try:
        check = _check_for(folder, name)
    except CaseError as error:
        return FileReport(
            name, 0, len(lines), (f"{folder / name}: none could be checked: {error}",)
        )
    complaints = tuple(_complaints(folder / name, lines, check))
    return FileReport(name, len(lines) - len(complaints), len(lines), complaints)


def _check_for(folder: Path, name: str) -> Check:
    if name == "cron.jsonl":
        return check_cron
    if name == "durations.jsonl":
        return check_duration
    return _expression_check(_read_events(folder / EVENTS_FILE))


def _expression_check(events: Events) -> Check:
    # Imported here, since the expression language is slow to load and the other files do without.
    from dwf_sim.conformance.expression_vectors import check_expression

    def check(case: Case) -> str | None:
        name = read_text(case, "event")
        event = events.get(name)
        if event is None:
            raise CaseError(f"the event {name!r} is not in {EVENTS_FILE}: add it")
        complaint: str | None = check_expression(case, event)
        return complaint

    return check


def _read_events(path: Path) -> Events:
    if not path.is_file():
        raise CaseError(f"there is no {EVENTS_FILE}; the expressions need its events: add it")
    try:
        events = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise CaseError(f"{path}: not JSON: {error}") from None
    if not isinstance(events, dict) or not all(isinstance(e, dict) for e in events.values()):
        raise CaseError(f"{path}: it must be an object of events by name")
    return events


def _complaints(path: Path, lines: list[tuple[int, bytes]], check: Check) -> Iterator[str]:
    for number, line in lines:
        try:
            complaint = check(_read_case(line))
        except CaseError as error:
            complaint = str(error)
        if complaint is not None:
            yield f"{path}:{number}: {complaint}"


def _numbered_lines(path: Path) -> list[tuple[int, bytes]]:
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error}; make it readable") from None
    return [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def _read_case(line: bytes) -> Case:
    try:
        case = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise CaseError(f"the line is not JSON: {error}") from None
    if not isinstance(case, dict):
        raise CaseError("the line is not a JSON object; a case is one: record it again")
    return case
