"""`init`: what it writes passes, shows what to do once it is broken, and is never overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from dwf_sim.errors import UsageError
from tests.commands.calls import call, call_json

FILES = ["README.md", "__init__.py", "orders.py", "orders.scenario.yaml", "test_orders.py"]


def test_its_tests_pass_and_tell_what_to_do_once_the_key_is_gone(
    pytester: pytest.Pytester,
) -> None:
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function")
    shown = call("init")
    assert "pytest durable " in shown
    pytester.runpytest().assert_outcomes(passed=3)

    file = pytester.path / "durable" / "orders.py"
    lines = file.read_text().splitlines()
    file.write_text("\n".join(line for line in lines if "key=" not in line))
    result = pytester.runpytest()

    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        [
            "stripe charge happened 2 times, not once",
            "What to do: *without an idempotency key*give the call a key*",
            "Repeat it: dwf-sim run durable/orders.scenario.yaml",
            "without faults it passes; *",
            "What to do: *without an idempotency key*give the call a key*",
            "Repeat it: pytest 'durable/test_orders.py::test_a_crash_*",
        ]
    )


def test_what_exists_is_left_and_said(tmp_path: Path) -> None:
    mine = tmp_path / "durable" / "orders.py"
    mine.parent.mkdir()
    mine.write_text("mine")

    shown = call("init", str(tmp_path), status=1)

    assert f"exists  {mine.as_posix()}: left as it is" in shown
    assert f"What to do next, in {tmp_path}:" in shown
    assert mine.read_text() == "mine"
    assert sorted(file.name for file in mine.parent.iterdir()) == FILES
    assert call_json("init", str(tmp_path), status=1)["written"] == []


def test_it_tells_programs_what_it_wrote(tmp_path: Path) -> None:
    found = call_json("init", str(tmp_path))

    assert found["kept"] == []
    assert [Path(file).name for file in found["written"]] == FILES


def test_a_package_is_no_project(tmp_path: Path) -> None:
    (tmp_path / "__init__.py").write_text("")

    with pytest.raises(UsageError, match=r"is a package, since it has an __init__\.py"):
        call("init", str(tmp_path))


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "durable").write_text("")

    with pytest.raises(UsageError, match="durable cannot be made"):
        call("init", str(tmp_path))
