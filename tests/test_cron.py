"""A cron schedule is accepted, and ticks, as in the engine."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dwf_sim.cron import jitter_ms, parse_cron, parse_jitter
from dwf_sim.errors import CronError


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def ticks(schedule: str, after: str, count: int) -> list[str]:
    """List the next ticks in UTC, without the ":00Z" they all end in."""
    cron, after_ms, texts = parse_cron(schedule), at(after), []
    for _ in range(count):
        tick_ms = cron.next(after_ms)
        assert tick_ms is not None
        texts.append(f"{datetime.fromtimestamp(tick_ms / 1000, UTC):%Y-%m-%dT%H:%M}")
        after_ms = tick_ms
    return texts


@pytest.mark.rule("B38")
@pytest.mark.parametrize(
    "schedule",
    [
        "",
        " ",
        "* * * *",
        "* * * * * *",
        "0 0 * * * 2026",
        "@daily",
        "@hourly",
        "@every 5m",
        "TZ=UTC @daily",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * 32 * *",
        "* * * 0 *",
        "* * * 13 *",
        "* * * * 7",
        "* * * * 0-7",
        "5-1 * * * *",
        "* 22-2 * * *",
        "* * * * FRI-MON",
        "1-2-3 * * * *",
        "1/2/3 * * * *",
        "*/0 * * * *",
        "*/ * * * *",
        "/5 * * * *",
        "*/-1 * * * *",
        "*/9223372036854775808 * * * *",
        "-5 * * * *",
        "5- * * * *",
        "x * * * *",
        "\u0665 * * * *",
        "1_0 * * * *",
        "*\x1c* * * *",
        "* * * JANUARY *",
        "JAN * * * *",
        "* * L * *",
        "* * 15W * *",
        "* * * * MON#1",
        "H * * * *",
        "R * * * *",
        "* * * * *" + " " * 250,
    ],
)
def test_registration_refuses(schedule: str) -> None:
    with pytest.raises(CronError, match="isn't a valid cron schedule"):
        parse_cron(schedule)


@pytest.mark.rule("B38")
def test_a_refusal_says_what_was_given_what_is_allowed_and_what_to_do() -> None:
    with pytest.raises(CronError) as minute:
        parse_cron("60 * * * *")
    with pytest.raises(CronError) as name:
        parse_cron("@daily")

    assert str(minute.value) == (
        "'60 * * * *' isn't a valid cron schedule; minute '60': it is out of bounds; a minute is "
        "0-59, as *, a value, a range a-b, a step */n or a-b/n, or a list of these"
    )
    assert str(name.value).endswith("names are not allowed here; write '0 0 * * *'")


@pytest.mark.rule("B39")
@pytest.mark.parametrize(
    ("schedule", "plain"),
    [
        ("?  ?\t? ? ?", "* * * * *"),
        (" \u00a00 5 * * *\n", "0 5 * * *"),
        ("*/20 * * * *", "0,20,40 * * * *"),
        ("5/15 * * * *", "5,20,35,50 * * * *"),
        ("0 9-17/4 * * *", "0 9,13,17 * * *"),
        ("0 0 * JAN,Jul *", "0 0 * 1,7 *"),
        ("0 0 * jan-mar *", "0 0 * 1-3 *"),
        ("0 0 * * sun,Fri-SAT", "0 0 * * 0,5,6"),
        ("0 0 * * mon/2", "0 0 * * 1,3,5"),
        ("*/90 * * * *", "0 * * * *"),
        ("50/9223372036854775807 * * * *", "50 * * * *"),
        ("1,2,,3, * * * *", "1,2,3 * * * *"),
        ("+5 005 * * *", "5 5 * * *"),
        ("*-7 ?-x/6 * * *", "* */6 * * *"),
        ("TZ=UTC 0 5 * * *", "0 5 * * *"),
        ("CRON_TZ=UTC  0 5 * * *", "0 5 * * *"),
        ("TZ= 0 5 * * *", "0 5 * * *"),
        ("TZ=Local 0 5 * * *", "0 5 * * *"),
    ],
)
def test_one_schedule_can_be_written_in_several_ways(schedule: str, plain: str) -> None:
    assert parse_cron(schedule).pattern == parse_cron(plain).pattern


@pytest.mark.rule("B39")
@pytest.mark.parametrize(
    "schedule",
    [
        "TZ=Nope/Zone 0 5 * * *",
        "TZ=America 0 5 * * *",
        "TZ=../UTC 0 5 * * *",
        "TZ=/etc/localtime 0 5 * * *",
        "TZ=zone.tab 0 5 * * *",
        "TZ=UTC\t0 5 * * *",
        "TZ=UTC",
        "CRON_TZ=",
        " TZ=UTC 0 5 * * *",
        "tz=UTC 0 5 * * *",
        "UTC 0 5 * * *",
    ],
)
def test_a_zone_must_exist_and_stand_first(schedule: str) -> None:
    with pytest.raises(CronError):
        parse_cron(schedule)


@pytest.mark.rule("B40")
@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("0 0 13 * 5", ["2026-02-06", "2026-02-13", "2026-02-20", "2026-02-27", "2026-03-06"]),
        ("0 0 13 * *", ["2026-02-13", "2026-03-13", "2026-04-13", "2026-05-13", "2026-06-13"]),
        ("0 0 * * 5", ["2026-02-06", "2026-02-13", "2026-02-20", "2026-02-27", "2026-03-06"]),
        ("0 0 13 * ?", ["2026-02-13", "2026-03-13", "2026-04-13", "2026-05-13", "2026-06-13"]),
        # A step other than 1 restricts; a step of 1, or a star in a list, does not.
        ("0 0 */14 * 5", ["2026-02-06", "2026-02-13", "2026-02-15", "2026-02-20", "2026-02-27"]),
        ("0 0 */1 * 5", ["2026-02-06", "2026-02-13", "2026-02-20", "2026-02-27", "2026-03-06"]),
        ("0 0 13,* * 5", ["2026-02-06", "2026-02-13", "2026-02-20", "2026-02-27", "2026-03-06"]),
        ("0 0 , * 5", ["2026-02-06", "2026-02-13", "2026-02-20", "2026-02-27", "2026-03-06"]),
    ],
)
def test_a_day_matches_by_either_rule_only_if_both_restrict(
    schedule: str, expected: list[str]
) -> None:
    assert ticks(schedule, "2026-02-01T00:00:00Z", 5) == [f"{day}T00:00" for day in expected]


@pytest.mark.rule("B41")
@pytest.mark.parametrize(
    ("schedule", "after", "expected"),
    [
        ("*/5 * * * *", "2026-01-01T00:05:00Z", ["2026-01-01T00:10"]),
        ("*/5 * * * *", "2026-01-01T00:04:59.999Z", ["2026-01-01T00:05"]),
        ("* * * * *", "2026-01-01T00:00:00.001Z", ["2026-01-01T00:01"]),
        ("0 0 */2 * *", "2026-01-30T00:00:00Z", ["2026-01-31T00:00", "2026-02-01T00:00"]),
        ("59 23 31 12 *", "2026-12-31T23:59:00Z", ["2027-12-31T23:59"]),
        ("0 0 29 2 *", "2024-02-29T00:00:00Z", ["2028-02-29T00:00", "2032-02-29T00:00"]),
        ("0 0 31 4,5 *", "2026-01-01T00:00:00Z", ["2026-05-31T00:00", "2027-05-31T00:00"]),
        ("0 0 1 1 *", "1969-06-01T00:00:00Z", ["1970-01-01T00:00"]),
    ],
)
def test_the_next_tick_is_strictly_later(schedule: str, after: str, expected: list[str]) -> None:
    assert ticks(schedule, after, len(expected)) == expected


@pytest.mark.rule("B41")
@pytest.mark.parametrize(
    ("schedule", "after"),
    [
        ("0 0 30 2 *", "2026-01-01T00:00:00Z"),
        ("0 0 31 4,6,9,11 *", "2026-01-01T00:00:00Z"),
        # 2100 is no leap year, so that the next 29 February is more than five years away.
        ("0 0 29 2 *", "2096-03-01T00:00:00Z"),
        (", * * * *", "2026-01-01T00:00:00Z"),
        ("* , * * *", "2026-01-01T00:00:00Z"),
        ("* * , * *", "2026-01-01T00:00:00Z"),
        ("* * * , *", "2026-01-01T00:00:00Z"),
        ("* * , * ,", "2026-01-01T00:00:00Z"),
    ],
)
def test_a_schedule_without_a_tick_in_five_years_has_none(schedule: str, after: str) -> None:
    assert parse_cron(schedule).next(at(after)) is None


@pytest.mark.rule("B42")
@pytest.mark.parametrize(
    ("schedule", "after", "expected"),
    [
        # New York, 8 March 2026: from 2:00 to 3:00.
        (
            "TZ=America/New_York 30 2 * * *",
            "2026-03-07T00:00:00Z",
            ["2026-03-07T07:30", "2026-03-09T06:30"],
        ),
        (
            "TZ=America/New_York 0 2 * * *",
            "2026-03-07T00:00:00Z",
            ["2026-03-07T07:00", "2026-03-09T06:00"],
        ),
        (
            "TZ=America/New_York 0 3 * * *",
            "2026-03-08T00:00:00Z",
            ["2026-03-08T07:00", "2026-03-09T07:00"],
        ),
        (
            "TZ=America/New_York */30 * * * *",
            "2026-03-08T06:15:00Z",
            ["2026-03-08T06:30", "2026-03-08T07:00", "2026-03-08T07:30"],
        ),
        # Lord Howe Island, 4 October 2026: from 2:00 to 2:30.
        (
            "TZ=Australia/Lord_Howe 15 2 * * *",
            "2026-10-02T16:00:00Z",
            ["2026-10-04T15:15", "2026-10-05T15:15"],
        ),
    ],
)
def test_a_time_the_clocks_leap_over_is_skipped_that_day(
    schedule: str, after: str, expected: list[str]
) -> None:
    assert ticks(schedule, after, len(expected)) == expected


@pytest.mark.rule("B43")
@pytest.mark.parametrize(
    ("schedule", "after", "expected"),
    [
        # New York, 1 November 2026: from 2:00 back to 1:00.
        (
            "TZ=America/New_York 30 1 * * *",
            "2026-11-01T00:00:00Z",
            ["2026-11-01T05:30", "2026-11-01T06:30", "2026-11-02T06:30"],
        ),
        (
            "TZ=America/New_York 0 * * * *",
            "2026-11-01T04:30:00Z",
            ["2026-11-01T05:00", "2026-11-01T06:00", "2026-11-01T07:00"],
        ),
        (
            "TZ=America/New_York 0 2 * * *",
            "2026-11-01T00:00:00Z",
            ["2026-11-01T07:00", "2026-11-02T07:00"],
        ),
        (
            "CRON_TZ=Europe/Paris 30 2 * * *",
            "2026-10-24T12:00:00Z",
            ["2026-10-25T00:30", "2026-10-25T01:30", "2026-10-26T01:30"],
        ),
    ],
)
def test_a_time_the_clocks_repeat_ticks_twice(
    schedule: str, after: str, expected: list[str]
) -> None:
    assert ticks(schedule, after, len(expected)) == expected


@pytest.mark.rule("B43")
@pytest.mark.parametrize(
    ("schedule", "after", "expected"),
    [
        # Sao Paulo, 4 November 2018: from 0:00 to 1:00.
        (
            "TZ=America/Sao_Paulo 0 0 * * *",
            "2018-11-02T12:00:00Z",
            ["2018-11-03T03:00", "2018-11-05T02:00"],
        ),
        # Cairo, Friday 26 April 2024: from 0:00 to 1:00. East of Greenwich the whole day is lost
        # to a schedule that looks for the day.
        (
            "TZ=Africa/Cairo 0 5 * * 5",
            "2024-04-24T00:00:00Z",
            ["2024-05-03T02:00", "2024-05-10T02:00"],
        ),
        (
            "TZ=Africa/Cairo 0 5 * * *",
            "2024-04-24T12:00:00Z",
            ["2024-04-25T03:00", "2024-04-26T02:00"],
        ),
    ],
)
def test_a_day_without_a_midnight_can_be_skipped(
    schedule: str, after: str, expected: list[str]
) -> None:
    assert ticks(schedule, after, len(expected)) == expected


@pytest.mark.parametrize(
    ("schedule", "after", "expected"),
    [
        # Samoa had no 30 December 2011, and the engine would never answer.
        ("TZ=Pacific/Apia 0 0 31 * *", "2011-12-20T00:00:00Z", ["2011-12-30T10:00"]),
        # In St. John's the clocks went from 0:01 back to 23:01, and the engine stands still.
        (
            "TZ=America/St_Johns 59 0 * * *",
            "2008-11-01T00:00:00Z",
            ["2008-11-01T03:29", "2008-11-02T03:29", "2008-11-02T04:29"],
        ),
    ],
)
def test_the_search_ends_where_the_engine_would_not(
    schedule: str, after: str, expected: list[str]
) -> None:
    assert ticks(schedule, after, len(expected)) == expected


@pytest.mark.rule("B44")
@pytest.mark.parametrize(
    ("text", "expected_ms"),
    [
        ("", 0),
        ("  ", 0),
        ("0", 0),
        ("0s", 0),
        ("1s", 1_000),
        ("1.0005s", 1_000),
        ("2m30s", 150_000),
        ("5m", 300_000),
        ("0.0001w", 60_480),
    ],
)
def test_a_jitter_is_nothing_or_from_a_second_to_five_minutes(text: str, expected_ms: int) -> None:
    assert parse_jitter(text) == expected_ms


@pytest.mark.rule("B44")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("-1s", "cron jitter must be greater than or equal to zero"),
        ("1ns", "cron jitter must be at least 1s"),
        ("999ms", "cron jitter must be at least 1s"),
        ("5m1ns", "cron jitter must be less than or equal to 5m0s"),
        ("1d", "cron jitter must be less than or equal to 5m0s"),
        ("soon", "'soon' isn't a valid jitter duration"),
        (" 1s", "' 1s' isn't a valid jitter duration"),
    ],
)
def test_any_other_jitter_is_refused(text: str, message: str) -> None:
    with pytest.raises(CronError, match=f"^{message}"):
        parse_jitter(text)


@pytest.mark.rule("B45")
@pytest.mark.parametrize(("jitter", "expected_ms"), [(0, 0), (1_000, 1_000), (1_001, 1_000)])
def test_a_jitter_without_room_is_its_least(jitter: int, expected_ms: int) -> None:
    assert jitter_ms(0, "* * * * *", "app-f", jitter) == expected_ms


@pytest.mark.rule("B45")
@given(st.integers(), st.text(), st.text(), st.integers(1_001, 300_000))
def test_a_jitter_lies_between_a_second_and_its_bound_and_is_always_the_same(
    tick_ms: int, text: str, function_id: str, jitter: int
) -> None:
    drawn_ms = jitter_ms(tick_ms, text, function_id, jitter)

    assert 1_000 <= drawn_ms < jitter
    assert jitter_ms(tick_ms, text, function_id, jitter) == drawn_ms


@pytest.mark.rule("B45")
def test_a_jitter_follows_from_tick_schedule_and_function() -> None:
    drawn = {
        jitter_ms(tick_ms, text, function_id, 300_000)
        for tick_ms in (0, 60_000)
        for text in ("* * * * *", "*/1 * * * *")
        for function_id in ("app-f", "app-g")
    }

    assert len(drawn) == 8
    assert jitter_ms(60_000, "* * * * *", "app-f", 300_000) == 207_486
