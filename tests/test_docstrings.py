"""What is public is told: its meaning, the unit of its times, what it raises, and where it is from.

A docstring speaks for what it is of, with that of the class or module it is shown in, and of what
it sends to with "see `Step.run`".
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest

import dwf_sim as dwf
from dwf_sim.errors import CronError, EvaluationError, FunctionConfigInvalidError
from tests.public import Shown, public_names, shown
from tests.raising import raised_by
from tests.source import ROOT

FIDELITY = ROOT / "docs" / "fidelity.md"

_TIME = re.compile(r"\b(Duration|timedelta|datetime|Delay)\b")
_TIMES = ("after", "at", "by", "duration", "for_", "jitter", "lasts", "period", "timeout", "ts")
_TIMES += ("until", "virtual", "within")
_UNIT = re.compile(r"\b(milliseconds?|ms|seconds?)\b")
_INSTANT = re.compile(r"\bdatetime\b(?!\.timedelta)")
_SEE = re.compile(r"see `(\w+\.\w+)`")
_RULE = re.compile(r"\b[AB]\d+[a-z]?\b")
_RULE_ROW = re.compile(r"^\| ([AB]\d+[a-z]?) \|", re.MULTILINE)
_WORDS_MIN = 3
_ELSEWHERE = re.compile(r"\b(?:the|as a|as the) (?:server|vendor|real server|platform)\b")
# Where the real server's behaviour is reproduced, and the page that says it of each.
REPRODUCED = ("functions.md", "settings.md", "steps.md", "faults.md")
REPRODUCED_TOO = (
    *(dwf.NonRetriableError, dwf.RetryAfterError, dwf.SendEventsError, dwf.StepError),
    *(CronError, EvaluationError, FunctionConfigInvalidError),
    *(dwf.Simulation.cancel, dwf.Simulation.cancel_runs, dwf.Simulation.deploy),
    *(dwf.Simulation.pause, dwf.Simulation.resume, dwf.Simulation.rerun),
    *(dwf.Simulation.send, dwf.Simulation.signal),
    *(dwf.Limits, dwf.Quirks, dwf.Worker, dwf.trigger),
)
# What follows no rule, each with the reason.
OF_OURS = {
    "dwf_sim.FaultPlan": "plans are ours",
    "dwf_sim.FaultPlan.from_json": "the same",
    "dwf_sim.FaultPlan.to_json": "the same",
    "dwf_sim.Fault": "its kinds follow rules",
    "dwf_sim.faults.FAULTS": "the same",
    "dwf_sim.faults.Site": "a name for a place",
    "dwf_sim.faults.faults_at": "the same",
    "dwf_sim.sim.plan_in_force.Struck": "what a simulation has done",
    "dwf_sim.world.unused.Unstruck": "what a simulation has not done",
    "dwf_sim.faults.events.delay": "what a network does, before the server knows of it",
    "dwf_sim.faults.events.drop": "the same",
    "dwf_sim.faults.events.reorder": "the same",
    "dwf_sim.faults.steps.slow": "what user code does",
    "dwf_sim.Function": "what an app gives back",
    "dwf_sim.Function.id": "the same",
}
# What is found in the source and never comes, each with the reason.
NEVER = {
    ("dwf_sim.App.create_function", "DurationError"): "its durations were read before",
    ("dwf_sim.Simulation", "DurationError"): "the same",
    ("dwf_sim.Replayer.replay", "DurationError"): "the same",
    ("dwf_sim.Simulation.run_until_idle", "ConfigError"): "invariants were asked for before",
    ("dwf_sim.Simulation.cancel_runs", "EngineFault"): "an expression tells it as EvaluationError",
    ("dwf_sim.Simulation.cancel_runs", "ExpressionError"): "it was compiled before, as ConfigError",
    ("dwf_sim.histories.read_history", "UnserializableError"): "what was read from JSON is JSON",
    ("dwf_sim.histories.find_histories", "UnserializableError"): "the same",
}
# Names that are those of times elsewhere.
NO_TIMES = {
    ("dwf_sim.model.records.RunScheduled", "by"): "what made the run",
    ("dwf_sim.search.exploration.Exploration", "found_at"): "the numbers of runs",
}
# Classes whose docstring says what each of their members takes and raises.
SPEAKING = (dwf.Step, dwf.StepSync)


def told_of(each: Shown) -> str:
    """Give what is told of something that a page shows, besides the page itself."""
    speaks = inspect.ismodule(each.owner) or each.owner in SPEAKING
    texts = [each.text, inspect.getdoc(each.owner) or "" if speaks else ""]
    for name in _SEE.findall(each.text):
        kind, _, member = name.partition(".")
        whole = getattr(dwf, kind)
        texts += [inspect.getdoc(whole) or "", inspect.getdoc(getattr(whole, member)) or ""]
    return "\n".join(texts)


def without_meaning(each: Shown) -> str | None:
    """Say what a docstring lacks that would tell what something means."""
    first = each.text.partition("\n\n")[0]
    name = each.path.rpartition(".")[2]
    words = [word.lower() for word in re.findall(r"\w+", first)]
    if not words:
        return "no docstring"
    if not re.search(r"[.:)]$", first):
        return "its first sentence has no end"
    if len(words) < _WORDS_MIN or {*words} <= {*name.lower().split("_"), "the", "a", "of"}:
        return "it says no more than the name"
    return None


def times_without_unit(each: Shown) -> list[str]:
    """List the times that something takes or is, which are not named or have no unit."""
    told = told_of(each)
    lacking = []
    for name, annotation in _parameters(each):
        is_time = name in _TIMES or name.endswith(("_at", "_ms")) or _TIME.search(annotation)
        if not is_time or (each.path, name) in NO_TIMES:
            continue
        is_named = f"`{name}" in told or isinstance(each.thing, property)
        has_unit = _UNIT.search(told) or (_INSTANT.search(annotation) and "datetime" in told)
        if not (is_named and has_unit):
            lacking.append(name)
    return lacking


def untold_errors(each: Shown) -> list[str]:
    """List the errors that something raises and does not name, nor a class they are of."""
    owner = each.owner if inspect.isclass(each.owner) else None
    told = told_of(each)
    return [
        error.__name__
        for error in raised_by(each.function, owner)
        if not any(f"`{kind.__name__}`" in told for kind in error.__mro__ if kind in _OURS)
        and (each.path, error.__name__) not in NEVER
    ]


def follows_nothing(each: Shown) -> bool:
    """Whether something that reproduces the server names neither a rule nor what it is of."""
    is_meant = each.page in REPRODUCED and each.path not in OF_OURS
    is_meant = is_meant and not inspect.ismodule(each.thing)  # What it has is asked.
    is_meant = is_meant or each.function in REPRODUCED_TOO
    told = f"{told_of(each)}\n{inspect.getdoc(each.owner)}"
    return is_meant and not (_RULE.search(told) or _ELSEWHERE.search(told))


def _parameters(each: Shown) -> Iterator[tuple[str, str]]:
    """Yield what something takes, and for a property what it is, with the type as text."""
    if inspect.ismodule(each.thing):
        return
    name = each.path.rpartition(".")[2]
    if isinstance(each.thing, property):
        if name.endswith(("_at", "_ms")):
            yield name, ""
        return
    if not callable(each.function):
        return
    try:
        given = inspect.signature(each.function).parameters.values()
    except ValueError:  # An enumeration, or an error without an `__init__`.
        return
    for one in given:
        is_text = isinstance(one.annotation, str)
        yield one.name, one.annotation if is_text else inspect.formatannotation(one.annotation)


_OURS = [
    thing
    for _, thing in public_names()
    if inspect.isclass(thing) and issubclass(thing, BaseException)
]


def test_what_is_public_says_what_it_means() -> None:
    found = [f"{each.path}: {lack}" for each in shown() if (lack := without_meaning(each))]

    assert found == []


def test_what_is_public_says_the_unit_of_its_times() -> None:
    assert {each.path: lack for each in shown() if (lack := times_without_unit(each))} == {}


def test_what_is_public_names_the_errors_it_raises() -> None:
    assert {each.path: lack for each in shown() if (lack := untold_errors(each))} == {}


def test_what_reproduces_the_server_names_the_rule_it_follows() -> None:
    assert [each.path for each in shown() if follows_nothing(each)] == []


def test_every_rule_that_is_named_is_one() -> None:
    rows = _RULE_ROW.findall(FIDELITY.read_text("utf-8"))

    named = {each.path: _RULE.findall(each.text) for each in shown()}
    found = {path: rule for path, rules in named.items() for rule in rules if rule not in rows}

    assert found == {}


def test_what_is_excused_needs_it() -> None:
    paths = {each.path: each for each in shown()}
    named = [*OF_OURS, *(path for path, _ in [*NEVER, *NO_TIMES])]

    assert [path for path in named if path not in paths] == []
    assert [path for path in OF_OURS if _RULE.search(told_of(paths[path]))] == []
    for path, error in NEVER:
        raised = raised_by(paths[path].function, paths[path].owner)
        assert error in [kind.__name__ for kind in raised], path


@pytest.mark.parametrize(
    ("of", "text", "check", "told"),
    [
        (dwf.Simulation.advance, "Let time pass.", times_without_unit, ["duration"]),
        (dwf.Simulation.advance, "Let `duration` pass.", times_without_unit, ["duration"]),
        (dwf.Simulation.advance, "Let 5 milliseconds pass.", times_without_unit, ["duration"]),
        (dwf.Simulation.advance, "Let it pass.", untold_errors, ["DurationError", "UsageError"]),
        (dwf.Simulation.advance, "It raises `DurationError`.", untold_errors, ["UsageError"]),
        (dwf.Simulation.advance, "", without_meaning, "no docstring"),
        (dwf.Simulation.advance, "Advance.", without_meaning, "it says no more than the name"),
        (dwf.Simulation.advance, "Let time pass", without_meaning, "its first sentence has no end"),
        (dwf.RunView.ended_at.fget, "When it ended.", times_without_unit, ["ended_at"]),
        (dwf.Throttle, "Delay the starts.", follows_nothing, True),
        (dwf.Simulation.cancel, "Cancel a run.", follows_nothing, True),
        (dwf.Throttle, "Delay by `period`.", times_without_unit, ["period"]),
        (dwf.Throttle, "Delay `ms` long.", untold_errors, ["ConfigError", "DurationError"]),
        (dwf.crash.before, "Kill it, `step` or not.", untold_errors, []),
    ],
)
def test_a_docstring_that_lacks_something_is_found_out(
    of: Any, text: str, check: Any, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (each,) = [each for each in shown() if each.function is of]
    assert check(each) in ([], None, False)

    monkeypatch.setattr(of, "__doc__", text)

    assert check(each) == told
