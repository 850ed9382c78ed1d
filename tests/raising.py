"""Which errors a public name raises, read off its source and what that calls by name.

Calls of functions of the package, of methods of the same object, and of what attrs calls when a
value is made are followed. What is called on other objects is not: of an engine nobody knows here
what it is. So what is found is raised, but for a few (`tests/test_docstrings.py`).
"""

from __future__ import annotations

import ast
import importlib
import inspect
import textwrap
from collections.abc import Iterator
from typing import Any

import attrs

PACKAGES = ("dwf_sim", "pytest_dwf_sim")


def raised_by(thing: Any, owner: Any = None) -> list[type[BaseException]]:
    """List the classes of ours that something raises, in the order of their names."""
    found = {error.__name__: error for error in _raised(thing, owner)}
    return [found[name] for name in sorted(found)]


_KNOWN: dict[tuple[Any, Any], tuple[type[BaseException], ...]] = {}


def _raised(thing: Any, owner: Any) -> tuple[type[BaseException], ...]:
    thing = inspect.unwrap(getattr(thing, "func", thing))
    if not getattr(thing, "__module__", "").startswith(PACKAGES):
        return ()
    if (thing, owner) not in _KNOWN:
        _KNOWN[thing, owner] = ()  # What calls itself raises nothing more by that.
        _KNOWN[thing, owner] = tuple(_raising(thing, owner))
    return _KNOWN[thing, owner]


def _raising(thing: Any, owner: Any) -> Iterator[type[BaseException]]:
    if inspect.isclass(thing):
        for part in [] if issubclass(thing, BaseException) else _makers(thing):
            yield from _raised(part, thing)
    elif inspect.isfunction(thing):
        names = {**thing.__globals__, **inspect.getclosurevars(thing).nonlocals}
        tree = ast.parse(textwrap.dedent(inspect.getsource(thing))).body[0]
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                home = importlib.import_module(node.module or "")
                names |= {each.name: getattr(home, each.name, None) for each in node.names}
        body = tree.body if isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef) else [tree]
        for part in body:
            yield from _raised_in(part, names, owner)


def _raised_in(node: ast.AST, names: dict[str, Any], owner: Any) -> Iterator[type[BaseException]]:
    if isinstance(node, ast.Raise) and node.exc is not None:
        yield from _classes(node.exc, names)
    elif isinstance(node, ast.Call):
        yield from _raised(_called(node.func, names, owner), owner)
    parts: list[ast.AST] = [*ast.iter_child_nodes(node)]
    if isinstance(node, ast.Try):
        parts = [*node.handlers, *node.orelse, *node.finalbody]
        caught = tuple(kind for each in node.handlers for kind in _kinds(each.type, names))
        for part in node.body:
            for error in _raised_in(part, names, owner):
                if not issubclass(error, caught):
                    yield error
    for part in parts:
        yield from _raised_in(part, names, owner)


def _kinds(given: ast.expr | None, names: dict[str, Any]) -> list[type[BaseException]]:
    """List the classes that a handler catches, as far as they have a name here."""
    every = given.elts if isinstance(given, ast.Tuple) else [given]
    found = [names.get(each.id) for each in every if isinstance(each, ast.Name)]
    return [kind for kind in found if inspect.isclass(kind) and issubclass(kind, BaseException)]


def _makers(kind: type) -> Iterator[Any]:
    """Yield what is called when an object of a class is made."""
    if not attrs.has(kind):
        yield kind.__init__
        return
    for field in attrs.fields(kind):
        yield getattr(field.converter, "converter", field.converter)
    yield getattr(kind, "__attrs_post_init__", None)


def _called(name: ast.expr, names: dict[str, Any], owner: Any) -> Any:
    """Find what a call calls: a name, a name of a module, or a method of the same object."""
    if isinstance(name, ast.Name):
        return names.get(name.id)
    if not isinstance(name, ast.Attribute) or not isinstance(name.value, ast.Name):
        return None
    if name.value.id in ("self", "cls"):
        method = inspect.getattr_static(owner, name.attr, None)
        return getattr(method, "__func__", method)
    home = names.get(name.value.id)
    return getattr(home, name.attr, None) if inspect.ismodule(home) else None


def _classes(error: ast.expr, names: dict[str, Any]) -> Iterator[type[BaseException]]:
    """Yield the class of what is raised: named, or given by a function that says so."""
    made = error.func if isinstance(error, ast.Call) else error
    kind = names.get(made.id) if isinstance(made, ast.Name) else None
    if inspect.isfunction(kind):
        told = inspect.get_annotations(kind).get("return")
        kind = kind.__globals__.get(told) if isinstance(told, str) else told
    ours = inspect.isclass(kind) and kind.__module__.startswith(PACKAGES)
    if inspect.isclass(kind) and ours and issubclass(kind, BaseException):
        yield kind
