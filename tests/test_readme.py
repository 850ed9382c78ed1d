"""The README is true: its first screen is run, and prints what it shows."""

from __future__ import annotations

import contextlib
import io
import re

from tests.source import ROOT

README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    """The README's code blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_first_screen_prints_what_it_shows() -> None:
    code, shown = blocks("python")[0], blocks("text")[0]

    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "README.md", "exec"), {"__name__": "readme"})

    assert printed.getvalue() == shown


def test_the_commands_it_names_are_the_makefiles() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")

    commands = re.findall(r"make (\w+)", README)

    assert {"demo", "test"} <= set(commands)
    assert all(f"\n{command}:" in makefile for command in commands)


def test_ci_calls_the_test_command() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text("utf-8")
