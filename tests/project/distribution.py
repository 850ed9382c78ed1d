"""What is released: `make dist` builds an sdist and a wheel, and this looks into both and plays the
wheel where nothing else of the project is.

`python -m tests.project.distribution FOLDER` says what is wrong, and ends with status 1 then.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.source import PACKAGE, PLUGIN, ROOT

# By its path in the archive, what a file holds.
Content = Mapping[str, bytes]

BESIDE_THE_CODE = ("CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "pyproject.toml")
FOLDERS = ("docs", "examples", "scenarios", "schemas")
OF_A_WHEEL = ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")
UNWANTED = ("/tests/", "/__pycache__/", "/.venv/", "/.hypothesis/", "_cache/", ".egg-info/", ".pyc")


def product() -> dict[str, bytes]:
    """Read each file of the package and of its plugin, by its path in an installation."""
    return {
        path.relative_to(root.parent).as_posix(): path.read_bytes()
        for root in (PACKAGE, PLUGIN)
        for path in sorted(root.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def problems_of_wheel(wheel: Content, source: Content) -> Iterator[str]:
    """Say in what a wheel differs from the source, which it holds and nothing else."""
    rest = {name: content for name, content in wheel.items() if ".dist-info/" not in name}
    about = {name.partition(".dist-info/")[2] for name in wheel} - {""}
    yield from (f"the wheel lacks {name}" for name in source if name not in rest)
    yield from (f"the wheel has {name}" for name in rest if name not in source)
    yield from (
        f"{name} is another one in the wheel"
        for name, content in source.items()
        if rest.get(name, content) != content
    )
    yield from (f"the wheel lacks its {name}" for name in OF_A_WHEEL if name not in about)
    yield from _problems_of_any(wheel)


def problems_of_sdist(sdist: Content, source: Content) -> Iterator[str]:
    """Say what an sdist lacks to be built and read, and what it holds besides."""
    inner = {name.partition("/")[2]: content for name, content in sdist.items()}
    known = {name.removeprefix("pytest_plugin/") for name in inner}
    yield from (f"the sdist lacks {name}" for name in source if name not in known)
    yield from (f"the sdist lacks {name}" for name in BESIDE_THE_CODE if name not in inner)
    for folder in FOLDERS:
        if not any(name.startswith(f"{folder}/") for name in inner):
            yield f"the sdist lacks {folder}/"
    yield from _problems_of_any(inner)


def _problems_of_any(archive: Content) -> Iterator[str]:
    """Say what of this machine, or of no use to anyone else, has come along."""
    places = {str(ROOT), str(Path.home()), sys.prefix} - {"/"}
    for name, content in archive.items():
        if any(word in f"/{name}" for word in UNWANTED):
            yield f"{name} is nothing to release"
        for place in sorted(places):
            if place.encode() in content:
                yield f"{name} names {place}, which is on this machine alone"


def read(archive: Path) -> dict[str, bytes]:
    """Read an sdist or a wheel."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as opened:
            return {name: opened.read(name) for name in opened.namelist()}
    with tarfile.open(archive) as opened:
        files = [member for member in opened if member.isfile()]
        return {file.name: opened.extractfile(file).read() for file in files}  # type: ignore[union-attr]  # Of files there is one.


def play(wheel: Path, folder: Path) -> None:
    """Install a wheel where nothing else is, and use it as a user does who has only that.

    Raises `CalledProcessError` when a command fails.
    """
    tools = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    empty = folder / "empty"
    empty.mkdir()
    python, command = str(tools / "python"), str(tools / "dwf-sim")
    _run(folder, sys.executable, "-m", "venv", "venv")
    _run(empty, python, "-m", "pip", "install", "--quiet", str(wheel.resolve()))
    where = _run(empty, python, "-c", "import dwf_sim; print(dwf_sim.__file__)")
    assert where.startswith(str(folder.resolve())), f"{where} is not what was just installed"
    _run(empty, command, "--version")
    _run(empty, command, "demo")
    _run(empty, command, "conform", str(ROOT / "tests" / "conformance" / "oracle"))
    schema = _run(empty, python, "-m", "dwf_sim.scenario.schema")
    assert schema == (ROOT / "schemas" / "scenario.schema.json").read_text("utf-8")
    _run(empty, command, "init")
    _run(empty, python, "-m", "pytest", "-q")


def _run(folder: Path, *command: str) -> str:
    """Run a command in a folder, and give what it prints."""
    sys.stdout.write(f"$ {' '.join(command)}\n")
    sys.stdout.flush()
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True, check=True)
    sys.stdout.write("".join(f"  {line}\n" for line in done.stdout.splitlines()[-3:]))
    return done.stdout


def main(folder: Path) -> int:
    """Look at what is in a folder, play it, and give the status to end with."""
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    source = product()
    found = [*problems_of_wheel(read(wheel), source), *problems_of_sdist(read(sdist), source)]
    for problem in found:
        sys.stdout.write(f"{problem}\n")
    if found:
        return 1
    with tempfile.TemporaryDirectory() as place:
        play(wheel, Path(place).resolve())
    sys.stdout.write(f"{wheel.name} and {sdist.name} can be released\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
