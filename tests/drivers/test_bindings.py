"""Bindings are found wherever they are made, and not looked for while none can have been made."""

from __future__ import annotations

import gc
import json
import sys
import weakref
from collections.abc import Iterator
from types import ModuleType

import pytest

from dwf_sim.drivers import bindings
from dwf_sim.drivers.bindings import Binding, bindings_of_watched, references, watch


def _thing() -> None:
    """What is looked for."""


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module of a user, which holds the thing by one name."""
    made = ModuleType("a_users_module")
    vars(made).update(held=_thing, other=None)
    monkeypatch.setitem(sys.modules, made.__name__, made)
    return made


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each time all modules were looked at."""
    counted: list[int] = []
    look = bindings._look

    def counting(sought: frozenset[int]) -> Iterator[Binding]:
        counted.append(len(sought))
        return look(sought)

    monkeypatch.setattr(bindings, "_look", counting)
    watch([_thing])
    return counted


def _names() -> list[str]:
    return [found.name for found in bindings_of_watched() if found.module_name == "a_users_module"]


def test_modules_are_looked_at_once_while_nothing_is_bound(
    module: ModuleType, looks: list[int]
) -> None:
    first, second, third = _names(), _names(), _names()
    assert first == second == third == ["held"]
    assert len(looks) == 1


def test_a_name_bound_since_is_found(module: ModuleType, looks: list[int]) -> None:
    _names()
    vars(module)["other"] = _thing
    assert _names() == ["held", "other"]
    assert len(looks) == 2


def test_a_name_that_took_the_place_of_another_is_found(
    module: ModuleType, looks: list[int]
) -> None:
    """As many refer to it as before: what was found is looked at each time."""
    _names()
    vars(module).update(held=None, other=_thing)
    assert _names() == ["other"]


def test_a_module_that_took_the_place_of_another_is_found(
    module: ModuleType, looks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    _names()
    heir = ModuleType(module.__name__)
    vars(heir)["other"] = vars(module).pop("held")
    monkeypatch.setitem(sys.modules, module.__name__, heir)
    assert _names() == ["other"]


def test_a_module_that_is_gone_is_not_told(
    module: ModuleType, looks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    _names()
    monkeypatch.delitem(sys.modules, module.__name__)
    assert _names() == []


def test_a_module_loaded_when_a_reference_went_is_found(
    module: ModuleType, looks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many refer to it as before: other modules are loaded."""
    elsewhere = [_thing]
    _names()
    heir = ModuleType("a_users_other_module")
    vars(heir)["late"] = elsewhere.pop()
    monkeypatch.setitem(sys.modules, heir.__name__, heir)
    found = [binding.name for binding in bindings_of_watched() if binding.module is heir]
    assert found == ["late"]


def test_what_was_found_keeps_no_module_alive(looks: list[int]) -> None:
    made = ModuleType("a_users_module")
    vars(made)["held"] = _thing
    sys.modules[made.__name__] = made
    assert _names() == ["held"]
    ref = weakref.ref(made)
    del sys.modules[made.__name__], made
    gc.collect()
    assert ref() is None
    assert _names() == []


def test_a_name_of_a_library_may_hold_something_else_later(
    looks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which names of a library's module to look at is remembered, not what they hold."""
    module = ModuleType("json.of_a_library")
    vars(module).update(__file__=json.__file__, held=_thing, other=None)
    monkeypatch.setitem(sys.modules, module.__name__, module)

    def held() -> list[object]:
        return [found.held for found in bindings_of_watched() if found.module is module]

    for value in (_thing, None):
        vars(module)["held"] = value
        first, second = held(), held()
        assert first == second == ([] if value is None else [_thing])


def test_what_python_does_not_count_is_looked_for_each_time(
    module: ModuleType, looks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From Python 3.12 on some objects live for ever, and nobody counts who refers to them."""
    monkeypatch.setattr(bindings, "references", lambda _things: None)
    first, second = _names(), _names()
    assert first == second == ["held"]
    assert len(looks) == 2


def test_one_more_reference_is_counted() -> None:
    thing = object()
    before = references([thing])
    another = thing
    assert before is not None
    assert references([another]) == (before[0] + 1,)
