"""Reasons: what is said of a step that is amiss, and from which line of code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath

from dwf_sim.drivers.base import Ask
from dwf_sim.given import shown
from dwf_sim.histories.fitting import fits, returned_by
from dwf_sim.histories.history import AI, INVOKE, RUN, SIGNAL, SLEEP, WAIT, Memo
from dwf_sim.histories.stage import UNEXPECTED, Course, Entry
from dwf_sim.histories.verdicts import AGAIN, STUCK, TYPE, Finding
from dwf_sim.model.messages import Threw
from dwf_sim.model.payload import decode

_DOES = {RUN: "run", AI: "be asked", INVOKE: "be invoked", SLEEP: "sleep", WAIT: "wait"}
_NAMES_MAX = 5
_TWICE = "if it does the same work, that is done twice in this run"
_FRAME = re.compile(r'File "([^"]+)", line (\d+)')
_OUTSIDE = re.compile(r"[/\\](dwf_sim|site-packages|lib[/\\]python[0-9.]+)[/\\]")


def repeat(ask: Ask, old: Sequence[Memo]) -> Finding | None:
    """Say what a step does that stands where remembered ones of its kind stood."""
    alike = [memo for memo in old if memo.kind == ask.kind]
    if not alike:
        return None
    names = ", ".join(repr(memo.step) for memo in alike)
    if ask.kind in (WAIT, SIGNAL) and any(memo.outcome != "timeout" for memo in alike):
        text = (
            f"{ask.step!r} stands where {names} stood, for which the event has come already: the "
            "run waits for another one, which may never come"
        )
        return Finding(STUCK, ask.step, text, ask.place)
    does = _DOES.get(ask.kind, "wait")
    text = f"{ask.step!r} would {does}, and stands where {names} stood, which is done"
    if ask.kind in (RUN, INVOKE, AI):
        text += f": {_TWICE}"
    return Finding(AGAIN, ask.step, text, ask.place)


def elsewhere(ask: Ask, lost: Sequence[Memo]) -> Finding | None:
    """Say what a new step may do again that stands elsewhere than lost ones of its kind stood."""
    alike = [memo for memo in lost if memo.kind == ask.kind]
    if not alike:
        return None
    names, does = ", ".join(repr(memo.step) for memo in alike), _DOES.get(ask.kind, "wait")
    text = f"{ask.step!r} would {does}, and nobody asks for {names} any more"
    if ask.kind in (RUN, INVOKE, AI):
        text += f": {_TWICE}"
    elif ask.kind in (WAIT, SIGNAL):
        text += ": if it is the same wait, what it waits for may have come already"
    return Finding(AGAIN, ask.step, text, ask.place)


def misfit(memo: Memo, ask: Ask) -> str:
    """Say why a memo is not for what the code asks for now; "" if it may be."""
    if ask.kind != memo.kind:
        return (
            f"{memo.step!r} is of kind {ask.kind}, and what is remembered under its id is of kind "
            f"{memo.kind}: the {ask.kind} never happens, and the run goes on with that memo"
        )
    content = decode(memo.memo)
    if memo.kind == WAIT and memo.outcome == "event" and isinstance(content, dict):
        awaited = awaited_by(ask)
        if awaited is not None and content.get("name") != awaited:
            return (
                f"{memo.step!r} waits for {awaited!r} now, and what is remembered is the event "
                f"{content.get('name')!r}"
            )
    if not memo.fits or is_as_promised(memo, ask):
        return ""
    assert isinstance(content, dict), "only a step's output can be of another type"
    hint = returned_by(ask.body)
    shape = getattr(hint, "__name__", str(hint))
    return (
        f"{memo.step!r} returns {shape} now, and what is remembered is "
        f"{shown(content.get('data'))}: the rest of the code is given that"
    )


def is_as_promised(memo: Memo, ask: Ask) -> bool:
    """Say whether what is remembered can be what the step's body says it returns."""
    content = decode(memo.memo)
    if memo.kind != RUN or memo.outcome != "data" or not isinstance(content, dict):
        return True
    return fits(content.get("data"), returned_by(ask.body))


def awaited_by(ask: Ask) -> str | None:
    """Give the name of the event or the signal that a step waits for, or the id it invokes."""
    names = {WAIT: ("event",), SIGNAL: ("signal",), INVOKE: ("app_id", "function_id")}
    texts = [ask.given[name] for name in names.get(ask.kind, ()) if name in ask.given]
    found = [part for part in map(decode, texts) if isinstance(part, str)]
    return "-".join(found) if found else None


def condition_of(ask: Ask) -> str | None:
    """Give the expression with which a step waits: each driver has a name of its own for it."""
    text = ask.given.get("expression", ask.given.get("if_exp"))
    found = decode(text) if text is not None else None
    return found if isinstance(found, str) else None


def thrown(response: Threw, entry: Entry) -> Finding:
    """Say that an error has left the handler."""
    error = response.error
    what = f"{error.name}: {error.message}" if error.message else error.name
    if error.name == UNEXPECTED:
        text = f"a request for a step that was planned ends in {what}, so that the run fails"
        return Finding(STUCK, "", text, last_place(entry))
    text = f"the handler raises {what} when it is given what is remembered"
    return Finding(TYPE, "", text, _place_of(error.stack) or last_place(entry))


def unknown(course: Course) -> str:
    """Say from where on nothing is known."""
    names = _names(course)
    ended = "returned"
    if course.error is not None:
        ended = f"raised {course.error.error.name}: {course.error.error.message}"
    return (
        f"what comes after {names} is not known: nothing was recorded of it, and with a made-up "
        f"answer the handler {ended}; {_say(course)}"
    )


def made_up(course: Course) -> str:
    """Say that what was found depends on answers that nobody has given."""
    names = _names(course)
    one = "one was" if len(course.made_up) == 1 else "some were"
    return f"no answer of {names} was recorded, so {one} made up; {_say(course)}"


def _names(course: Course) -> str:
    """Name the steps whose answers were made up, if they are not too many."""
    names, more = [*map(repr, course.made_up[:_NAMES_MAX])], len(course.made_up) - _NAMES_MAX
    return ", ".join([*names, f"{more} more"] if more > 0 else names)


def _say(course: Course) -> str:
    return f"say what it answers: Replayer(history, answers={{{course.made_up[-1]!r}: …}})"


def _place_of(stack: str | None) -> str:
    """Find the innermost line of user code in the text of a traceback."""
    frames = [found for found in _FRAME.findall(stack or "") if not _OUTSIDE.search(found[0])]
    if not frames:
        return ""
    file, line = frames[-1]
    return f"{PurePath(file).name}:{line}"


def last_place(entry: Entry) -> str:
    """Give the line of the last step that an entry has asked for."""
    return entry.asks[-1].place if entry.asks else ""


def at(ask: Ask) -> str:
    """Begin a note with the line that it is about, if that is known."""
    return f"{ask.place}: " if ask.place else ""
