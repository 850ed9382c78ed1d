"""What is public, as the pages of the API show it: names, and the members they are shown with."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import re
from collections.abc import Iterator
from typing import Any, get_args

import attrs
import yaml

from tests.source import ROOT

API = ROOT / "docs" / "api"
# What these list in `__all__` is public. A module of records is what its union has.
MODULES = (
    "dwf_sim",
    "dwf_sim.adapters.database",
    "dwf_sim.adapters.httpx",
    "dwf_sim.checks",
    "dwf_sim.errors",
    "dwf_sim.faults",
    "dwf_sim.faults.clock",
    "dwf_sim.faults.crash",
    "dwf_sim.faults.deploy",
    "dwf_sim.faults.events",
    "dwf_sim.faults.functions",
    "dwf_sim.faults.response",
    "dwf_sim.faults.server",
    "dwf_sim.faults.steps",
    "dwf_sim.faults.timers",
    "dwf_sim.faults.worker",
    "dwf_sim.histories",
    "dwf_sim.invariants",
    "dwf_sim.mocked",
    "dwf_sim.model.records",
    "dwf_sim.strategies",
)
_DIRECTIVE = re.compile(r"^::: (?P<path>[\w.]+)\n(?P<options>(?: +.*\n)*)", re.MULTILINE)


@attrs.frozen
class Shown:
    """Something that a page shows: where it is found, and the class it is a member of."""

    path: str
    thing: Any
    page: str
    owner: Any = None

    @property
    def function(self) -> Any:
        """What runs when it is used; of a class that has no `__init__` of its own, the class."""
        if isinstance(self.thing, property):
            return self.thing.fget
        return getattr(self.thing, "func", getattr(self.thing, "__func__", self.thing))

    @property
    def text(self) -> str:
        """Its docstring; of a constant, the text behind it."""
        is_told = inspect.ismodule(self.thing) or isinstance(self.thing, property)
        if is_told or callable(self.function):
            return inspect.getdoc(self.function) or ""
        return _behind(*self.path.rpartition(".")[::2])


def directives() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield each page with what it has mkdocstrings show, and the options for that."""
    for page in sorted(API.glob("*.md")):
        for found in _DIRECTIVE.finditer(page.read_text("utf-8") + "\n"):
            options = (yaml.safe_load(found["options"]) or {}).get("options", {})
            yield page.name, found["path"], options


def found_at(path: str) -> Any:
    """Find what a dotted path names, which may go through a module that a function hides."""
    top, *names = path.split(".")
    thing: Any = importlib.import_module(top)
    for depth, name in enumerate(names, 1):
        if not hasattr(thing, name):
            parent = importlib.import_module(".".join([top, *names[: depth - 1]]))
            thing = getattr(parent, name, None) or importlib.import_module(
                ".".join([top, *names[:depth]])
            )
        else:
            thing = getattr(thing, name)
    return thing


@functools.cache
def shown() -> tuple[Shown, ...]:
    """List what the pages show, members after what they are of."""
    return tuple(
        each
        for page, path, options in directives()
        for each in _with_members(Shown(path, found_at(path), page), options.get("members", True))
    )


def public_names() -> Iterator[tuple[str, Any]]:
    """Yield every public name with what it names."""
    for module in MODULES:
        found = importlib.import_module(module)
        names = getattr(found, "__all__", None)
        if names is None:
            names = [each.__name__ for each in get_args(found.Record)]
        for name in names:
            yield f"{module}.{name}", getattr(found, name)


def _behind(module: str, name: str) -> str:
    """Find the text behind a constant, in the module that has it or that one it is from."""
    tree = ast.parse(inspect.getsource(importlib.import_module(module)))
    for node, following in zip(tree.body, [*tree.body[1:], None], strict=True):
        target = getattr(node, "target", (getattr(node, "targets", None) or [None])[0])
        if isinstance(target, ast.Name) and target.id == name and isinstance(following, ast.Expr):
            return inspect.cleandoc(ast.literal_eval(following.value))
        if isinstance(node, ast.ImportFrom) and name in [each.name for each in node.names]:
            return _behind(node.module or "", name)
    return ""


def _with_members(whole: Shown, members: bool | list[str]) -> Iterator[Shown]:
    yield whole
    named = members if isinstance(members, list) else _members(whole.thing) if members else []
    for name in named:
        member = inspect.getattr_static(whole.thing, name)
        each = Shown(f"{whole.path}.{name}", member, whole.page, whole.thing)
        yield from _with_members(each, inspect.isclass(member))


def _members(thing: Any) -> list[str]:
    """List the members that a page shows: those with a docstring, of the class and of its bases."""
    if inspect.ismodule(thing):
        own = [name for name, each in vars(thing).items() if _is_of(each, thing.__name__)]
        return [name for name in getattr(thing, "__all__", own) if not name.startswith("_")]
    if not inspect.isclass(thing):
        return []
    found: dict[str, None] = {}
    for kind in reversed(thing.__mro__):
        if kind.__module__.partition(".")[0] != "dwf_sim":
            continue
        for name, member in vars(kind).items():
            runs = isinstance(member, property | staticmethod | classmethod)
            runs = runs or hasattr(member, "func") or inspect.isfunction(member)
            if runs and not name.startswith("_"):
                found[name] = None
    return [*found]


def _is_of(thing: Any, module: str) -> bool:
    return (inspect.isclass(thing) or inspect.isfunction(thing)) and thing.__module__ == module
