"""Regular expressions with RE2's syntax and its promise to take time linear in the text.

Python's `re` would accept other patterns and can run for ever on some; google-re2 is the engine's
own algorithm, and cel-python depends on it already.
"""

from __future__ import annotations

from functools import lru_cache

import re2  # type: ignore[import-untyped]  # google-re2 ships no annotations

from dwf_sim.expressions.literals import utf8
from dwf_sim.expressions.values import Failure

_GO_COMPLAINTS = {
    "missing ]": "missing closing ]",
    "missing )": "missing closing )",
    "no argument for repetition operator": "missing argument to repetition operator",
    "bad repetition operator": "invalid nested repetition operator",
    "trailing \\": "trailing backslash at end of expression",
    "invalid repetition size": "invalid repeat count",
}
"""RE2's wording → Go's, which `+` can write into a key."""


def matches(text: str, pattern: str) -> bool | Failure:
    """Say whether the pattern is found anywhere in the text."""
    compiled = _compiled(pattern)
    if isinstance(compiled, Failure):
        return compiled
    return compiled.search(utf8(text)) is not None


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re2._Regexp[bytes] | Failure:
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(utf8(pattern), options)
    except re2.error as error:
        return Failure(_complaint(error.args[0] if error.args else ""))


def _complaint(reason: object) -> str:
    spelled = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
    problem, _, piece = spelled.partition(": ")
    piece = "" if "trailing" in problem else piece
    return f"error parsing regexp: {_GO_COMPLAINTS.get(problem, problem)}: `{piece}`"
