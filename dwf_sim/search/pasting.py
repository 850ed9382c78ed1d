"""Pasting: a finding as a test for pytest, and as a scenario file."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from dwf_sim.duration import format_duration
from dwf_sim.errors import ConfigError
from dwf_sim.faults import FaultPlan
from dwf_sim.model.claims import EVENTUALLY
from dwf_sim.outcomes.outcome import Ending
from dwf_sim.scenario import play, read_scenarios
from dwf_sim.search.finding import Finding
from dwf_sim.search.spelling import quoted, span, spelled_plan
from dwf_sim.search.subject import Sending, place_of
from dwf_sim.search.verdict import DUPLICATE, LOST, MISTAKE, OTHER, Verdict

_MASKED = ("<id>", "<time>")


def test_of(finding: Finding) -> str:
    """Write a test that plays the course and demands what is true without faults."""
    course, place = finding.course, finding.judge.subject.place
    if place is None:
        raise ConfigError(
            "a test needs a subject that can be imported; name it by its place, "
            "package.module:name, or make it a global of a module"
        )
    words = [f"seed={course.seed}"] if course.seed else []
    words += [f"faults={spelled_plan(course.faults)}"] if course.faults else []
    words += [f"interleave=written({quoted(course.turns)})"] if course.turns else []
    words += [f"{name}={value!r}" for name, value in finding.judge.settings.items()]
    cut = _cut(finding)
    lines = [
        f"def test_{_name(finding)}() -> None:",
        f'    """{_sentence(finding)}"""',
        f"    sim = {'staged' if cut else 'dwf.Simulation'}({', '.join([*words, *cut])})",
        *_played(finding, place),
        "    sim.run_until_idle()",
        "    sim.heal()",
        *_demands(finding),
    ]
    return "\n".join([*_imports(finding, place, lines), "", "", *lines]) + "\n"


def _moment(sending: Sending) -> dict[str, Any]:
    return {
        **({"at": format_duration(sending.at)} if sending.at else {}),
        "send": sending.name,
        "data": dict(sending.data),
        **({"id": sending.id} if sending.id else {}),
    }


def scenario_of(finding: Finding) -> str:
    """Write a scenario file, which is JSON; YAML is a superset of it.

    Raises `ConfigError` for what such a file cannot say, so that it has no problem when played.
    """
    course = finding.course
    if course.turns:
        raise ConfigError("a scenario file cannot say in which order callbacks go")
    if finding.judge.subject.setup is not None:
        raise ConfigError("a scenario file cannot call the setup; paste the test")
    places = _served(finding)
    if None in places or not places:
        raise ConfigError(
            "a scenario file names functions by where they are imported from; make the app a "
            "global of a module"
        )
    content = {
        "format": 1,
        "about": _sentence(finding),
        "functions": places,
        **({"seed": course.seed} if course.seed else {}),
        "moments": [_moment(sending) for sending in finding.sendings],
        "faults": json.loads(FaultPlan(course.faults).to_json())["faults"],
        "expect": _expected(finding),
    }
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    _check_that_it_fails(text)
    return text


def _check_that_it_fails(text: str) -> None:
    """Play a scenario: one that has no problem while the mistake is there would be a false pass."""
    (sheet,) = read_scenarios(Path("finding.scenario.json"), text)
    if not play(sheet).problems:
        raise ConfigError(
            "a scenario file cannot say what is wrong here, so it would have no problem; paste the "
            "test"
        )


def _expected(finding: Finding) -> dict[str, Any]:
    """Write what is to be true, by the kind of the verdict: what else happens may be otherwise in
    another version of the code."""
    verdict, calm = finding.verdict, finding.judge.calm(finding.course)
    effect = _effect(finding)
    if effect is not None:
        ledger, operation = effect
        count = _usual(finding, effect)
        return {"effects": [{"ledger": ledger, "operation": operation, "count": count}]}
    if verdict.kind not in (LOST, OTHER):
        return {}  # What is broken or stuck is a problem by itself.
    endings = [ending for ending in calm.endings if _is_about(verdict, ending.function)]
    is_output = verdict.kind == OTHER
    runs = [
        {"run": each.label, "status": each.status, **(_output(each) if is_output else {})}
        for each in endings
    ]
    return {"runs": runs}


def _effect(finding: Finding) -> tuple[str, str] | None:
    """Say which effect the verdict is about, by ledger and operation, if it is about one."""
    if finding.verdict.kind not in (DUPLICATE, LOST, OTHER):
        return None
    calm = finding.judge.calm(finding.course)
    names = (*finding.played.outcome.effects, *calm.effects)
    meant = [name[1:] for name in names if " ".join(name[1:]) == finding.verdict.what]
    return meant[0] if meant else None


def _usual(finding: Finding, effect: tuple[str, str]) -> int:
    """Count how often it happens without faults; what a run does again is wrong there, too."""
    calm = finding.judge.calm(finding.course)
    count = sum(count for name, count in calm.effects.items() if name[1:] == effect)
    again = [each for each in calm.repeats if (each.ledger, each.operation) == effect]
    return count - sum(each.count - 1 for each in again)


def _output(ending: Ending) -> dict[str, Any]:
    is_plain = ending.status == "completed" and not any(mask in ending.text for mask in _MASKED)
    return {"output": json.loads(ending.text)} if is_plain else {}


def _served(finding: Finding) -> list[str | None]:
    """Say of all that is served where it can be imported from."""
    subject = finding.judge.subject
    if not subject.is_play and not subject.is_made:
        return [subject.place]
    module = (subject.place or "").partition(":")[0]
    return [place_of(served, module) for served in finding.played.stage.served]


def _imports(finding: Finding, place: str, lines: list[str]) -> list[str]:
    """Write the imports of what the lines name."""
    text = "\n".join(lines)
    places = [place, finding.judge.subject.setup_place or place]
    found = [
        "import dwf_sim as dwf",
        *sorted({f"import {each.partition(':')[0]}" for each in places}),
    ]
    if "EffectCalled" in text:
        found.append("from dwf_sim.model.records import EffectCalled")
    if "= staged(" in text:
        found.append("from dwf_sim.search.stage import staged")
    if "written(" in text:
        found.append("from dwf_sim.search.turns import written")
    return found


def _dotted(place: str) -> str:
    return place.replace(":", ".")


def _cut(finding: Finding) -> list[str]:
    """Write what a play does less or sooner; what is only served is sent its events by the test."""
    course = finding.course
    if not finding.judge.subject.is_play:
        return []
    words = [f"left_out={quoted(course.left_out)}"] if course.left_out else []
    return [*words, f"pauses={quoted(course.pauses)}"] if course.pauses else words


def _played(finding: Finding, place: str) -> list[str]:
    """Write how the functions are served and sent their events."""
    subject, thing = finding.judge.subject, _dotted(place)
    setup = subject.setup_place
    lines = [] if setup is None else [f"    {_dotted(setup)}()"]
    if subject.is_play:
        return [*lines, f"    {thing}(sim)"]
    lines.append(f"    sim.serve({thing}{'()' if subject.is_made else ''})")
    now = 0
    for sending in finding.sendings:
        if sending.at > now:
            lines.append(f"    sim.advance({span(sending.at - now)})")
            now = sending.at
        event = f"{quoted(sending.name)}, {quoted(dict(sending.data))}"
        given = f"dwf.Event({event}, id={quoted(sending.id)})" if sending.id else event
        lines.append(f"    sim.send({given})")
    return lines


def _demands(finding: Finding) -> list[str]:
    """Write what is to be true, by the kind of the verdict."""
    verdict, calm = finding.verdict, finding.judge.calm(finding.course)
    effect = _effect(finding)
    if effect is not None:
        ledger, operation = effect
        return [
            "    calls = [call for call in sim.trace.of(EffectCalled) if not call.is_repeat]",
            "    names = [(call.ledger, call.operation) for call in calls]",
            f"    assert names.count(({quoted(ledger)}, {quoted(operation)})) == "
            f"{_usual(finding, effect)}",
        ]
    if verdict.kind in (LOST, OTHER):
        usual_endings = [each for each in calm.endings if _is_about(verdict, each.function)]
        functions = dict.fromkeys(ending.function for ending in usual_endings)
        function = next(iter(functions), verdict.what)
        found = f"for run in sim.runs if run.function_id == {quoted(function)}"
        statuses = sorted({ending.status for ending in usual_endings})
        lines = [f"    assert {{run.status {found}}} == {{{', '.join(map(quoted, statuses))}}}"]
        outputs = [_output(ending) for ending in usual_endings]
        if verdict.kind == OTHER and all(outputs):
            values = [quoted(each["output"]) for each in outputs]
            lines.append(f"    assert [run.output {found}] == [{', '.join(values)}]")
        return lines
    if verdict.kind == MISTAKE:
        return ["    assert sim.warnings == []"]
    # The rest is raised by itself; check() would also demand that each fault strikes and that
    # whatever may happen does, which another version of the code need not do.
    return ["    sim.check()"] if verdict.text.startswith(EVENTUALLY) else []


def _is_about(verdict: Verdict, function: str) -> bool:
    """Whether it is about the runs of a function, whose id may be followed by more."""
    return f"{verdict.what} ".startswith(f"{function} ")


def _sentence(finding: Finding) -> str:
    text = f"{finding.verdict.kind} when: {finding.course}"
    return (text[0].upper() + text[1:]).replace("\\", "/").replace('"', "'")


def _name(finding: Finding) -> str:
    text = f"{finding.verdict.kind} {finding.verdict.what}".lower()
    return re.sub(r"[^a-z0-9]+", "_", text).strip("_")
