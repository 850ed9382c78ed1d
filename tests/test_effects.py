"""Ledgers: what an outside service was made to do."""

from __future__ import annotations

import dwf_sim as dwf


def test_a_call_without_a_key_is_an_effect_each_time() -> None:
    stripe = dwf.Ledger("stripe")

    values = [stripe.call("charge", value=n) for n in (1, 2)]

    assert values == [1, 2]
    assert stripe.count("charge") == stripe.count() == 2


def test_a_known_key_changes_nothing_and_gives_the_first_value() -> None:
    stripe = dwf.Ledger("stripe")

    values = [stripe.call("charge", key="k", value=n) for n in (1, 2)]
    stripe.call("refund", key="k", value=3)

    assert values == [1, 1]
    assert stripe.count("charge") == 1
    assert [call.is_repeat for call in stripe.calls] == [False, True, False]
