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
    r"\| (?P<topic>[^|]+) \| \[page\]\((?P<page>[\w-]+\.md)\) \| `(?P<scenario>[\w-]+)` "
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


def has_code_that_is_run(page: Path) -> bool:
    return page.exists() and any(block.language == "python" for block in blocks(page))


@pytest.mark.parametrize("topic", TOPICS, ids=[topic.topic for topic in TOPICS])
def test_a_topic_has_its_page_its_scenario_and_its_test(topic: Topic) -> None:
    tests = all_tests()

    assert has_code_that_is_run(GUIDE / topic.page)
    assert (SCENARIOS / f"{topic.scenario}.scenario.yaml").exists()
    assert topic.test in tests
    assert tests[topic.test] is (topic.reason is None), "the one driver, and why, or both"


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
