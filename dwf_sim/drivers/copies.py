"""Copies: what other modules imported by name of things that have a stand-in for a while.

Somebody's `from time import time` is a name of its own, which a stand-in must reach as well.
Looking for them in every loaded module at each drive of a simulation costs 5 to 10 ms in a test
session. So what a module of a library holds is remembered until another module takes its place or
it has another number of names: that one of them was bound anew there is not seen. The modules of
users, of which there are few, are looked at each time.
"""

from __future__ import annotations

import sys
import sysconfig
import weakref
from collections.abc import Iterator
from typing import Any

# Everything that ever got a stand-in, by its id: copies of these are looked for.
_watched: dict[int, object] = {}

# The ids of stand-ins that are in place: a module seen now holds them in place of what is watched.
_in_place: list[int] = []

# By name of a module of a library: which module it is, how many names it has, and which of them
# hold what is watched.
_looked_at: dict[str, tuple[weakref.ref[Any], int, tuple[str, ...]]] = {}

# By name: modules that are no library's, which are looked at each time.
_of_users: dict[str, weakref.ref[Any]] = {}

_LIBRARIES = tuple(
    {sysconfig.get_path(kind): None for kind in ("stdlib", "platstdlib", "purelib", "platlib")}
)


class Copies:
    """Copies that are replaced between `replace` and `put_back`.

    Modules whose names begin like one of `but_in` keep theirs.
    """

    def __init__(self) -> None:
        self._originals: dict[int, object] = {}  # By the id of the stand-in.
        self._undo: list[tuple[object, str, object]] = []
        self._known: set[str] = set()  # Only ever asked for membership.

    def replace(self, stand_ins: list[tuple[object, object]], but_in: tuple[str, ...] = ()) -> None:
        """Put each stand-in, the second of a pair, wherever its original was imported to."""
        _watch([original for original, _ in stand_ins])
        self._known = set(sys.modules)
        self._originals = {id(stand_in): original for original, stand_in in stand_ins}
        _in_place.extend(self._originals)
        wanted = {id(original): stand_in for original, stand_in in stand_ins}
        for module_name, module, name, copy in _copies():
            if id(copy) in wanted and not module_name.startswith(but_in):
                self._undo.append((module, name, copy))
                setattr(module, name, wanted[id(copy)])

    def put_back(self) -> None:
        """Put the originals back, also where they were imported to meanwhile."""
        for module, name, copy in self._undo:
            setattr(module, name, copy)
        self._undo.clear()
        fresh = [name for name in list(sys.modules) if name not in self._known]
        stand_ins = frozenset(self._originals)
        for module_name in (*fresh, *_of_users):
            module = sys.modules.get(module_name)
            for name in _names_holding(stand_ins, getattr(module, "__dict__", {})):
                setattr(module, name, self._originals[id(getattr(module, name))])
        for stand_in in self._originals:
            _in_place.remove(stand_in)
        self._originals = {}


def _watch(originals: list[object]) -> None:
    fresh = [
        original
        for original in originals
        if id(original) not in _watched and id(original) not in _in_place
    ]
    if fresh:
        _watched.update((id(original), original) for original in fresh)
        _looked_at.clear()


def _copies() -> Iterator[tuple[str, object, str, object]]:
    """Go through the loaded modules; those of libraries that are as before, not once more."""
    sought = frozenset((*_watched, *_in_place))
    for module_name, module in list(sys.modules.items()):
        names = getattr(module, "__dict__", None)
        if type(names) is not dict:
            continue
        known = _looked_at.get(module_name)
        if known is not None and known[1] == len(names) and known[0]() is module:
            held = known[2]
        else:
            held = _names_holding(sought, names)
            _remember(module_name, module, held)
        for name in held:
            yield module_name, module, name, names.get(name)


def _remember(module_name: str, module: object, held: tuple[str, ...]) -> None:
    user = _of_users.get(module_name)
    if user is not None and user() is module:
        return
    _of_users.pop(module_name, None)
    try:
        ref = weakref.ref(module)
    except TypeError:  # It is no module, but stands in for one.
        return
    if _is_of_library(module_name, module):
        _looked_at[module_name] = (ref, len(vars(module)), held)
    else:
        _of_users[module_name] = ref


def _is_of_library(module_name: str, module: object) -> bool:
    """Say whether a module was installed; what has no file is Python's own, or a user's."""
    file = getattr(module, "__file__", None)
    if isinstance(file, str):
        return file.startswith(_LIBRARIES) or module_name.partition(".")[0] == "dwf_sim"
    origin = getattr(getattr(module, "__spec__", None), "origin", None)
    return origin in ("built-in", "frozen")


def _names_holding(sought: frozenset[int], names: dict[str, object]) -> tuple[str, ...]:
    values = list(names.values())
    if sought.isdisjoint(map(id, values)):  # Nearly always, and five times as fast.
        return ()
    return tuple(name for name, value in list(names.items()) if id(value) in sought)
