"""Batching: events are kept until there are enough of them, or until time is up."""

from __future__ import annotations

import pytest

from dwf_sim.flow import batch
from dwf_sim.flow.batch import Batching
from dwf_sim.model.arrival import BY_CRON, BY_INVOKE, BY_RERUN, Arrival
from dwf_sim.model.flow_control import Batch
from dwf_sim.model.quirks import Quirks
from dwf_sim.model.verdicts import PASS, Hold, Pass, Skip, Verdict
from tests.flow.door import HOUR, MINUTE, NOW, SECOND, arrival, ask

THREE = Batch(max_size=3, timeout=10 * SECOND)


def closed(verdict: Verdict | None) -> Arrival:
    """Get the batch that a verdict lets go."""
    assert isinstance(verdict, Pass)
    assert verdict.arrival is not None
    return verdict.arrival


def ids(going: Arrival | None) -> list[str]:
    """Name the events of a batch."""
    return [] if going is None else [event.internal_id for event in going.events]


@pytest.mark.rule("B106", "B109", "B114", "B19")
def test_a_full_batch_goes_at_once_with_its_events_in_the_order_of_arrival() -> None:
    policy = Batching()

    verdicts = [
        ask(policy, at, number=at, ts=ts, batch=THREE) for at, ts in ((1, 9), (2, 0), (3, 5))
    ]

    going = closed(verdicts[2])
    assert [type(verdict) for verdict in verdicts] == [Hold, Hold, Pass]
    assert ids(going) == ["e1", "e2", "e3"]
    assert (going.key, going.start_at, going.is_batch) == ("app-f-batch-1", NOW + 3, True)


@pytest.mark.rule("B106")
def test_the_first_event_sets_the_time_and_later_ones_do_not_extend_it() -> None:
    verdicts = [ask(policy := Batching(), 0, number=1, batch=THREE)]

    verdicts.append(ask(policy, 9999, number=2, batch=THREE))

    until = NOW + 10 * SECOND
    assert verdicts == [
        Hold("1", until, "1 of 3 events (no key)"),
        Hold("1", until, "2 of 3 events (no key)"),
    ]


@pytest.mark.rule("B106", "B113")
def test_a_batch_whose_time_is_up_goes_with_what_it_has_and_only_once() -> None:
    policy = Batching()
    ask(policy, 0, batch=THREE)

    gone = [ids(policy.release(NOW + at, "1")) for at in (9999, 10_000, 10_000)]

    assert gone == [[], ["e1"], []]
    assert policy.due_at("1") is None


@pytest.mark.rule("B113")
def test_the_time_of_a_batch_that_went_full_means_nothing() -> None:
    policy = Batching()
    for number in range(3):
        ask(policy, 0, number=number, batch=THREE)
    ask(policy, 1000, number=4, batch=THREE)

    assert policy.release(NOW + 10_000, "1") is None
    assert ids(policy.release(NOW + 11_000, "2")) == ["e4"]


@pytest.mark.rule("B110")
def test_what_is_too_much_for_a_batch_opens_the_next_with_a_time_of_its_own() -> None:
    policy = Batching()

    verdicts = [ask(policy, at, number=at, batch=THREE) for at in range(5)]

    last = verdicts[-1]
    assert isinstance(last, Hold)
    assert (last.key, last.until) == ("2", NOW + 3 + 10 * SECOND)


@pytest.mark.rule("B107", "B219")
@pytest.mark.parametrize(
    ("first", "second", "are_one"),
    [
        ({"k": "a"}, {"k": "a"}, True),
        ({"k": "a"}, {"k": "b"}, False),
        ({"k": 1}, {"k": "1"}, True),
        ({}, {"k": "false"}, True),
    ],
)
def test_events_of_equal_value_come_into_one_batch(
    first: dict[str, object], second: dict[str, object], are_one: bool
) -> None:
    policy = Batching()
    settings = Batch(max_size=2, timeout=10 * SECOND, key="event.data.k")
    ask(policy, 0, number=1, data=first, batch=settings)

    verdict = ask(policy, 0, number=2, data=second, batch=settings)

    assert isinstance(verdict, Pass) is are_one


@pytest.mark.rule("B107", "B207")
def test_an_event_whose_key_has_no_value_is_lost() -> None:
    settings = Batch(max_size=2, timeout=10 * SECOND, key="event.data.k * 2")

    verdict = ask(Batching(), 0, data={"k": 1}, batch=settings)

    assert isinstance(verdict, Skip)
    assert verdict.reason.startswith("its key has no value: ")


