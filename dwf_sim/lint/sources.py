"""Sources of what differs from entry to entry: chance, the clock, and what is made of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dwf_sim.lint.durable import Part
from dwf_sim.lint.module import Module

CHANCE = ("random.", "secrets.", "numpy.random.", "uuid.uuid1", "uuid.uuid4", "os.urandom")
CLOCK = (
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "time.time",
    "time.monotonic",
    "time.perf_counter",
    "time.localtime",
    "time.gmtime",
)
_SEEDED = ("random.Random", "numpy.random.default_rng")
_PROCESS = ("id", "hash")
_SETS = ("set", "frozenset")


def chance_of(module: Module, node: ast.AST) -> str:
    """Name the source of chance that a call draws from, or ""."""
    if not isinstance(node, ast.Call):
        return ""
    name = module.dotted(node.func)
    if name in _SEEDED and (node.args or node.keywords):
        return ""
    return name if name.startswith(CHANCE) else ""


def clock_of(module: Module, node: ast.AST) -> str:
    """Name the clock that a call reads, or ""."""
    name = module.dotted(node.func) if isinstance(node, ast.Call) else ""
    return name if name.removesuffix("_ns") in CLOCK else ""


def is_set(module: Module, part: Part, node: ast.AST) -> bool:
    """Say whether an expression is a set, whose order differs between processes."""
    if isinstance(node, ast.Set | ast.SetComp):
        return True
    if isinstance(node, ast.Call):
        return module.dotted(node.func) in _SETS
    if isinstance(node, ast.Name):
        values = [value for name, value in _assigned(part) if name == node.id]
        return any(is_set(module, part, value) for value in values if value is not node)
    return False


def differing(module: Module, part: Part, node: ast.AST) -> str:
    """Say what makes an expression differ from entry to entry: its source, or "" if nothing."""
    return _differing(part, node, _tainted(module, part), module)


def _tainted(module: Module, part: Part) -> dict[str, str]:
    """The variables that hold what differs, each with its source."""
    tainted: dict[str, str] = {}
    assigned = list(_assigned(part))
    for _ in range(len(assigned) + 1):
        fresh = {
            name: source
            for name, value in assigned
            if name not in tainted and (source := _differing(part, value, tainted, module))
        }
        if not fresh:
            break
        tainted.update(fresh)
    return tainted


def _differing(part: Part, node: ast.AST, tainted: dict[str, str], module: Module) -> str:
    steps = [step.call for step in part.steps]
    waiting = [node]
    while waiting:
        each = waiting.pop(0)
        if each in steps or part.is_inside(each):
            continue  # What a step returns is remembered, and so the same.
        if source := _source(part, each, tainted, module):
            return source
        waiting += ast.iter_child_nodes(each)
    return ""


def _source(part: Part, node: ast.AST, tainted: dict[str, str], module: Module) -> str:
    if source := chance_of(module, node) or clock_of(module, node):
        return f"{source}()"
    if isinstance(node, ast.Call) and module.dotted(node.func) in _PROCESS:
        return f"{module.dotted(node.func)}()"
    if isinstance(node, ast.Attribute) and node.attr == "attempt":
        is_context = isinstance(node.value, ast.Name) and node.value.id == part.context
        return f"{part.context}.attempt" if is_context else ""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        if node.id in module.changed_globals:
            return f"the global {node.id}, which functions change"
        return tainted.get(node.id, "")
    return ""


def _assigned(part: Part) -> Iterator[tuple[str, ast.expr]]:
    """Yield each variable of the code outside of steps with what it is bound to."""
    for node in part.outside:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield from ((name, value) for name in _names(target))
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                yield from ((name, value) for name in _names(target))
            case ast.AugAssign(target=target, value=value):
                yield from ((name, value) for name in _names(target))
            case ast.NamedExpr(target=target, value=value):
                yield target.id, value
            case ast.For(target=target, iter=value) | ast.AsyncFor(target=target, iter=value):
                yield from ((name, value) for name in _names(target))
            case ast.comprehension(target=target, iter=value):
                yield from ((name, value) for name in _names(target))
            case _:
                pass


def _names(target: ast.expr) -> Iterator[str]:
    for node in ast.walk(target):
        if isinstance(node, ast.Name):
            yield node.id
