"""What users gave, as errors show it: the same in every process."""

from __future__ import annotations

import datetime
from functools import partial

import pytest

import dwf_sim as dwf
from dwf_sim.given import shown
from tests.drivers.stage import both_kinds, every_kind, play


class Thing:
    """An object whose repr is Python's own, with an address."""

    def method(self) -> None:
        """Do nothing."""


class Mute:
    """An object whose repr fails."""

    def __repr__(self) -> str:
        raise ValueError("no words")


def test_no_memory_address_is_shown() -> None:
    thing = Thing()

    assert shown(thing) == "<tests.test_given.Thing object>"
    assert shown(thing.method) == "Thing.method"
    assert shown(test_no_memory_address_is_shown) == "test_no_memory_address_is_shown"
    assert shown([thing]) == "[<tests.test_given.Thing object>]"
    assert " at 0x" not in shown(partial(thing.method))
    assert shown("crash at 0x10") == "'crash at 0x10'"


def test_a_set_is_shown_in_an_order_that_no_hash_decides() -> None:
    assert shown({"when": {"c", "a", "b"}}) == "{'when': {'a', 'b', 'c'}}"


def test_long_values_are_cut_and_broken_ones_named_by_their_class() -> None:
    assert len(shown(list(range(1000)))) < 200
    assert len(shown("x" * 1000)) < 200
    assert shown(Mute()) == "<Mute object>"
    assert shown(10**5000) == "<int object>"


@both_kinds
def test_a_wrong_object_in_an_error_does_not_change_the_digest(kind: str) -> None:
    def digest() -> str:
        thing = Thing()  # Kept until the end, so the next one lies elsewhere.
        kept.append(thing)

        async def child(ctx: dwf.Context) -> None:
            pass

        async def handler(ctx: object) -> None:
            step = ctx.step  # type: ignore[attr-defined]  # Of either kind.
            try:
                await step.invoke("i", function=child)
            except dwf.UsageError as error:
                await step.run(f"a {error}", lambda: 1)
            try:
                await step.sleep("s", thing)
            except dwf.UsageError as error:
                await step.run(f"b {error}", lambda: 1)
            await step.invoke_by_id("j", function_id="f", data={"x": thing})

        played = play(handler, kind)
        assert played.run.error is not None
        assert played.run.error["name"] == "UnserializableError"
        return played.sim.trace.digest()

    kept: list[Thing] = []

    assert digest() == digest()


@pytest.mark.rule("A66")
@pytest.mark.parametrize("given", [1.5, "soon", "5x", None, True])
def test_a_bad_retry_after_is_refused_where_it_is_written(given: object) -> None:
    with pytest.raises(dwf.UsageError, match=r"^retry_after: .*pass a datetime"):
        dwf.RetryAfterError("x", given)  # type: ignore[arg-type]  # Meant.


@pytest.mark.rule("A66")
@every_kind
@pytest.mark.parametrize("given", ["90s", 90_000, datetime.timedelta(seconds=90)])
def test_a_retry_after_may_be_a_text(kind: str, given: str) -> None:
    async def handler(ctx: dwf.Context) -> int:
        if ctx.attempt == 0:
            raise dwf.RetryAfterError("later", given)
        return ctx.attempt

    played = play(handler, kind, retries=1)

    assert played.run.output == 1
    assert played.took_ms == 90_000


@both_kinds
def test_a_subclass_that_keeps_nonsense_there_fails_its_run(kind: str) -> None:
    class Later(dwf.RetryAfterError):
        def __init__(self) -> None:
            self.retry_after = "soon"

    async def handler(ctx: dwf.Context) -> None:
        raise Later

    played = play(handler, kind, retries=3)

    assert played.run.status == "failed"
    assert played.run.error is not None
    assert played.run.error["name"] == "DurationError"
    assert played.run.entries == 1
