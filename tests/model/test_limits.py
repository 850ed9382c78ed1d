"""Limits: their defaults are the engine's constants, and what cannot be one is refused."""

from __future__ import annotations

import pytest

import dwf_sim as dwf


@pytest.mark.rule("A180")
def test_the_defaults_are_those_of_the_real_server() -> None:
    mib = 1024 * 1024

    limits = dwf.Limits()

    assert limits == dwf.Limits(
        event_bytes=3 * mib,
        events_per_send=5000,
        steps=1000,
        ops_per_response=1000,
        step_bytes=4 * mib,
        response_bytes=8 * mib,
        state_bytes=32 * mib,
        concurrency=1000,
    )


@pytest.mark.parametrize("given", [0, -1, True, 1.5, "9", None])
def test_a_limit_is_an_int_from_one_on(given: object) -> None:
    with pytest.raises(dwf.ConfigError, match=r"of Limits is .*; allowed are ints from 1 on"):
        dwf.Limits(state_bytes=given)  # type: ignore[arg-type]  # Meant.
