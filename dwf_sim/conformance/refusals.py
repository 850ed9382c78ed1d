"""Refusals: what is wrong with the functions of a recording, there and here, sentence by sentence.

The server answers with one text, which lists all that is wrong; the SDK may refuse a function
before any request. Our sentences begin with the server's, and go on with what to do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import attrs

from dwf_sim.errors import UsageError

_COUNTED = re.compile(r"(\d+) errors occurred: \* (.*)", re.DOTALL)
_OWNER = re.compile(r"'[^']*': ")  # Ours say first which function is meant.
_OF_PARSER = ("ERROR:", "validation failed")  # It is quoted, and another has its own words.


class Refused(UsageError):
    """What a driver refuses of a recording's functions, when a server or an SDK would."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__("; ".join(refusal.problems))
        self.refusal = refusal


@attrs.frozen
class Refusal:
    """All that is wrong; `sdk_error` is what the vendor's SDK raised, if it did."""

    problems: tuple[str, ...]
    sdk_error: Mapping[str, str] | None = None


def problems_of(error: Exception) -> list[str]:
    """List the sentences of a refusal of ours, without the function's name."""
    first, *more = str(error).split("\n* ")
    return [_OWNER.sub("", problem, count=1) for problem in (more or [first])]


def sync_of(refusal: Refusal, *, is_raw: bool) -> dict[str, Any]:
    """Give what a refused registration answers, as it is recorded.

    What was merged in past the SDK's checks was sent to the server by the recorder, which was
    answered with the status itself; the SDK passes the answer on with status 200.
    """
    if refusal.sdk_error is not None:
        return {"sdk_error": dict(refusal.sdk_error), "refused": list(refusal.problems)}
    body = {"error": "At least one function is invalid", "status": 400}
    status = 400 if is_raw else 200
    return {"status": status, "body": body, "refused": list(refusal.problems)}


def unlike(detail: str, problems: list[str]) -> bool:
    """Whether the text of the server lists other problems than ours.

    What it quotes of a parser need not be equal; that something is refused does.
    """
    told = sentences_of(detail)
    left = list(problems)
    for sentence in sorted(told, key=_is_of_parser):
        fitting = [ours for ours in left if _is_of_parser(sentence) or _begins(ours, sentence)]
        if not fitting:
            return True
        left.remove(fitting[0])
    return bool(left)


def sentences_of(detail: str) -> list[str]:
    """Split what the server says into its sentences; how many there are comes first."""
    counted = _COUNTED.fullmatch(detail)
    if counted is None:
        return [detail]
    parts = re.split(r"\s+\* ", counted[2])
    return parts if len(parts) == int(counted[1]) else [counted[2]]


def _is_of_parser(sentence: str) -> bool:
    return any(word in sentence for word in _OF_PARSER)


def _begins(ours: str, sentence: str) -> bool:
    return ours == sentence or ours.startswith(f"{sentence}; ")
