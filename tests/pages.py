"""Pages of documentation: their blocks, and how their Python is run and prints what they show."""

from __future__ import annotations

import contextlib
import inspect
import io
import re
import textwrap
from pathlib import Path
from typing import Any

import attrs

import dwf_sim as dwf

_BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)


@attrs.frozen
class Block:
    """A block of a page: its language, its text, and the line of the page where that begins."""

    language: str
    text: str
    line: int


def blocks(page: Path) -> list[Block]:
    """List the blocks of a page in their order."""
    text = page.read_text("utf-8")
    return [
        Block(found[2], textwrap.dedent(found[3]), text.count("\n", 0, found.start()) + 2)
        for found in _BLOCK.finditer(text)
    ]


def fences(page: Path) -> int:
    """Count the lines of a page that begin or end a block."""
    return len(re.findall(r"^ *(?:```|~~~)", page.read_text("utf-8"), re.MULTILINE))


def play(page: Path, blocks_max: int | None = None) -> None:
    """Run a page's blocks of Python in one namespace, and the tests that they define.

    A block of text that comes next after one is what that prints; any other prints nothing.
    """
    namespace: dict[str, Any] = {"__name__": page.stem}
    found = blocks(page)[:blocks_max]
    for block, following in zip(found, [*found[1:], None], strict=True):
        if block.language == "python":
            shown = following.text if following and following.language == "text" else ""
            printed = _printed(page, block, namespace)
            assert printed == shown, f"{page.name}:{block.line} prints\n{printed}"


def _printed(page: Path, block: Block, namespace: dict[str, Any]) -> str:
    """Run a block, with its lines numbered as on the page."""
    code = compile("\n" * (block.line - 1) + block.text, str(page), "exec")
    before = dict(namespace)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(code, namespace)
        for name, thing in namespace.items():
            if name.startswith("test_") and before.get(name) is not thing:
                _run_test(thing)
    return printed.getvalue()


def _run_test(test: Any) -> None:
    """Call a test as pytest would, with the fixture that the package brings."""
    if not inspect.signature(test).parameters:
        test()
        return
    with dwf.Simulation() as durable_engine:
        test(durable_engine=durable_engine)
