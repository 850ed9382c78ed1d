"""The README: its first screen, and the commands it names; test_pages.py runs all of its code."""

from __future__ import annotations

import re

import dwf_sim as dwf
from dwf_sim.cli import COMMANDS
from tests.conformance.test_oracle import LEFT_OUT
from tests.mutants.test_mutants import MUTANTS
from tests.pages import blocks, play
from tests.source import ROOT

PAGE = ROOT / "README.md"
README = PAGE.read_text("utf-8")


def test_the_first_screen_prints_what_it_shows() -> None:
    code, shown = blocks(PAGE)[:2]

    play(PAGE, blocks_max=2)

    assert (code.language, shown.language) == ("python", "text")
    assert shown.text.endswith("2 charges\n")


def test_a_function_of_the_sdk_is_shown_to_charge_twice_in_the_same_way() -> None:
    shown = [block.text for block in blocks(PAGE) if block.language == "text"]
    native, sdk = (text for text in shown if text.endswith("2 charges\n"))

    assert sdk == native


def test_the_commands_it_names_are_the_makefiles() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")

    commands = re.findall(r"make (\w+)", README)

    assert {"demo", "test"} <= set(commands)
    assert all(f"\n{command}:" in makefile for command in commands)


def test_ci_calls_the_test_command() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text("utf-8")


def test_what_was_compared_is_as_many_as_it_says() -> None:
    python, typescript = (
        len(list((ROOT / "tests" / "conformance" / name).glob("*.json")))
        for name in ("oracle", "oracle-ts")
    )
    played = typescript - sum(len(names.split()) for names in LEFT_OUT.values())

    assert f"that the real server has run | {python} | all |" in README
    assert f"that the real server has run | {typescript} | the {played} that" in README
    assert f"planted defects | {len(MUTANTS)} | each is caught" in README


def test_its_commands_are_known() -> None:
    commands = re.findall(r"`dwf-sim ([a-z]+)", README)

    assert len(commands) > 5
    assert [name for name in commands if name not in COMMANDS] == []


def test_a_bare_number_is_milliseconds_and_an_error_a_dict_as_it_says() -> None:
    app = dwf.App("a")

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"), retries=0)
    async def f(ctx: dwf.Context) -> None:
        raise ValueError("no stock")

    sim = dwf.Simulation().serve(app)
    run = sim.send("go").run
    began = sim.now_ms
    sim.advance(3600)

    assert "`advance(3600)` is 3.6 seconds" in README
    assert sim.now_ms - began == 3600
    assert "a dict with `name` and `message`" in README
    assert run.error is not None
    assert (run.error["name"], run.error["message"]) == ("ValueError", "no stock")
