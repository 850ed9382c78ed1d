"""Linting: which files are looked at, and what all rules find in them."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import attrs

from dwf_sim.errors import ConfigError
from dwf_sim.lint.finding import Finding
from dwf_sim.lint.module import Module
from dwf_sim.lint.project import Project
from dwf_sim.lint.rules import RULES

_PASSED_OVER = ("__pycache__", "node_modules", "site-packages", "build", "dist")


@attrs.frozen
class Linted:
    """What was looked at, what was found, and which files are no Python, with the reason."""

    files: int
    functions: int
    findings: tuple[Finding, ...]
    unread: tuple[str, ...]


def lint(
    paths: Iterable[Path], *, told: Callable[[int, int], None] = lambda _done, _of: None
) -> Linted:
    """Look at files and folders together; nothing of them is imported or run.

    `told` is called before each file with how many are done, and of how many. Raises `ConfigError`
    for a path that is not there.
    """
    files = list(dict.fromkeys(file for path in paths for file in _files(path)))
    modules: list[Module] = []
    unread: list[str] = []
    for file in files:
        read = _read(file)
        if isinstance(read, Module):
            modules.append(read)
        else:
            unread.append(read)
    project = Project(tuple(modules))
    findings: list[Finding] = []
    for nth, module in enumerate(modules):
        told(nth, len(modules))
        for rule in RULES:
            findings += rule.findings(module, project)
    count = sum(len(module.handlers) for module in modules)
    return Linted(len(files), count, tuple(sorted(dict.fromkeys(findings))), tuple(unread))


def _files(path: Path) -> Iterator[Path]:
    """Yield a file, or the Python files of a folder but for those of others, sorted by name."""
    if path.is_file():
        yield path
        return
    if not path.is_dir():
        raise ConfigError(f"{path} is not there; name files of Python, or folders of them")
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(
            name
            for name in folders
            if name not in _PASSED_OVER
            and not name.startswith(".")
            and not (Path(folder) / name / "pyvenv.cfg").exists()
        )
        yield from (Path(folder) / name for name in sorted(names) if name.endswith(".py"))


def _read(file: Path) -> Module | str:
    try:
        text = file.read_text("utf-8")
        return Module(str(file), text, ast.parse(text, str(file)))
    except SyntaxError as error:
        return f"{file}:{error.lineno or 1}:{error.offset or 1}: this is no Python: {error.msg}"
    except (OSError, ValueError, RecursionError) as error:
        return f"{file}:1:1: this cannot be read: {error}"
