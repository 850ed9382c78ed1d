"""Tells mkdocstrings how values are made: of classes of attrs the text says it only in part.

Their `__init__` is written by attrs when they are imported, so it is asked for then: what a
converter takes, such as "1h" where milliseconds are kept, stands in no field.
"""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import attrs
import griffe


class Constructors(griffe.Extension):  # type: ignore[misc]  # Not there where types are checked.
    """Gives each class of attrs the `__init__` that it has."""

    def on_class(self, *, cls: griffe.Class, **_: Any) -> None:
        """Add what the text of a class does not show."""
        if "__init__" in cls.members or not cls.decorators:
            return
        made = getattr(importlib.import_module(cls.module.path), cls.name, None)
        if made is None or not attrs.has(made):
            return
        parameters = [_parameter(each) for each in inspect.signature(made).parameters.values()]
        itself = griffe.Parameter("self", kind=griffe.ParameterKind.positional_or_keyword)
        cls.set_member(
            "__init__",
            griffe.Function("__init__", parameters=griffe.Parameters(itself, *parameters)),
        )


def _parameter(given: inspect.Parameter) -> griffe.Parameter:
    has_none = inspect.Parameter.empty
    annotation = given.annotation
    if annotation is not has_none and not isinstance(annotation, str):
        annotation = inspect.formatannotation(annotation)
    return griffe.Parameter(
        given.name,
        annotation=None if annotation is has_none else annotation,
        kind=getattr(griffe.ParameterKind, given.kind.name.lower()),
        default=None if given.default is has_none else _default(given.default),
    )


def _default(content: object) -> str:
    return "…" if content is attrs.NOTHING else repr(content)
