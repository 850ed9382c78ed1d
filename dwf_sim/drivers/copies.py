"""Copies: what other modules imported by name of things that have a stand-in for a while.

Somebody's `from time import time` is a name of its own, which a stand-in must reach as well.
Looking for them in every loaded module at each drive of a simulation costs 5 to 10 ms in a test
session; so what a module holds is remembered until the module grows.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

# Everything that ever got a stand-in, by its id: copies of these are looked for.
_watched: dict[int, object] = {}

# The ids of stand-ins that are in place: a module seen now holds them in place of what is watched.
_in_place: list[int] = []

# By name of a module: how many names it has, and which of them hold what is watched.
_looked_at: dict[str, tuple[int, tuple[str, ...]]] = {}


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
        """Put the originals back, also into modules that were imported meanwhile."""
        for module, name, copy in self._undo:
            setattr(module, name, copy)
        self._undo.clear()
        for module_name in [name for name in list(sys.modules) if name not in self._known]:
            module = sys.modules[module_name]
            for name, held in list(getattr(module, "__dict__", {}).items()):
                if id(held) in self._originals:
                    setattr(module, name, self._originals[id(held)])
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
    """Go through the loaded modules; those that did not grow are not looked at again."""
    for module_name, module in list(sys.modules.items()):
        names = getattr(module, "__dict__", None)
        if type(names) is not dict:
            continue
        size, held = _looked_at.get(module_name, (-1, ()))
        if size != len(names):
            held = tuple(
                name
                for name, value in list(names.items())
                if id(value) in _watched or id(value) in _in_place
            )
            _looked_at[module_name] = (len(names), held)
        for name in held:
            yield module_name, module, name, names.get(name)
