"""Worked examples of a page: what they add to the project, applied to a copy of it.

A block of Python is a new file, a block of a diff edits one; the paragraph before it begins with
its path. In a diff, a line `…` skips a part of the file, and a line that ends so stands for any
that begins like it. A block of a shell is what is to be called then.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import attrs

from tests.source import ROOT

_HEADING = re.compile(r"^## (.+)$")
_PATH = re.compile(r"^`([\w/.]+\.\w+)` ")
_FENCE = re.compile(r"^```(\w*)$")
_LEFT_OUT = ("*.egg-info", ".git", ".venv*", ".*_cache", ".hypothesis", "build", "dist")


@attrs.frozen
class Block:
    """A block of an example: its language, its lines, and the file they are for; in a shell, ""."""

    language: str
    path: str
    lines: tuple[str, ...]
    line: int


def read_examples(page: Path) -> dict[str, list[Block]]:
    """List the blocks of each section that adds to a file."""
    found: dict[str, list[Block]] = {}
    heading, path, before, begun = "", "", "", None
    inside: list[str] = []
    for number, line in enumerate(page.read_text("utf-8").splitlines(), 1):
        if fence := _FENCE.match(line):
            if begun is None:
                begun, inside = (fence[1], number + 1), []
                continue
            found.setdefault(heading, []).append(Block(begun[0], path, tuple(inside), begun[1]))
            begun, path = None, ""
        elif begun is not None:
            inside.append(line)
        elif not before and (named := _PATH.match(line)):
            path = named[1]
        elif title := _HEADING.match(line):
            heading, path = title[1], ""
        before = line
    return {title: blocks for title, blocks in found.items() if any(block.path for block in blocks)}


def copy(target: Path, *parts: str) -> None:
    """Copy the project, or the parts of it that are named, with what Python has compiled of it."""
    ignore = shutil.ignore_patterns(*_LEFT_OUT)
    for name in parts or (".",):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=ignore, dirs_exist_ok=True)
        else:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)


def apply(block: Block, root: Path) -> None:
    """Make a new file, or edit one. Fails with the line of the page that does not fit."""
    file = root / block.path
    if block.language == "python":
        assert not file.exists(), f"line {block.line}: {block.path} is there already"
        file.write_text("\n".join(block.lines) + "\n", "utf-8")
        return
    assert block.language == "diff", f"line {block.line}: {block.language} is no edit of a file"
    lines, edited, begin = file.read_text("utf-8").splitlines(), list[str](), 0
    for hunk in _hunks(block.lines):
        before = [text for sign, text in hunk if sign != "+"]
        places = [at for at in range(begin, len(lines)) if _fits(before, lines[at:])]
        assert len(places) == 1, (
            f"line {block.line}: {block.path} has {len(places)} places for this edit, not one:\n"
            + "\n".join(before)
        )
        edited += lines[begin : places[0]]
        kept = iter(lines[places[0] : (begin := places[0] + len(before))])
        for sign, text in hunk:
            was = next(kept) if sign != "+" else text
            edited += [] if sign == "-" else [was]
    file.write_text("\n".join([*edited, *lines[begin:]]) + "\n", "utf-8")


def _hunks(lines: tuple[str, ...]) -> Iterator[list[tuple[str, str]]]:
    """Split a diff at its `…`, and each line into its sign and its text."""
    hunk: list[tuple[str, str]] = []
    for line in lines:
        if line == "…":
            yield hunk
            hunk = []
        else:
            hunk.append((line[:1] or " ", line[1:]))
    yield hunk


def _fits(before: list[str], lines: list[str]) -> bool:
    return len(before) <= len(lines) and all(
        line.startswith(text[:-1]) if text.endswith("…") else line == text
        for text, line in zip(before, lines, strict=False)
    )
