"""A durable function as its tree shows it: its steps, their bodies, and the code outside of them.

Functions of the same module that the handler calls outside of steps are parts of it, since they
run at each entry too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Self, TypeAlias

import attrs

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Scope: TypeAlias = Function | ast.Lambda

STEPS = (
    "run",
    "sleep",
    "sleep_until",
    "wait_for_event",
    "wait_for_signal",
    "send_signal",
    "send_event",
    "invoke",
    "invoke_by_id",
)
_BODY_PLACE = 1  # `step.run(step_id, body)`


@attrs.frozen(eq=False)
class Step:
    """A call such as `ctx.step.run("charge", charge)`."""

    call: ast.Call
    method: str

    @property
    def id(self) -> ast.expr | None:
        """The expression of its id, if it is given."""
        return argument(self.call, 0, "step_id")

    @property
    def name(self) -> str:
        """Its id as a text for messages."""
        return ast.unparse(self.id) if self.id is not None else "?"


@attrs.frozen(eq=False)
class Part:
    """A function whose code runs at each entry: the handler's own, or one that it calls."""

    function: Function
    context: str  # The name of the context in it, "" where it has none.
    step: str = ""  # The name of its step tools, if they are a parameter.

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps it asks for, in the order of the text; those inside bodies too."""
        found = [
            Step(node, node.func.attr)
            for node in ast.walk(self.function)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in STEPS
            and self._is_tools(node.func.value)
        ]
        return tuple(sorted(found, key=lambda step: place(step.call)))

    @cached_property
    def bodies(self) -> tuple[tuple[Scope, Step], ...]:
        """The lambdas and inner functions that are bodies of steps, each with its step."""
        inner = {node.name: node for node in ast.walk(self.function) if isinstance(node, Function)}
        found: list[tuple[Scope, Step]] = []
        for step in self.steps:
            body = argument(step.call, _BODY_PLACE, "handler") if step.method == "run" else None
            if isinstance(body, ast.Call) and body.args:
                body = body.args[0]  # Of functools.partial.
            if isinstance(body, ast.Lambda):
                found.append((body, step))
            elif isinstance(body, ast.Name) and body.id in inner:
                found.append((inner[body.id], step))
        return tuple(found)

    @cached_property
    def outside(self) -> tuple[ast.AST, ...]:
        """The nodes that run outside of steps: all but those within bodies, in text order."""
        inside = self._inside
        found = [
            node
            for statement in self.function.body
            for node in ast.walk(statement)
            if node not in inside
        ]
        return tuple(sorted(found, key=place))

    @cached_property
    def _inside(self) -> frozenset[ast.AST]:
        """What belongs to a body, and to inner functions that only bodies mention."""
        inside = {node for body, _ in self.bodies for node in within(body)}
        inner = [node for node in ast.walk(self.function) if isinstance(node, Function)]
        names = [node for node in ast.walk(self.function) if isinstance(node, ast.Name)]
        for function in [*inner[1:]] * 2:  # One may be mentioned by another of them.
            uses = [name for name in names if name.id == function.name]
            if uses and all(name in inside for name in uses):
                inside.update(within(function))
        return frozenset(inside)

    def is_inside(self, node: ast.AST) -> bool:
        """Say whether a node is part of the body of a step."""
        return node in self._inside

    def _is_tools(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name):
            return node.id == self.step or node.id in self._aliases
        return self._is_tools_of_context(node)

    def _is_tools_of_context(self, node: ast.expr) -> bool:
        return (
            isinstance(node, ast.Attribute)
            and node.attr == "step"
            and isinstance(node.value, ast.Name)
            and node.value.id == self.context
        )

    @cached_property
    def _aliases(self) -> frozenset[str]:
        """Names that stand for `ctx.step`."""
        return frozenset(
            target.id
            for node in ast.walk(self.function)
            if isinstance(node, ast.Assign) and self._is_tools_of_context(node.value)
            for target in node.targets
            if isinstance(target, ast.Name)
        )


@attrs.frozen(eq=False)
class Durable:
    """A durable function with all of its parts; the first one is the function itself."""

    parts: tuple[Part, ...]

    @classmethod
    def of(cls, function: Function, others: Mapping[str, Function]) -> Self:
        """Take a function, and the others of its module that it calls outside of steps."""
        names = [each.arg for each in parameters(function) if each.arg not in ("self", "cls")]
        parts = [Part(function, names[0] if names else "", names[1] if len(names) > 1 else "")]
        known = [function]
        for part in parts:  # Grows while it is gone through.
            for call in part.outside:
                called = call.func if isinstance(call, ast.Call) else None
                other = others.get(called.id) if isinstance(called, ast.Name) else None
                if other is not None and other not in known:
                    assert isinstance(call, ast.Call), "it calls something"
                    known.append(other)
                    parts.append(Part(other, _handed_on(call, part, other)))
        return cls(tuple(parts))

    @property
    def function(self) -> Function:
        """The function itself."""
        return self.parts[0].function


def _handed_on(call: ast.Call, part: Part, other: Function) -> str:
    """Under which name a called function has the context, or ""."""
    names = parameters(other)
    for nth, given in enumerate(call.args):
        if isinstance(given, ast.Name) and given.id == part.context and nth < len(names):
            return names[nth].arg
    return ""


def parameters(function: Scope) -> list[ast.arg]:
    """List a function's positional parameters."""
    return [*function.args.posonlyargs, *function.args.args]


def argument(call: ast.Call, nth: int | None, name: str) -> ast.expr | None:
    """Find an argument of a call, by its place, if it may be given so, or by its name."""
    before = call.args[: nth + 1] if nth is not None else []
    if len(before) == (nth or 0) + 1 and not any(isinstance(e, ast.Starred) for e in before):
        return before[-1]
    return next((word.value for word in call.keywords if word.arg == name), None)


def within(scope: Scope) -> Iterator[ast.AST]:
    """Yield a function's own nodes: its body, and not its defaults or decorators."""
    for statement in scope.body if isinstance(scope, Function) else [scope.body]:
        yield from ast.walk(statement)


def place(node: ast.AST) -> tuple[int, int]:
    """Say where a node stands; what stands nowhere comes first."""
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
