"""Bindings: the names of loaded modules that hold certain things, found without much looking.

To look through every loaded module costs 5 to 10 ms in a test session. Whoever binds a thing once
more refers to it once more: while a thing is referred to as often as at the last look, and all
that was found then is still there, there is nothing else to find, and no module is looked at.

In a look, what a module of a library holds is remembered until another module takes its place or
it has another number of names: that one of them was bound anew there is not seen. The modules of
users, of which there are few, are looked at each time.
"""

from __future__ import annotations

import sys
import sysconfig
import weakref
from collections.abc import Iterable, Iterator
from typing import Any

from attrs import frozen

# Everything that was ever looked for, by its id.
_watched: dict[int, object] = {}

# By name of a module of a library: which module it is, how many names it has, and which of them
# hold what is watched.
_looked_at: dict[str, tuple[weakref.ref[Any], int, tuple[str, ...]]] = {}

# Where what is installed stands.
LIBRARIES = tuple(
    {sysconfig.get_path(kind): None for kind in ("stdlib", "platstdlib", "purelib", "platlib")}
)


@frozen(eq=False)
class Binding:
    """A name in a module, and what it holds."""

    module_name: str
    module: Any
    name: str
    held: object

    @property
    def is_there(self) -> bool:
        """Whether the module is still the one of its name, and holds the same."""
        is_loaded = sys.modules.get(self.module_name) is self.module
        return is_loaded and vars(self.module).get(self.name) is self.held


@frozen(eq=False)
class _Look:
    """What was found when all modules were looked at; it keeps no module alive."""

    loaded: tuple[str, ...]  # The names of all modules.
    references: tuple[int, ...]
    found: tuple[tuple[str, weakref.ref[Any], str, int], ...]  # With the id of what is held.

    def again(self) -> list[Binding] | None:
        """Tell the same once more, or None if it may be otherwise by now."""
        if self.references != references(_watched.values()) or self.loaded != tuple(sys.modules):
            return None
        found = [
            Binding(module_name, ref(), name, _watched[held])
            for module_name, ref, name, held in self.found
        ]
        is_same = all(binding.module is not None and binding.is_there for binding in found)
        return found if is_same else None


_last_look: _Look | None = None


def references(things: Iterable[object]) -> tuple[int, ...] | None:
    """Tell how often each thing is referred to; None if Python does not count it for one of them.

    Two answers can be compared if they were asked for at the same line.
    """
    counts = []
    for thing in things:
        before = sys.getrefcount(thing)
        another = thing
        if sys.getrefcount(another) == before:
            return None
        counts.append(before)
    return tuple(counts)


def watch(things: Iterable[object]) -> None:
    """Look for these as well from now on."""
    fresh = {id(thing): thing for thing in things if id(thing) not in _watched}
    if fresh:
        global _last_look
        _watched.update(fresh)
        _looked_at.clear()
        _last_look = None


def bindings_of_watched(others: Iterable[int] = ()) -> list[Binding]:
    """Find who holds what is watched, or one of the others, which are told by their ids."""
    global _last_look
    more = frozenset(others)
    found = _last_look.again() if _last_look is not None and not more else None
    if found is None:
        counts = references(_watched.values())
        found = list(_look(frozenset(_watched) | more))
        _last_look = None if counts is None or more else _kept(counts, found)
    return found


def bindings_of(sought: frozenset[int], known: frozenset[str]) -> Iterator[Binding]:
    """Find who holds what has one of these ids, except in modules of libraries known before."""
    for module_name, module, names in _modules():
        if module_name not in known or _held(module_name, module, names) is None:
            for name in _names_holding(sought, names):
                yield Binding(module_name, module, name, names.get(name))


def _kept(counts: tuple[int, ...], found: list[Binding]) -> _Look | None:
    try:
        refs = [weakref.ref(binding.module) for binding in found]
    except TypeError:  # Something that is no module stands in for one.
        return None
    pairs = zip(found, refs, strict=True)
    kept = tuple((b.module_name, ref, b.name, id(b.held)) for b, ref in pairs)
    return _Look(tuple(sys.modules), counts, kept)


def _look(sought: frozenset[int]) -> Iterator[Binding]:
    for module_name, module, names in _modules():
        held = _held(module_name, module, names)
        if held is None:
            held = _names_holding(sought, names)
            _remember(module_name, module, held)
        for name in held:
            if id(names.get(name)) in sought:  # It may have been bound to something else since.
                yield Binding(module_name, module, name, names.get(name))


def _modules() -> Iterator[tuple[str, Any, dict[str, object]]]:
    for module_name, module in list(sys.modules.items()):
        names = getattr(module, "__dict__", None)
        if type(names) is dict:
            yield module_name, module, names


def _held(module_name: str, module: object, names: dict[str, object]) -> tuple[str, ...] | None:
    """Tell which names of a library's module held what is watched; None if that is not known."""
    known = _looked_at.get(module_name)
    if known is not None and known[1] == len(names) and known[0]() is module:
        return known[2]
    return None


def _remember(module_name: str, module: object, held: tuple[str, ...]) -> None:
    if _is_of_library(module_name, module):
        try:
            _looked_at[module_name] = (weakref.ref(module), len(vars(module)), held)
        except TypeError:  # It is no module, but stands in for one.
            return


def _is_of_library(module_name: str, module: object) -> bool:
    """Say whether a module was installed; what has no file is Python's own, or a user's."""
    file = getattr(module, "__file__", None)
    if isinstance(file, str):
        return file.startswith(LIBRARIES) or module_name.partition(".")[0] == "dwf_sim"
    origin = getattr(getattr(module, "__spec__", None), "origin", None)
    return origin in ("built-in", "frozen")


def _names_holding(sought: frozenset[int], names: dict[str, object]) -> tuple[str, ...]:
    values = list(names.values())
    if sought.isdisjoint(map(id, values)):  # Nearly always, and five times as fast.
        return ()
    return tuple(name for name, value in list(names.items()) if id(value) in sought)
