"""Pasting: a finding as a test for pytest, and as a scenario file."""

from __future__ import annotations

import json
import re
from typing import Any

from dwf_sim.duration import format_duration
from dwf_sim.errors import ConfigError
from dwf_sim.faults import FaultPlan
from dwf_sim.outcome import Ending
from dwf_sim.search.finding import Finding
from dwf_sim.search.spelling import quoted, span, spelled_plan
from dwf_sim.search.subject import place_of
from dwf_sim.search.verdict import DUPLICATE, LOST, MISTAKE, OTHER

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
    lines = [
        f"def test_{_name(finding)}() -> None:",
        f'    """{_sentence(finding)}"""',
        f"    sim = dwf.Simulation({', '.join(words)})",
        *_played(finding, place),
        "    sim.run_until_idle()",
        "    sim.heal()",
        *_demands(finding),
    ]
    return "\n".join([*_imports(finding, place, lines), "", "", *lines]) + "\n"


def scenario_of(finding: Finding) -> str:
    """Write a scenario file, which is JSON; YAML is a superset of it."""
    course = finding.course
    if course.turns:
        raise ConfigError("a scenario file cannot say in which order callbacks go")
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
        "moments": [
            {
                **({"at": format_duration(sending.at)} if sending.at else {}),
                "send": sending.name,
                "data": dict(sending.data),
                **({"id": sending.id} if sending.id else {}),
            }
            for sending in finding.sendings
        ],
        "faults": json.loads(FaultPlan(course.faults).to_json())["faults"],
        "expect": _expected(finding),
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _expected(finding: Finding) -> dict[str, Any]:
    calm = finding.judge.calm(finding.course)
    runs = [
        {"run": ending.label, "status": ending.status, **_output(ending)} for ending in calm.endings
    ]
    counts: dict[tuple[str, str], int] = {}
    for (_, ledger, operation), count in calm.effects.items():
        counts[ledger, operation] = counts.get((ledger, operation), 0) + count
    effects = [
        {"ledger": ledger, "operation": operation, "count": count}
        for (ledger, operation), count in counts.items()
    ]
    return {"runs": runs, "effects": effects}


def _output(ending: Ending) -> dict[str, Any]:
    is_plain = ending.status == "completed" and not any(mask in ending.text for mask in _MASKED)
    return {"output": json.loads(ending.text)} if is_plain else {}


def _places(finding: Finding, place: str) -> list[str]:
    """List all that the test may name, by where it is imported from."""
    setup = finding.judge.subject.setup_place
    return [each for each in (place, setup, *_served(finding)) if each is not None]


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
    used = [each for each in _places(finding, place) if _dotted(each) in text]
    found = [
        "import dwf_sim as dwf",
        *sorted({f"import {each.partition(':')[0]}" for each in used}),
    ]
    if "EffectCalled" in text:
        found.append("from dwf_sim.model.records import EffectCalled")
    if "written(" in text:
        found.append("from dwf_sim.search.turns import written")
    return found


def _dotted(place: str) -> str:
    return place.replace(":", ".")


def _played(finding: Finding, place: str) -> list[str]:
    """Write how the functions are served and sent their events."""
    course, subject, thing = finding.course, finding.judge.subject, _dotted(place)
    setup = subject.setup_place
    lines = [] if setup is None else [f"    {_dotted(setup)}()"]
    if subject.is_play and not course.left_out and not course.pauses:
        return [*lines, f"    {thing}(sim)"]
    served = _served(finding)
    if not subject.is_play:
        lines.append(f"    sim.serve({thing}{'()' if subject.is_made else ''})")
    elif None not in served:
        lines += [f"    sim.serve({_dotted(each)})" for each in served if each]
    else:
        lines.append(f"    # Serve here what {thing} serves.")
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
    names = {(ledger, name): None for _, ledger, name in finding.played.outcome.effects}
    names |= {(ledger, name): None for _, ledger, name in calm.effects}
    meant = [name for name in names if " ".join(name) == verdict.what]
    if verdict.kind in (DUPLICATE, LOST, OTHER) and meant:
        ledger, operation = meant[0]
        usual = sum(n for (_, *name), n in calm.effects.items() if name == [ledger, operation])
        return [
            "    calls = [call for call in sim.trace.of(EffectCalled) if not call.is_repeat]",
            "    names = [(call.ledger, call.operation) for call in calls]",
            f"    assert names.count(({quoted(ledger)}, {quoted(operation)})) == {usual}",
        ]
    if verdict.kind in (LOST, OTHER):
        function = verdict.what.partition(" ")[0]  # After it comes the name of an error.
        usual_endings = [ending for ending in calm.endings if ending.function == function]
        found = f"for run in sim.runs if run.function_id == {quoted(function)}"
        statuses = sorted({ending.status for ending in usual_endings})
        lines = [f"    assert {{run.status {found}}} == {{{', '.join(map(quoted, statuses))}}}"]
        outputs = [_output(ending) for ending in usual_endings]
        if verdict.kind == OTHER and all(outputs):
            values = [quoted(each["output"]) for each in outputs]
            lines.append(f"    assert [run.output {found}] == [{', '.join(values)}]")
        return lines
    return ["    assert sim.warnings == []"] if verdict.kind == MISTAKE else ["    sim.check()"]


def _sentence(finding: Finding) -> str:
    text = f"{finding.verdict.kind} when: {finding.course}"
    return (text[0].upper() + text[1:]).replace("\\", "/").replace('"', "'")


def _name(finding: Finding) -> str:
    text = f"{finding.verdict.kind} {finding.verdict.what}".lower()
    return re.sub(r"[^a-z0-9]+", "_", text).strip("_")
