"""What is public is on the pages of the API, once and with nothing else; the promise has it all."""

from __future__ import annotations

import importlib
import inspect
import re
import tomllib
from typing import Any

from pytest_dwf_sim import plugin

import dwf_sim
from dwf_sim import invariants
from dwf_sim.faults import FAULTS
from dwf_sim.faults.stored import FORMAT as PLAN_FORMAT
from dwf_sim.histories import FORMAT as HISTORY_FORMAT
from dwf_sim.invariants import EVERY_INVARIANT
from dwf_sim.scenario.model import FORMAT as SCENARIO_FORMAT
from dwf_sim.stored.file import FORMAT as STORED_FORMAT
from tests.public import MODULES, directives, found_at, public_names, shown
from tests.source import PACKAGE, ROOT

PROMISE = (ROOT / "docs" / "stability.md").read_text("utf-8")
# What public things give back, and what pytest finds by itself: these are public where they are
# shown, and not where they are kept.
GIVEN = (
    "dwf_sim.drivers.native.app.SentIds",
    "dwf_sim.drivers.native.logger.RunLogger",
    "dwf_sim.effects.LedgerCall",
    "dwf_sim.effects.Verdict",
    "dwf_sim.report.stats.KeyStats",
    "dwf_sim.report.stats.Stats",
    "dwf_sim.search.certification.Certificate",
    "dwf_sim.search.exploration.Exploration",
    "dwf_sim.search.exploration.Progress",
    "dwf_sim.sim.plan_in_force.Struck",
    "dwf_sim.world.unused.Unstruck",
    "dwf_sim.world.views.StepViews",
    "pytest_dwf_sim.plugin.durable_engine",
    "pytest_dwf_sim.plugin.durable_engine_factory",
    "pytest_dwf_sim.plugin.durable_history",
)
KINDS = [kind.__name__ for kind in FAULTS]
# Classes of which the table of docs/invariants.md says all.
IN_A_TABLE = {id(kind): kind for kind in EVERY_INVARIANT}


def test_what_is_public_is_on_a_page_and_on_one_alone() -> None:
    pages: dict[int, list[str]] = {}
    for each in shown():
        pages.setdefault(id(each.thing), []).append(each.page)

    wrong = {
        name: pages.get(id(thing), [])
        for name, thing in public_names()
        if id(thing) not in IN_A_TABLE and len({*pages.get(id(thing), [])}) != 1
    }

    assert wrong == {}


def test_a_page_shows_nothing_that_is_not_public() -> None:
    public = {id(thing) for _, thing in public_names()}
    of_modules = {id(found_at(module)) for module in MODULES}

    extra = [
        path
        for _, path, _ in directives()
        if id(found_at(path)) not in public | of_modules and path not in GIVEN
    ]

    assert extra == []


def test_nothing_is_shown_twice() -> None:
    paths = [path for _, path, _ in directives()]

    assert sorted(paths) == sorted({*paths})


def test_every_function_that_makes_a_fault_is_public() -> None:
    for name in MODULES:
        if name.startswith("dwf_sim.faults."):
            module = importlib.import_module(name)
            made = [each for each, thing in vars(module).items() if inspect.isfunction(thing)]
            made = [each for each in made if _given_back(getattr(module, each)) & {*KINDS}]

            assert module.__all__ == sorted(each for each in made if not each.startswith("_"))


def test_every_fixture_of_the_plugin_is_shown() -> None:
    fixtures = [name for name in vars(plugin) if name.startswith("durable_")]

    assert [f"pytest_dwf_sim.plugin.{name}" for name in sorted(fixtures)] == [
        path for path in GIVEN if path.startswith("pytest_dwf_sim")
    ]


def test_every_invariant_has_a_name_in_its_package() -> None:
    assert {kind.__name__ for kind in EVERY_INVARIANT} <= {*invariants.__all__}


def test_what_gives_something_back_that_is_ours_has_it_on_a_page() -> None:
    known = {each.path.rpartition(".")[2] for each in shown()}
    known |= {*KINDS}  # Made by functions; a `Fault` is what one sees.
    texts = [path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py"))]
    ours = {name for text in texts for name in re.findall(r"^class (\w+)", text, re.MULTILINE)}

    missing = {
        each.path: names
        for each in shown()
        if (names := sorted((_given_back(each.function) & ours) - known))
    }

    assert missing == {}


def test_the_promise_names_every_public_module() -> None:
    table = PROMISE.partition("| module |")[2].partition("\n\n")[0]

    assert sorted(re.findall(r"^\| `(dwf_sim[\w.]*)` \|", table, re.MULTILINE)) == sorted(
        module for module in MODULES if not module.startswith("dwf_sim.faults.")
    )


def test_every_name_of_the_package_has_a_home() -> None:
    assert sorted(dwf_sim.__all__) == sorted(dwf_sim._HOMES)


def test_the_promise_has_the_numbers_of_the_formats() -> None:
    rows = dict(re.findall(r"^\| (\w[\w ]+) \| `format: (\d+)` \|", PROMISE, re.MULTILINE))

    assert rows == {
        "scenario files": str(SCENARIO_FORMAT),
        "histories": str(HISTORY_FORMAT),
        "plans of faults": str(PLAN_FORMAT),
        "stored failures": str(STORED_FORMAT),
    }


def test_the_promise_has_the_versions_that_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (sdk,) = project["optional-dependencies"]["inngest"]

    assert f"Python {project['requires-python'].removeprefix('>=')} and newer" in PROMISE
    assert f"`{sdk}`" in PROMISE


def _given_back(function: Any) -> set[str]:
    told = getattr(function, "__annotations__", {}).get("return", "")
    return {*re.findall(r"\b[A-Z]\w+", told if isinstance(told, str) else "")}


def test_the_page_about_pytest_has_every_option_of_the_plugin() -> None:
    source = inspect.getsource(plugin)
    page = (ROOT / "docs" / "pytest.md").read_text("utf-8")
    options = re.findall(r'"(--durable-\w+)"', source.partition("def pytest_configure")[0])

    assert len(options) > 5
    assert [option for option in options if f"`{option} " not in page] == []
