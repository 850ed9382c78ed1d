"""The schema for editors is that of the classes, and takes what the reader takes."""

from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, ValidationError

from dwf_sim.scenario.nodes import parse
from dwf_sim.scenario.schema import schema, text

ROOT = Path(__file__).parents[2]
VALIDATOR = Draft202012Validator(schema())
FILES = sorted((ROOT / "scenarios").glob("*.scenario.yaml"))


def test_the_file_is_what_the_classes_say() -> None:
    written = (ROOT / "schemas" / "scenario.schema.json").read_text("utf-8")

    assert written == text(), "run `make schema`"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_each_scenario_keeps_to_it(file: Path) -> None:
    content = parse(file.read_text("utf-8"), str(file)).plain()

    VALIDATOR.validate(content)


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"fautls": []},
        {"moments": [{"send": "a", "cancel": "b"}]},
        {"faults": [{"kind": "crash.nope"}]},
        {"faults": [{"kind": "crash.before", "stp": "a"}]},
        {"expect": {"runs": [{"run": "a", "status": "gone"}]}},
        {"expect": {"invariants": {"off": ["memos stnd"]}}},
    ],
)
def test_it_refuses_what_the_reader_refuses(change: dict[str, object]) -> None:
    good: dict[str, object] = {"format": 1, "functions": ["a:b"], "moments": [], "expect": {}}
    VALIDATOR.validate(good)

    with pytest.raises(ValidationError):
        VALIDATOR.validate({**good, **change})
