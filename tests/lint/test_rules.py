"""Each rule finds its mistake at its line, in functions of both kinds, and nothing else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from dwf_sim.lint import RULES
from dwf_sim.lint.finding import Finding
from dwf_sim.lint.module import Module
from dwf_sim.lint.project import Project
from tests.lint.examples import NATIVE, RIGHT, SDK, WRONG, module

CODES = [rule.code for rule in RULES]


def found(text: str, code: str, file: str = "shop.py") -> list[Finding]:
    """Look for one mistake in a text."""
    (rule,) = [rule for rule in RULES if rule.code == code]
    made = Module(file, text, ast.parse(text))
    return list(rule.findings(made, Project((made,))))


def sdk(text: str) -> str:
    """Write an example with the names of the SDK."""
    names = ("Event", "TriggerEvent")
    for name in names:
        text = text.replace(f"dwf.{name}(", f"inngest.{name}(")
    return text


WRONG_ONES = [(code, text) for code, texts in WRONG.items() for text in texts]
RIGHT_ONES = [(code, text) for code, texts in RIGHT.items() for text in texts]


@pytest.mark.parametrize(("code", "example"), WRONG_ONES)
@pytest.mark.parametrize("head", [NATIVE, SDK], ids=["native", "sdk"])
def test_a_mistake_is_found_at_its_line(code: str, example: str, head: str) -> None:
    text = module(sdk(example) if head == SDK else example, head)
    lines = [n for n, line in enumerate(text.splitlines(), 1) if line.endswith("# HERE")]

    findings = found(text, code)

    assert [finding.line for finding in findings] == lines
    assert len(lines) == 1
    assert all(finding.what and finding.why and finding.do for finding in findings)


@pytest.mark.parametrize(("code", "example"), RIGHT_ONES)
@pytest.mark.parametrize("head", [NATIVE, SDK], ids=["native", "sdk"])
def test_what_is_right_is_let_pass(code: str, example: str, head: str) -> None:
    assert found(module(sdk(example) if head == SDK else example, head), code) == []


def test_every_rule_has_examples_and_a_code_of_its_own() -> None:
    assert [*WRONG] == CODES
    assert [*RIGHT] == CODES
    assert sorted(set(CODES)) == CODES


def test_a_line_can_be_excused() -> None:
    wrong = "n = random.random()  # HERE"

    for mark, count in {
        "# noqa": 0,
        "# noqa: DWF001": 0,
        "# noqa: E501, DWF001": 0,
        "# noqa: DWF002": 1,
    }.items():
        assert len(found(module(wrong.replace("# HERE", mark)), "DWF001")) == count


def test_handlers_that_are_sync_or_take_the_step_apart_are_seen_too() -> None:
    text = (
        module("pass")
        + """
@app.create_function(fn_id="g", trigger=dwf.TriggerEvent(event="g"))
def g(ctx, step):
    step.run(f"a-{random.random()}", print)

async def failed(ctx):
    print("failed")

class Shop:
    @app.create_function(fn_id="i", trigger=dwf.TriggerEvent(event="i"))
    def i(self, ctx):
        ctx.step.run(str(ctx.attempt), print)

@app.create_function(fn_id="h", trigger=dwf.TriggerEvent(event="h"), on_failure=failed)
async def h(ctx):
    pass
"""
    )

    assert [finding.what for finding in found(text, "DWF009")] == [
        "step id f'a-{random.random()}' comes from random.random()",
        "step id str(ctx.attempt) comes from ctx.attempt",
    ]
    assert [finding.what for finding in found(text, "DWF005")] == ["print() outside of steps"]
    assert found(text, "DWF012") == []  # A step of a sync handler is not awaited.


def test_a_test_may_choose_constant_event_ids() -> None:
    text = module('@ made = dwf.Event("shop/order.created", id="one")')

    assert len(found(text, "DWF022", "shop.py")) == 1
    for file in ("tests/test_shop.py", "shop_test.py", str(Path("a") / "conftest.py")):
        assert found(text, "DWF022", file) == []
