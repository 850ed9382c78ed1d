"""The hooks before a commit call the project's own commands, and pin nothing a second time."""

from __future__ import annotations

import shlex

from tests.project.files import make_targets, read_pyproject, read_yaml
from tests.source import ROOT

CONFIG = read_yaml(".pre-commit-config.yaml")
HOOKS = [hook for repo in CONFIG["repos"] for hook in repo["hooks"]]


def test_no_hook_comes_from_outside() -> None:
    assert [repo["repo"] for repo in CONFIG["repos"]] == ["local"]
    assert {hook["language"] for hook in HOOKS} == {"system"}
    assert {"additional_dependencies", "rev"}.isdisjoint(key for hook in HOOKS for key in hook)


def test_each_hook_calls_a_command_that_is_there() -> None:
    commands = [shlex.split(hook["entry"]) for hook in HOOKS]

    assert [command[:1] for command in commands] == [["make"]] * len(HOOKS)
    assert {target for _, target in commands} == {"lint", "tidy"} <= {*make_targets()}


def test_the_commands_run_the_tools_and_the_guards_of_the_house() -> None:
    targets = make_targets()
    guards = [word for word in targets["tidy"].split() if word.startswith("tests/")]

    assert all(
        f"$(BIN)/{tool}" in targets["lint"] for tool in ("ruff format", "ruff check", "mypy")
    )
    assert len(guards) == 4
    assert [path for path in guards if not (ROOT / path).exists()] == []


def test_each_tool_is_installed_with_what_a_contributor_installs() -> None:
    extras = read_pyproject()["project"]["optional-dependencies"]
    installed = {name.partition(">=")[0] for name in extras["dev"]}

    assert {"ruff", "mypy", "pre-commit"} <= installed
