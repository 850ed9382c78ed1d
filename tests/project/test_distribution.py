"""What `make dist` looks for in an archive: it accepts what is whole, and names all that is not."""

from __future__ import annotations

import re
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.project.distribution import (
    BESIDE_THE_CODE,
    FOLDERS,
    OF_A_WHEEL,
    problems_of_sdist,
    problems_of_wheel,
    product,
    read,
)
from tests.project.files import make_targets, read_pyproject
from tests.source import ROOT

SOURCE = {"dwf_sim/__init__.py": b"1", "dwf_sim/py.typed": b"", "pytest_dwf_sim/plugin.py": b"2"}
WHEEL = {**SOURCE, **{f"dwf_sim-1.dist-info/{name}": b"" for name in OF_A_WHEEL}}
SDIST = {
    "dwf_sim-1/dwf_sim/__init__.py": b"1",
    "dwf_sim-1/dwf_sim/py.typed": b"",
    "dwf_sim-1/pytest_plugin/pytest_dwf_sim/plugin.py": b"2",
    **{f"dwf_sim-1/{name}": b"" for name in BESIDE_THE_CODE},
    **{f"dwf_sim-1/{folder}/a.md": b"" for folder in FOLDERS},
}


def without(archive: Mapping[str, bytes], end: str) -> dict[str, bytes]:
    """Leave the files out whose names end so."""
    return {name: content for name, content in archive.items() if not name.endswith(end)}


def test_an_archive_that_is_whole_has_no_problems() -> None:
    assert [*problems_of_wheel(WHEEL, SOURCE)] == []
    assert [*problems_of_sdist(SDIST, SOURCE)] == []


@pytest.mark.parametrize(
    ("wheel", "problem"),
    [
        (without(WHEEL, "py.typed"), "the wheel lacks dwf_sim/py.typed"),
        (without(WHEEL, "LICENSE"), "the wheel lacks its licenses/LICENSE"),
        ({**WHEEL, "other.py": b""}, "the wheel has other.py"),
        ({**WHEEL, "dwf_sim/__init__.py": b"3"}, "dwf_sim/__init__.py is another one in the wheel"),
        (
            {**WHEEL, "dwf_sim-1.dist-info/METADATA": str(ROOT).encode()},
            f"dwf_sim-1.dist-info/METADATA names {ROOT}, which is on this machine alone",
        ),
    ],
)
def test_what_is_wrong_with_a_wheel_is_named(wheel: dict[str, bytes], problem: str) -> None:
    assert [*problems_of_wheel(wheel, SOURCE)] == [problem]


@pytest.mark.parametrize(
    ("sdist", "problem"),
    [
        (without(SDIST, "plugin.py"), "the sdist lacks pytest_dwf_sim/plugin.py"),
        (without(SDIST, "LICENSE"), "the sdist lacks LICENSE"),
        (without(SDIST, "schemas/a.md"), "the sdist lacks schemas/"),
        ({**SDIST, "dwf_sim-1/tests/a.py": b""}, "tests/a.py is nothing to release"),
        (
            {**SDIST, "dwf_sim-1/docs/__pycache__/a.pyc": b""},
            "docs/__pycache__/a.pyc is nothing to release",
        ),
    ],
)
def test_what_is_wrong_with_an_sdist_is_named(sdist: dict[str, bytes], problem: str) -> None:
    assert [*problems_of_sdist(sdist, SOURCE)] == [problem]


def test_both_sorts_of_archives_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"3")
    with zipfile.ZipFile(tmp_path / "a.whl", "w") as wheel:
        wheel.writestr("a.txt", b"2")
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as sdist:
        sdist.add(tmp_path / "a.txt", "a-1/a.txt")

    assert read(tmp_path / "a.whl") == {"a.txt": b"2"}
    assert read(tmp_path / "a.tar.gz") == {"a-1/a.txt": b"3"}


def test_the_product_is_all_that_a_user_imports_and_what_init_writes() -> None:
    names = {*product()}

    assert {"dwf_sim/py.typed", "dwf_sim/__init__.py", "pytest_dwf_sim/plugin.py"} <= names
    assert "dwf_sim/commands/starter/test_orders.py.txt" in names
    assert not any(name.endswith(".pyc") for name in names)


def test_the_sdist_is_configured_to_hold_what_is_looked_for() -> None:
    targets = read_pyproject()["tool"]["hatch"]["build"]["targets"]
    always = {"/LICENSE", "/README.md", "/pyproject.toml"}  # Hatchling adds these by itself.
    wanted = {f"/{name}" for name in (*BESIDE_THE_CODE, *FOLDERS, "dwf_sim", "pytest_plugin")}

    assert {*targets["sdist"]["include"]} == wanted - always
    assert [path for path in targets["sdist"]["include"] if not (ROOT / path[1:]).exists()] == []
    assert targets["wheel"]["packages"] == ["dwf_sim", "pytest_plugin/pytest_dwf_sim"]


def test_make_dist_builds_looks_and_plays() -> None:
    commands = [line.split("$(BIN)/")[-1] for line in make_targets()["dist"].splitlines()]

    assert commands[1:] == [
        "python -m build --outdir dist",
        "twine check --strict dist/*",
        "python -m tests.project.distribution dist",
    ]
    assert {"build>=1.2", "twine>=6.1"} <= {
        *read_pyproject()["project"]["optional-dependencies"]["dev"]
    }


def test_the_recipe_of_a_release_calls_what_is_there() -> None:
    recipe = (ROOT / "docs" / "releasing.md").read_text("utf-8")

    assert {*re.findall(r"`make (\w+)`", recipe)} == {"soak", "dist"} <= {*make_targets()}
    assert "`.ci/run`" in recipe
