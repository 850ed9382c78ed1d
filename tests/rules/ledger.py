"""Where each rule stands: shown by tests, planned, or not modelled."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

TESTS = Path(__file__).parent.parent
HERE = Path(__file__).parent


@attrs.frozen
class Standing:
    """What is known of a rule: the tests that cite it, and what the table says of it."""

    rule: str
    title: str
    tests: tuple[str, ...]
    planned: tuple[str, ...]
    reason: str | None


def standings() -> list[Standing]:
    """List every rule with its standing, in the order of the reference."""
    titles, cited, table = read_titles(), read_citations(), read_table()
    return [
        Standing(
            rule,
            title,
            tuple(cited.get(rule, ())),
            tuple(entry["issue"] for entry in table if rule in entry["rules"] and "issue" in entry),
            next((e["reason"] for e in table if rule in e["rules"] and "reason" in e), None),
        )
        for rule, title in titles.items()
    ]


def read_titles() -> dict[str, str]:
    """Read the list of rules with a title each."""
    lines = (HERE / "ids.txt").read_text("utf-8").splitlines()
    return dict(line.split("\t", 1) for line in lines)


def read_citations() -> dict[str, list[str]]:
    """Find the rules that each test cites by `@pytest.mark.rule(…)`."""
    cited: dict[str, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        name = path.relative_to(TESTS.parent).as_posix()
        for test, rule in _citations(ast.parse(path.read_text("utf-8"))):
            cited.setdefault(rule, []).append(f"{name}::{test}")
    return cited


def read_table() -> list[dict[str, Any]]:
    """Read the table of what is planned or not modelled, with its ranges written out."""
    with (HERE / "unmodelled.toml").open("rb") as file:
        table = tomllib.load(file)
    known = list(read_titles())
    entries = [*table.get("planned", []), *table.get("not_modelled", [])]
    return [
        {**entry, "rules": [r for text in entry["rules"] for r in _spread(text, known)]}
        for entry in entries
    ]


def _spread(text: str, known: list[str]) -> list[str]:
    first, _, last = text.partition("-")
    if not last:
        return [first]
    low, high = _number(first), _number(last)
    return [rule for rule in known if rule[0] == first[0] and low <= _number(rule) <= high]


def _number(rule: str) -> int:
    return int(re.sub(r"\D", "", rule))


def _citations(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in node.decorator_list:
                for rule in _rules_of(decorator):
                    yield node.name, rule


def _rules_of(decorator: ast.expr) -> list[str]:
    if not isinstance(decorator, ast.Call) or not ast.unparse(decorator.func).endswith("mark.rule"):
        return []
    return [arg.value for arg in decorator.args if isinstance(arg, ast.Constant)]
