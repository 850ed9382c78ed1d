"""Repeating: the line of Python that makes a simulation like the one that failed.

It makes the world, faults included; the same functions, events and moves of time repeat the rest.
"""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterable, Mapping

import attrs

import dwf_sim
from dwf_sim.faults import Fault, FaultPlan
from dwf_sim.faults.base import moment
from dwf_sim.given import shown
from dwf_sim.invariants import INVARIANTS


def how_to_repeat(settings: Mapping[str, object], later: Iterable[tuple[int, Fault]]) -> str:
    """Write the line, what was injected later and when, in ms after the start, and what of all this
    cannot be written."""
    writer = _Writer()
    given = {
        name: each
        for name, each in settings.items()
        if (name, each) not in (("faults", FaultPlan()), ("invariants", True))
    }
    line = f"dwf_sim.Simulation({writer.arguments(given)})"
    injected = [
        f"then, {moment(at)}: simulation.inject({writer.write('fault', fault)})"
        for at, fault in later
    ]
    imports = f"import {', '.join(writer.modules)}; " if writer.modules else ""
    yours = [f"where {name} is what you gave: {shown(each)}" for name, each in writer.yours.items()]
    return "\n".join([f"repeat: {imports}{line}", *injected, *yours])


def as_code(fault: Fault) -> str:
    """Write a fault as the call that makes it."""
    return _Writer().write("fault", fault)


class _Writer:
    """Writes values as Python; notes the modules this needs, and what cannot be written."""

    def __init__(self) -> None:
        self.modules: dict[str, None] = {}
        self.yours: dict[str, object] = {}

    def arguments(self, given: Mapping[str, object]) -> str:
        """Write named arguments."""
        return ", ".join(f"{name}={self.write(name, thing)}" for name, thing in given.items())

    def write(self, name: str, thing: object) -> str:
        """Write one value; one that has no text of its own is a name that the user fills in."""
        kind = type(thing)
        if thing is None or kind in (bool, int, float, str):
            return repr(thing)
        if isinstance(thing, datetime.datetime):
            self.modules["datetime"] = None
            return repr(thing.astimezone(datetime.UTC))
        if isinstance(thing, Fault) and thing.kind_name in thing.KINDS:
            return self._call(thing.kind_name, thing, thing.fields_of(thing.kind_name))
        if isinstance(thing, list | tuple | set | frozenset | FaultPlan):
            return self._several(name, thing)
        if attrs.has(kind) and kind.__name__ in dwf_sim.__all__:
            fields = {field.name: field for field in attrs.fields(kind)}
            return self._call(kind.__name__, thing, fields)
        return self._place(thing) or self._your(name, thing)

    def _call(
        self, maker: str, thing: object, fields: Mapping[str, attrs.Attribute[object]]
    ) -> str:
        """Write how something is made, without what is as by default."""
        given = {name: getattr(thing, name) for name in fields}
        told = {name: each for name, each in given.items() if each != fields[name].default}
        return f"dwf_sim.{maker}({self.arguments(told)})"

    def _several(self, name: str, things: Iterable[object]) -> str:
        several = [*things]
        usual: list[str] = []
        if several[: len(INVARIANTS)] == [*INVARIANTS]:
            self.modules["dwf_sim.invariants"] = None
            usual, several = ["*dwf_sim.invariants.INVARIANTS"], several[len(INVARIANTS) :]
        texts = [*usual, *(self.write(name, each) for each in several)]
        if isinstance(things, tuple):
            return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"
        if isinstance(things, set | frozenset):
            texts.sort()
        return f"[{', '.join(texts)}]"

    def _place(self, thing: object) -> str:
        """Write where a class or a function is found; "" for what has no such place."""
        module = getattr(thing, "__module__", None)
        name = getattr(thing, "__qualname__", None)
        if not isinstance(module, str) or not isinstance(name, str) or module == "__main__":
            return ""
        if module.startswith("dwf_sim.invariants."):
            module = "dwf_sim.invariants"
        found: object = sys.modules.get(module)
        for part in name.split("."):
            found = getattr(found, part, None)
        if found is not thing:
            return ""
        self.modules[module] = None
        return f"{module}.{name}"

    def _your(self, name: str, thing: object) -> str:
        """Take a name for something, another one for each."""
        while self.yours.setdefault(name, thing) is not thing:
            name += "_"
        return name
