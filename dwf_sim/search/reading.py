"""Reading: what a stored finding holds, or an error that names the field and what it may be.

One of another format is read as far as it goes: a replay says which, and plays it all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from dwf_sim.errors import ConfigError
from dwf_sim.given import shown
from dwf_sim.search.course import Course
from dwf_sim.search.playing import Judge
from dwf_sim.search.stage import SETTINGS
from dwf_sim.search.subject import Sending, Subject
from dwf_sim.search.verdict import VERDICTS, Verdict, tolerated
from dwf_sim.stored.file import check_fields

KIND = "finding"
_FIELDS = {
    "subject": str,
    "events": list,
    "settings": dict,
    "tolerate": list,
    "course": dict,
    "verdict": dict,
    "digest": str,
}
_EVENT: Mapping[str, type] = {"at": int, "name": str, "data": dict, "id": str}
_VERDICT: Mapping[str, type] = {"kind": str, "what": str, "text": str}


@attrs.frozen
class Stored:
    """What is to be played, and what was found then."""

    judge: Judge
    course: Course
    verdict: Verdict
    digest: str


def read_finding(content: Mapping[str, Any], place: str | Path) -> Stored:
    """Read what a file holds. Raises `ConfigError` that names the place and the field."""
    if content.get("kind") != KIND:
        given = shown(content.get("kind"))
        raise ConfigError(f"{place}: kind is {given}; a stored finding has {KIND!r}")
    if type(content.get("format")) is not int:
        given = shown(content.get("format"))
        raise ConfigError(f"{place}: format is {given}; it is the number of a format")
    check_fields(place, content, _FIELDS)
    try:
        subject = Subject(content["subject"], _sendings(content["events"]), _setup(content))
        judge = Judge(subject, _settings(content["settings"]), tolerated(content["tolerate"]))
        course = Course.of_json(content["course"])
        return Stored(judge, course, _verdict(content["verdict"]), content["digest"])
    except ConfigError as error:
        raise ConfigError(f"{place}: {error}") from None


def _setup(content: Mapping[str, Any]) -> str | None:
    setup = content.get("setup")
    if setup is not None and not isinstance(setup, str):
        raise ConfigError(f"setup is {shown(setup)}; it is null or a place, package.module:name")
    return setup


def _sendings(events: list[Any]) -> tuple[Sending, ...]:
    for nth, event in enumerate(events):
        _check_object(f"events[{nth}]", event, _EVENT)
    return tuple(Sending(**event) for event in events)


def _settings(settings: dict[str, Any]) -> dict[str, Any]:
    for name in settings:
        if name not in SETTINGS:
            raise ConfigError(
                f"settings has {shown(name)}; those of a simulation are {', '.join(SETTINGS)}"
            )
    return settings


def _verdict(verdict: dict[str, Any]) -> Verdict:
    _check_object("verdict", verdict, _VERDICT)
    if verdict["kind"] not in VERDICTS:
        raise ConfigError(
            f"verdict.kind is {shown(verdict['kind'])}; it is one of {', '.join(VERDICTS)}"
        )
    return Verdict(**verdict)


def _check_object(what: str, given: object, fields: Mapping[str, type]) -> None:
    """Demand an object of exactly these fields, of these types."""
    if not isinstance(given, dict) or given.keys() != fields.keys():
        raise ConfigError(f"{what} is {shown(given)}; it is an object of {', '.join(fields)}")
    for name, kind in fields.items():
        if type(given[name]) is not kind:
            raise ConfigError(
                f"{what}.{name} is {shown(given[name])}; it is of type {kind.__name__}"
            )
