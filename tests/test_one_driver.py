"""Each test is played by both drivers and compared, or listed with the reason why it is not."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from pathlib import Path

from tests.drivers.one_driver import MARKS, PLACES, TESTS

FOLDER = Path(__file__).parent
LISTED = [f"{alone.file}::{name}" for alone in TESTS for name in alone.tests]

# Parsing every file would take as long as the slowest tests do.
_LINE = re.compile(r"^(?:@(\w+)$|(?:async )?def (\w+)\(|class )", re.MULTILINE)


def found_in(text: str) -> Iterator[tuple[str, bool]]:
    """List the tests of a file, and whether both drivers play them."""
    marks: set[str] = set()
    for found in _LINE.finditer(text):
        mark, name = found.groups()
        if mark:
            marks.add(mark)
            continue
        if name and name.startswith("test_"):
            yield name, not marks.isdisjoint(MARKS)
        marks.clear()


@functools.cache
def all_tests() -> dict[str, bool]:
    """Say of each test, by its file and name, whether both drivers play it."""
    return {
        f"{path.relative_to(FOLDER).as_posix()}::{name}": is_compared
        for path in sorted(FOLDER.rglob("test_*.py"))
        for name, is_compared in found_in(path.read_text("utf-8"))
    }


def place_of(test: str) -> str | None:
    return next((place for place in PLACES if test.startswith(place)), None)


def test_each_test_is_played_by_both_drivers_or_listed() -> None:
    strays = [
        test
        for test, is_compared in all_tests().items()
        if not is_compared and place_of(test) is None and test not in LISTED
    ]

    assert strays == [], "mark them with every_kind, or list them in tests/drivers/one_driver.py"


def test_what_is_listed_is_there_and_played_by_one_driver_alone() -> None:
    tests = all_tests()

    assert [test for test in LISTED if tests.get(test, True) or place_of(test)] == []
    assert sorted(LISTED) == sorted({*LISTED})


def test_a_place_that_is_listed_holds_tests_and_none_that_both_play() -> None:
    tests = all_tests()
    places = {place_of(test) for test in tests}

    assert [test for test, is_compared in tests.items() if is_compared and place_of(test)] == []
    assert [place for place in PLACES if place not in places] == []


def test_the_guard_tells_tests_apart() -> None:
    text = (
        "@every_kind\n@pytest.mark.rule('A1')\ndef test_a(kind): ...\n"
        "@both_kinds\ndef test_b(kind): ...\n@every_kind\nclass C: ...\nasync def test_c(): ...\n"
    )

    assert [*found_in(text)] == [("test_a", True), ("test_b", False), ("test_c", False)]
