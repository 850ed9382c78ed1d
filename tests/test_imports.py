"""What an import of ours costs: `import dwf_sim` and the pytest plugin load next to nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import dwf_sim

LOADED_BY_IMPORT = ["dwf_sim"]
LOADED_BY_PLUGIN = ["pytest_dwf_sim", "pytest_dwf_sim.plugin"]


def loaded_by(code: str) -> list[str]:
    """Run code in a fresh interpreter and list our modules and the heavy ones it loaded."""
    heavy = ("attr", "freezegun", "celpy", "croniter", "hypothesis", "asyncio", "inngest", "click")
    show = (
        "import sys; print(*sorted(m for m in sys.modules if m.split('.')[0] in "
        f"('dwf_sim', 'pytest_dwf_sim') or m in {heavy!r}))"
    )
    result = subprocess.run(
        [sys.executable, "-c", f"{code}\n{show}"], capture_output=True, text=True, check=True
    )
    return result.stdout.split()


def test_importing_the_package_loads_nothing_but_itself() -> None:
    assert loaded_by("import dwf_sim") == LOADED_BY_IMPORT


def test_the_pytest_plugin_loads_nothing_of_the_simulator() -> None:
    ours = [name for name in loaded_by("import pytest_dwf_sim.plugin") if "dwf_sim" in name]

    assert ours == LOADED_BY_PLUGIN


def test_a_session_without_durable_tests_loads_nothing_more(tmp_path: Path) -> None:
    """It collects, runs, fails and reports; what it has loaded is told at its very end."""
    (tmp_path / "test_plain.py").write_text("def test_a(): pass\ndef test_b(): assert not 1\n")
    (tmp_path / "conftest.py").write_text(
        "import sys\n"
        "def pytest_unconfigure():\n"
        "    ours = sorted(m for m in sys.modules if 'dwf_sim' in m)\n"
        "    open('loaded', 'w').write(' '.join(ours))\n"
    )

    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "1 failed, 1 passed" in result.stdout
    assert (tmp_path / "loaded").read_text().split() == LOADED_BY_PLUGIN


def test_the_command_line_loads_no_command_before_it_is_used() -> None:
    ours = loaded_by("import dwf_sim.cli")

    assert ours == ["click", "dwf_sim", "dwf_sim.cli", "dwf_sim.errors"]


def test_the_public_names_are_a_sorted_list_and_each_can_be_had() -> None:
    names = dwf_sim.__all__

    assert isinstance(names, list)
    assert names == sorted(names)
    assert len(names) == len(set(names))
    assert sorted(names) == sorted(dwf_sim._HOMES)
    assert all(getattr(dwf_sim, name) is not None for name in names)


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    assert not hasattr(dwf_sim, "nothing_of_this_name")
