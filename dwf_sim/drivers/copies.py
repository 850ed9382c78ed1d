"""Copies: what other modules imported by name of things that have a stand-in for a while.

Somebody's `from time import time` is a name of its own, which a stand-in must reach as well.
"""

from __future__ import annotations

import sys

from dwf_sim.drivers.bindings import Binding, bindings_of, bindings_of_watched, references, watch

# The ids of stand-ins that are in place: a module seen now holds them in place of what is watched.
_in_place: list[int] = []


class Copies:
    """Copies that are replaced between `replace` and `put_back`.

    Modules whose names begin like one of `but_in` keep theirs.
    """

    def __init__(self) -> None:
        self._originals: dict[int, object] = {}  # By the id of the stand-in.
        self._stand_ins: list[object] = []
        self._replaced: list[Binding] = []
        self._known: frozenset[str] = frozenset()  # Only ever asked for membership.
        self._references: tuple[int, ...] | None = None

    def replace(self, stand_ins: list[tuple[object, object]], but_in: tuple[str, ...] = ()) -> None:
        """Put each stand-in, the second of a pair, wherever its original was imported to."""
        watch(original for original, _ in stand_ins if id(original) not in _in_place)
        self._known = frozenset(sys.modules)
        wanted = {id(original): stand_in for original, stand_in in stand_ins}
        for binding in bindings_of_watched(_in_place):
            if id(binding.held) in wanted and not binding.module_name.startswith(but_in):
                self._replaced.append(binding)
                setattr(binding.module, binding.name, wanted[id(binding.held)])
        self._originals = {id(stand_in): original for original, stand_in in stand_ins}
        self._stand_ins = [stand_in for _, stand_in in stand_ins]
        _in_place.extend(self._originals)

    def note(self) -> None:
        """Take what refers to the stand-ins by now for what always does."""
        self._references = references(self._stand_ins)

    def put_back(self) -> None:
        """Put the originals back, also where they were imported to meanwhile."""
        was_bound = self._was_bound()
        for binding in self._replaced:
            setattr(binding.module, binding.name, binding.held)
        self._replaced.clear()
        if was_bound:
            for binding in bindings_of(frozenset(self._originals), self._known):
                setattr(binding.module, binding.name, self._originals[id(binding.held)])
        for stand_in in self._originals:
            _in_place.remove(stand_in)
        self._originals = {}
        self._stand_ins = []
        self._known = frozenset()  # The names of all modules take 16 KB.

    def _was_bound(self) -> bool:
        """Whether a stand-in may be held by another name than when all were put in place."""
        is_loaded = all(
            sys.modules.get(binding.module_name) is binding.module for binding in self._replaced
        )
        counts = references(self._stand_ins)
        return not is_loaded or counts is None or counts != self._references
