"""The layers: what each part of the house may import (docs/architecture.md)."""

from __future__ import annotations

import ast
import sys

from tests.source import Module, imports, modules

LEAVES = (
    "errors",
    "given",
    "duration",
    "duration_grammar",
    "dates",
    "expressions",
    "cron",
    "places",
)
# The part of a module's name after `dwf_sim.` by which its layer is known, lowest first.
LAYERS: dict[str, int] = {
    **dict.fromkeys(LEAVES, 0),
    "model": 0,
    "flow": 1,
    "faults": 1,
    "drivers": 1,
    "invariants": 1,
    "engine": 2,
    "sim": 3,
    "world": 4,
    "outcomes": 4,
    "mocked": 4,
    "stored": 4,
    "lint": 4,
    "effects": 4,
    "adapters": 4,
    "report": 4,
    "conformance": 4,
    "scenario": 4,
    "strategies": 4,
    "checks": 4,
    "histories": 4,
    "search": 4,
    "cli": 5,
    "commands": 5,
    "demo": 5,
}
L1 = ("flow", "faults", "drivers", "invariants")
PROTOCOLS = ("dwf_sim.drivers.base", "dwf_sim.faults.base")
# Third-party libraries, and the one place that may import each.
LIBRARIES = {
    "attrs": "",
    "freezegun": "dwf_sim.drivers.frozen",
    "click": "dwf_sim.c",  # cli and commands, and conformance's own entry.
    "celpy": "dwf_sim.expressions",
    "lark": "dwf_sim.expressions",
    "re2": "dwf_sim.expressions",
    "pytest": "pytest_dwf_sim",
    "inngest": "dwf_sim.drivers.inngest",
    "yaml": "dwf_sim.scenario.nodes",
    "httpx": "dwf_sim.adapters.httpx",
    "hypothesis": "dwf_sim.strategies",
    "distributed": "dwf_sim.search.cluster",
}
# Nothing below the drivers may know the clock, chance, the system, or print.
IMPURE = ("time", "random", "uuid", "os", "asyncio", "threading", "secrets", "socket")


def part_of(name: str) -> str:
    """The top part of a module's name within the package; "" for the package itself."""
    return name.split(".")[1] if name.startswith("dwf_sim.") else ""


def refusal(importer: Module, imported: str) -> str | None:
    """Say why a module may not import another of ours, or None if it may."""
    mine, theirs = part_of(importer.name), part_of(imported)
    if importer.name.startswith("pytest_dwf_sim") or mine in ("commands", "demo"):
        inner = theirs in LAYERS and LAYERS[theirs] < 4 and theirs not in LEAVES
        return "L5 uses the public API only" if inner else None
    if not mine or not theirs or mine == theirs:
        return None
    low, high = LAYERS[mine], LAYERS[theirs]
    if high > low:
        return f"L{low} may not import L{high}"
    if mine in L1 and theirs in L1:
        return "the parts of L1 do not know each other"
    if mine == "engine" and theirs in ("faults", "drivers", "invariants"):
        return "the engine knows flow control only"
    if mine == "sim" and theirs in L1 and not imported.startswith(PROTOCOLS):
        return "sim knows the protocols only"
    if mine == "report" and theirs not in ("model", "report", *LEAVES) and theirs != "sim":
        return "reports read model and trace only"
    if mine == "report" and theirs == "sim" and not imported.startswith("dwf_sim.sim.trace"):
        return "reports read model and trace only"
    return None


def test_no_module_imports_what_its_layer_must_not_know() -> None:
    edges = [
        f"{module.where}:{line} imports {name}: {why}"
        for module in modules()
        for line, name in imports(module)
        if name.startswith("dwf_sim.") and (why := refusal(module, name))
    ]

    assert edges == []


def test_every_part_of_the_package_has_a_layer() -> None:
    parts = {part_of(module.name) for module in modules()} - {""}

    assert sorted(parts - set(LAYERS)) == []


def test_each_library_is_imported_in_one_place() -> None:
    strays = [
        f"{module.where}:{line} imports {name}"
        for module in modules()
        for line, name in imports(module)
        if (top := name.split(".")[0]) not in sys.stdlib_module_names
        and top not in ("dwf_sim", "pytest_dwf_sim")
        and not (top in LIBRARIES and module.name.startswith(LIBRARIES[top]))
    ]

    assert strays == []


def test_below_the_drivers_nothing_knows_clock_chance_or_system() -> None:
    found = [
        f"{module.where}:{line} imports {name}"
        for module in modules()
        if LAYERS.get(part_of(module.name), 9) <= 2 and part_of(module.name) != "drivers"
        for line, name in imports(module)
        if name.split(".")[0] in IMPURE
    ]

    assert found == []


def test_nothing_prints_but_the_command_line() -> None:
    found = [
        f"{module.where}:{node.lineno}"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]

    assert found == []


def test_the_guard_refuses_an_edge_upwards() -> None:
    engine = next(m for m in modules() if m.name == "dwf_sim.engine.engine")

    assert refusal(engine, "dwf_sim.sim.trace") == "L2 may not import L3"
    assert refusal(engine, "dwf_sim.drivers.base") == "the engine knows flow control only"
    assert refusal(engine, "dwf_sim.flow") is None