@pytest.mark.rule("B108", "B207")
@pytest.mark.parametrize(
    ("if_exp", "is_batched"),
    [
        ("event.data.n == 1", True),
        ("event.data.n == 2", False),
        ("event.data.n", False),
        ("event.data.n * 2 == 2", False),
        ("event.data.missing", False),
    ],
)
def test_events_for_which_the_condition_is_not_true_run_alone(
    if_exp: str, is_batched: bool
) -> None:
    settings = Batch(max_size=2, timeout=10 * SECOND, if_exp=if_exp)

    verdict = ask(Batching(), 0, data={"n": 1}, batch=settings)

    assert isinstance(verdict, Hold) is is_batched
    assert (verdict == PASS) is not is_batched


@pytest.mark.rule("B21", "B111")
@pytest.mark.parametrize(
    ("later", "is_new"), [(0, False), (30 * MINUTE - 1, False), (30 * MINUTE, True)]
)
def test_an_event_comes_into_one_batch_of_a_function_in_half_an_hour(
    later: int, is_new: bool
) -> None:
    policy = Batching()
    long = Batch(max_size=9, timeout=HOUR)
    ask(policy, 0, number=1, batch=long)

    again = ask(policy, later, number=1, batch=long)
    elsewhere = ask(policy, later, number=1, function="app-g", batch=long)

    assert isinstance(again, Hold if is_new else Skip)
    assert isinstance(elsewhere, Hold)


@pytest.mark.rule("B21")
def test_events_of_one_id_are_two_to_a_batch() -> None:
    policy = Batching()

    verdicts = [ask(policy, 0, number=n, event_id="same", batch=THREE) for n in (1, 2)]

    assert [type(verdict) for verdict in verdicts] == [Hold, Hold]


@pytest.mark.rule("B112")
def test_a_future_ts_does_not_delay_a_batch() -> None:
    policy = Batching()
    for number in (1, 2):
        ask(policy, 0, number=number, ts=HOUR, batch=THREE)

    going = closed(ask(policy, 5, number=3, ts=HOUR, batch=THREE))

    assert going.start_at == NOW + 5


@pytest.mark.rule("B106")
def test_a_batch_of_ten_mebibytes_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "BYTES_MAX", 200)
    policy = Batching()
    ask(policy, 0, number=1, data={"text": "x" * 40}, batch=THREE)

    verdict = ask(policy, 0, number=2, data={"text": "x" * 40}, batch=THREE)

    assert ids(closed(verdict)) == ["e1", "e2"]


@pytest.mark.rule("B50", "B132")
@pytest.mark.parametrize(
    ("by", "is_batched"), [(BY_INVOKE, True), (BY_CRON, False), (BY_RERUN, False)]
)
def test_invokes_are_batched_and_crons_and_reruns_are_not(by: str, is_batched: bool) -> None:
    verdict = ask(Batching(), 0, by=by, batch=THREE)

    assert isinstance(verdict, Hold) is is_batched


def test_a_function_without_batches_is_let_in() -> None:
    assert Batching().admit(NOW, arrival()) == PASS


LATE = Quirks(batch_filled_late_waits=True)


@pytest.mark.rule("B110")
def test_as_on_the_server_a_batch_that_is_filled_late_waits_for_its_timeout() -> None:
    """batch_size_spaced."""
    policy = Batching(LATE)

    verdicts = [ask(policy, at * SECOND, number=at + 1, batch=THREE) for at in range(5)]

    first, second = NOW + 10_500, NOW + 13_500
    assert [verdict.until for verdict in verdicts if isinstance(verdict, Hold)] == [
        *[first] * 3,
        *[second] * 2,
    ]
    assert policy.release(first - 1, "1") is None
    assert ids(policy.release(first, "1")) == ["e1", "e2", "e3"]
    assert ids(policy.release(second, "2")) == ["e4", "e5"]


@pytest.mark.rule("B110")
@pytest.mark.parametrize(("last", "is_full"), [(499, True), (500, False)])
def test_as_on_the_server_a_batch_that_is_filled_in_half_a_second_goes_at_once(
    last: int, is_full: bool
) -> None:
    policy = Batching(LATE)

    verdicts = [ask(policy, at, number=nth, batch=THREE) for nth, at in enumerate((0, 1, last))]

    assert isinstance(verdicts[-1], Pass) == is_full


@pytest.mark.rule("B110")
def test_as_on_the_server_what_a_lot_has_too_much_opens_the_next_batch() -> None:
    policy = Batching(LATE)
    ask(policy, 0, number=1, batch=THREE)

    verdicts = [ask(policy, 1000, number=number, batch=THREE) for number in (2, 3, 4)]

    untils = [verdict.until for verdict in verdicts if isinstance(verdict, Hold)]
    assert untils == [NOW + 10_500, NOW + 10_500, NOW + 11_000]
    assert ids(policy.release(NOW + 10_500, "1")) == ["e1", "e2", "e3"]
    assert ids(policy.release(NOW + 11_000, "2")) == ["e4"]
