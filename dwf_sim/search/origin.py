"""The origin of a journal: what its runs were made from, so that none is believed of other code.

A run that was made is the same when it is made again only as long as all that it depends on is: the
search, the versions, the user's files, and what the subject does when nothing goes wrong.
"""

from __future__ import annotations

import ast
import hashlib
import os
import re
import sys
from collections.abc import Iterator, Mapping
from importlib.util import resolve_name
from pathlib import Path
from types import ModuleType
from typing import Any

from dwf_sim.drivers.bindings import LIBRARIES
from dwf_sim.errors import ConfigError
from dwf_sim.given import shown
from dwf_sim.places import is_machinery
from dwf_sim.search.playing import Judge
from dwf_sim.search.stage import Stage
from dwf_sim.search.subject import Subject
from dwf_sim.stored.file import FORMAT
from dwf_sim.stored.made_with import changes, made_with

KIND = "journal"
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def origin_of(judge: Judge, pilot: Stage, how: tuple[object, ...]) -> dict[str, Any]:
    """Say what a search makes its runs from, as JSON; `how` is what it draws them by.

    Raises `ConfigError` for a subject, a setup or settings that no other process could know again.
    """
    subject = judge.subject
    setup_place = None if subject.setup is None else subject.setup_place
    if subject.place is None or (subject.setup is not None and setup_place is None):
        wrong = "subject" if subject.place is None else "setup"
        raise ConfigError(
            f"a journal is kept of what can be imported, and this {wrong} has no place; make it a "
            "global of a module, which a script is not, or name it: package.module:name. Else "
            "leave the journal out"
        )
    settings = repr(sorted(judge.settings.items()))
    if _ADDRESS.search(settings):
        raise ConfigError(
            f"settings are {shown(dict(judge.settings))}, and a journal cannot tell later whether "
            "such an object is the same; leave it or the journal out"
        )
    parts = (subject.place, subject.sendings, setup_place, settings, judge.tolerate, *how)
    return {
        "kind": KIND,
        "format": FORMAT,
        "search": hashlib.sha256(repr(parts).encode()).hexdigest(),
        "made_with": made_with(pilot),
        "sources": dict(sources_of(subject, pilot)),
        "pilot": pilot.trace.digest(),
    }


def sources_of(subject: Subject, pilot: Stage) -> tuple[tuple[str, str], ...]:
    """Hash the users' modules that a subject consists of, by name; those of libraries are left out,
    and what no module imports by a statement is not found."""
    places = [place or "" for place in (subject.place, subject.setup_place)]
    modules = [place.partition(":")[0] for place in places]
    modules += [str(handler.__module__) for handler in pilot.handlers.values()]
    return tuple((name, _hash(text)) for name, text in sorted(_sources(modules)))


def changes_since(origin: Mapping[str, Any], now: Mapping[str, Any], pilot: Stage) -> list[str]:
    """Say what is another now than in the origin of a journal."""
    found = list(changes(origin, pilot))
    before = origin["sources"]
    # A module that only one of them has was loaded by somebody else, or by a line that changed.
    found += [
        f"module {name} has another source"
        for name, source in now["sources"].items()
        if before.get(name, source) != source
    ]
    if not found and origin["pilot"] != now["pilot"]:
        found.append("what it does without faults is not the same")
    return found


def _sources(modules: list[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the users' modules among some and all that they import, with the text of each."""
    left, seen = [*modules], set()
    while left:
        name = left.pop()
        module = sys.modules.get(name)
        if name in seen or module is None or is_machinery(name):
            continue
        seen.add(name)
        text = _text(module)
        if text is not None:
            yield name, text
            left += [name.rpartition(".")[0], *_imports(module, text)]


def _text(module: ModuleType) -> bytes | None:
    """Read the file of a module; None for what is installed, and where there is none to be had."""
    file = getattr(module, "__file__", None)
    if file is None or file.startswith(tuple(folder + os.sep for folder in LIBRARIES)):
        return None
    try:
        return Path(file).read_bytes()
    except OSError:
        return None


def _imports(module: ModuleType, text: bytes) -> Iterator[str]:
    """Yield what the text of a module imports; what is no module among it does not matter."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):  # It is compiled, or was changed since it was loaded.
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            whole = "." * node.level + (node.module or "")
            try:
                home = resolve_name(whole, getattr(module, "__package__", None) or "")
            except ImportError:  # It goes beyond the package, and is in a branch not taken.
                continue
            yield home
            yield from (f"{home}.{alias.name}" for alias in node.names)


def _hash(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:16]
