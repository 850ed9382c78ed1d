"""The guide's table of topics is true: each has its page, its scenario and its test."""

from __future__ import annotations

import re
from pathlib import Path

import attrs
import pytest

from tests.pages import blocks
from tests.source import ROOT
from tests.test_one_driver import all_tests

GUIDE = ROOT / "docs" / "guide"
INDEX = GUIDE / "index.md"
SCENARIOS = ROOT / "scenarios"
HEAD = "| topic | page | scenario | test |"

_ROW = re.compile(
    r"\| (?P<topic>[^|]+) \| \[page\]\((?P<page>[\w-]+\.md)\) "
    r"\| \[`(?P<scenario>[\w-]+)`\]\(../../scenarios/(?P=scenario)\.scenario\.yaml\) "
    r"\| `tests/(?P<test>[\w/]+\.py::\w+)`(?:: (?P<reason>[^|]+))? \|"
)


@attrs.frozen
class Topic:
    """A row of the table; `reason` says why only one driver plays the test."""

    topic: str
    page: str
    scenario: str
    test: str
    reason: str | None


def topics(index: Path = INDEX) -> list[Topic]:
    """Read the table; a row that is written in another way is an error."""
    lines = iter(index.read_text("utf-8").splitlines())
    assert HEAD in lines, f"{index.name} has no table that begins with {HEAD}"
    next(lines)
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        found = _ROW.fullmatch(line)
        assert found, f"no row of a topic, its page, its scenario and its test: {line}"
        rows.append(Topic(**found.groupdict()))
    return rows


TOPICS = topics()


def missing(topic: Topic) -> list[str]:
    """Say which parts of a topic are not there."""
    page, scenario = GUIDE / topic.page, SCENARIOS / f"{topic.scenario}.scenario.yaml"
    tests = all_tests()
    parts = {
        f"code on {topic.page}": page.exists() and "python" in [b.language for b in blocks(page)],
        f"the scenario {topic.scenario}": scenario.exists(),
        f"the test {topic.test}": topic.test in tests,
        "why one driver plays the test": tests.get(topic.test) or topic.reason is not None,
        "a test of one driver, which is excused": not (tests.get(topic.test) and topic.reason),
    }
    return [part for part, is_there in parts.items() if not is_there]


@pytest.mark.parametrize("topic", TOPICS, ids=[topic.topic for topic in TOPICS])
def test_a_topic_has_its_page_its_scenario_and_its_test(topic: Topic) -> None:
    assert missing(topic) == []


def test_what_a_topic_lacks_is_told() -> None:
    alone = "drivers/test_signals.py::test_a_signal_is_taken_once"
    both = "test_limits.py::test_a_smaller_limit_of_steps_is_met_sooner"

    assert missing(Topic("none", "none.md", "none", "none.py::test_none", "so")) == [
        "code on none.md",
        "the scenario none",
        "the test none.py::test_none",
    ]
    assert missing(Topic("a", "limits.md", "somebody-approves", alone, None)) == [
        "why one driver plays the test"
    ]
    assert missing(Topic("a", "limits.md", "somebody-approves", both, "so")) == [
        "a test of one driver, which is excused"
    ]


def test_there_are_thirty_scenarios_which_say_one_thing_each() -> None:
    texts = [path.read_text("utf-8") for path in SCENARIOS.glob("*.scenario.yaml")]
    about = {found[1] for text in texts if (found := re.search(r"^about: (.+)$", text, re.M))}

    assert len(about) == len(texts)
    assert len(texts) >= 30


def test_each_topic_has_one_row() -> None:
    names = [topic.topic for topic in TOPICS]

    assert TOPICS
    assert sorted({*names}) == sorted(names)


def test_the_guide_leads_to_each_of_its_pages() -> None:
    linked = {*re.findall(r"\]\(([\w-]+\.md)\)", INDEX.read_text("utf-8"))}

    assert linked | {INDEX.name} == {page.name for page in GUIDE.glob("*.md")}


def test_a_row_that_is_written_in_another_way_is_found_out(tmp_path: Path) -> None:
    index = tmp_path / "index.md"
    index.write_text(f"{HEAD}\n|---|---|---|---|\n| a topic | [page](a.md) | | |\n", "utf-8")

    with pytest.raises(AssertionError, match="no row of a topic"):
        topics(index)
