"""GCRA: the table of when things pass, and the same reckoned with fractions."""

from __future__ import annotations

from fractions import Fraction

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dwf_sim.flow.gcra import Gcra, Rate, whole_seconds

rates = st.builds(Rate, st.integers(1, 1000), st.integers(0, 10**8), st.integers(0, 100))
pauses = st.lists(st.integers(0, 10**5), max_size=30)


@attrs.define
class Fractions:
    """The same bucket as the reference writes it (ALG1)."""

    rate: Rate
    tat: Fraction | None = None

    def opens_at(self, now: int) -> Fraction:
        """Say when the next one may pass."""
        interval = Fraction(self.rate.period, self.rate.limit)
        due = Fraction(now) if self.tat is None else self.tat
        return max(Fraction(now), due - self.rate.advance * interval)

    def take(self, now: int) -> None:
        """Let one pass."""
        interval = Fraction(self.rate.period, self.rate.limit)
        self.tat = max(Fraction(now), self.tat or Fraction(0)) + interval


@pytest.mark.rule("B60", "B68")
@given(rates, pauses)
def test_it_says_the_first_millisecond_at_which_fractions_let_one_pass(
    rate: Rate, pauses: list[int]
) -> None:
    bucket, exact, now = Gcra(rate), Fractions(rate), 10**12

    for pause in pauses:
        now += pause
        opens_at = bucket.opens_at(now)

        assert opens_at - 1 < exact.opens_at(now) <= opens_at
        if opens_at == now:
            bucket.take(now)
            exact.take(now)


@given(rates, pauses)
def test_whoever_comes_when_told_passes(rate: Rate, pauses: list[int]) -> None:
    bucket, now = Gcra(rate), 0

    for pause in pauses:
        now = bucket.opens_at(now + pause)
        assert bucket.opens_at(now) == now
        bucket.take(now)


def test_an_interval_that_is_no_whole_number_does_not_drift() -> None:
    bucket, now = Gcra(Rate(7, 1000, 7)), 0

    for _ in range(7_000):
        now = bucket.opens_at(now)
        bucket.take(now)

    assert bucket.opens_at(now) == 1_000_000 - 1000


@pytest.mark.rule("B65")
def test_another_rate_takes_over_what_is_due() -> None:
    bucket = Gcra(Rate(1, 60_000, 0))
    bucket.take(0)

    other = bucket.at_rate(Rate(3, 60_000, 0))

    assert other.opens_at(0) == 60_000
    assert Gcra(Rate(1, 1, 0)).at_rate(Rate(2, 2, 0)).opens_at(5) == 5


def test_a_bucket_is_as_good_as_new_once_nothing_is_due() -> None:
    bucket = Gcra(Rate(2, 1000, 1))
    new = bucket.is_idle(0)
    bucket.take(0)

    assert (new, bucket.is_idle(499), bucket.is_idle(500)) == (True, False, True)


@pytest.mark.rule("B62", "B71")
@pytest.mark.parametrize(("period", "cut"), [(999, 0), (1000, 1000), (59_999, 59_000)])
def test_periods_are_cut_to_whole_seconds(period: int, cut: int) -> None:
    assert whole_seconds(period) == cut
