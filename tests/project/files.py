"""The project's own files that say how it is built and checked."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import yaml

from tests.source import ROOT


def read_yaml(path: str) -> Any:
    """Read a YAML file of the project. Its `on:` is kept as the text that it looks like."""
    return yaml.load((ROOT / path).read_text("utf-8"), Loader=yaml.BaseLoader)


def read_pyproject() -> dict[str, Any]:
    """Read pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def make_targets() -> dict[str, str]:
    """List the targets of the Makefile that people call, with the commands of each."""
    text = (ROOT / "Makefile").read_text("utf-8").replace("\\\n", " ")
    names = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert names is not None, "the Makefile says which targets are no files"
    recipes = dict(re.findall(r"^(\w+):[^\n]*\n((?:\t[^\n]*\n?)*)", text, re.MULTILINE))
    return {name: recipes[name] for name in names[1].split()}
