"""Durations are read as the engine reads them, and written so that they read back the same."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dwf_sim.duration import (
    format_duration,
    parse_batch_timeout,
    parse_duration,
    parse_sleep,
    parse_timeout,
    to_ms,
)
from dwf_sim.duration_grammar import parse_duration_ns
from dwf_sim.errors import DurationError

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
NOW_MS = 1_700_000_000_000  # 2023-11-14T22:13:20Z
LONGEST_MS = (2**63 - 1) // 1_000_000

any_text = st.text(max_size=10_000)
almost_a_duration = st.text(alphabet="0123456789.+-nuµmshdw ", max_size=30)


def try_to(parse: Callable[[str], int], text: str) -> tuple[int, str]:
    """Give what a text means and no refusal, or nothing and the refusal."""
    try:
        return parse(text), ""
    except DurationError as error:
        return 0, str(error)


@pytest.mark.rule("A91")
@pytest.mark.parametrize(
    ("text", "expected_ms"),
    [
        ("0", 0),
        ("-0", 0),
        ("5s", 5 * SECOND),
        ("005s", 5 * SECOND),
        ("1h30m", 90 * MINUTE),
        ("30m1h", 90 * MINUTE),
        ("1.5h", 90 * MINUTE),
        (".5h", 30 * MINUTE),
        ("1.h", HOUR),
        ("1w2d", 9 * DAY),
        ("1.5d", 36 * HOUR),
        ("0.5w", 84 * HOUR),
        ("+1m", MINUTE),
        ("-1h30m", -90 * MINUTE),
        ("1500us", 1),
        ("-1500\u00b5s", -1),
        ("2500000\u03bcs", 2_500),
        ("999999ns", 0),
        ("0.1s0.1s", 200),
        ("9223372036854775807ns", LONGEST_MS),
        ("-9223372036854775807ns", -LONGEST_MS),
        ("106751d", 106_751 * DAY),
    ],
)
def test_a_duration_is_numbers_with_units(text: str, expected_ms: int) -> None:
    assert parse_duration(text) == expected_ms


@pytest.mark.rule("A91")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "-",
        "5",
        "00",
        "s",
        ".s",
        "-.s",
        "1..5s",
        "1h 30m",
        " 1h",
        "1h ",
        "--1h",
        "1h-30m",
        "1H",
        "1 hour",
        "1e3s",
        "1,5h",
        "\u0661s",
        "9223372036854775808ns",
        "-9223372036854775808ns",
        "106752d",
        "15251w",
        "106751d23h48m",
        "9" * 10_000 + "h",
    ],
)
def test_anything_else_is_not_a_duration(text: str) -> None:
    with pytest.raises(DurationError):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "expected_ns"),
    [
        ("10ns", 10),
        ("0.3ns", 0),
        ("0.000000001s", 1),
        ("1.0000000019s", 1_000_000_001),
        ("0.33333333333333333333333333h", 1_200_000_000_000),
        ("0." + "0" * 400 + "1h", 0),
    ],
)
def test_a_fraction_is_valued_in_floating_point_and_cut_off_at_a_nanosecond(
    text: str, expected_ns: int
) -> None:
    assert parse_duration_ns(text) == expected_ns


@pytest.mark.rule("B63")
@pytest.mark.parametrize(
    ("text", "expected_ms"),
    [
        ("1ms", 1),
        ("1s", SECOND),
        ("24h", DAY),
        ("1d12h", 36 * HOUR),
        ("2w3d10m", 17 * DAY + 10 * MINUTE),
        ("1.5h", 90 * MINUTE),
    ],
)
def test_a_period_may_use_days_and_weeks(text: str, expected_ms: int) -> None:
    assert parse_duration(text) == expected_ms


@pytest.mark.rule("B63")
@pytest.mark.parametrize("text", ["90", "1y", "1mo", "1M"])
def test_a_period_without_a_unit_or_with_months_or_years_is_refused(text: str) -> None:
    with pytest.raises(DurationError, match="is not a duration"):
        parse_duration(text)


@pytest.mark.rule("B104")
@pytest.mark.parametrize(
    ("text", "expected_ms"),
    [
        ("1s", SECOND),
        ("1m30s", 90 * SECOND),
        ("0.5h", 30 * MINUTE),
        ("24h", DAY),
        ("-1s", -SECOND),
        ("-9223372036854775808ns", -LONGEST_MS),
    ],
)
def test_a_batch_timeout_is_written_in_hours_and_less(text: str, expected_ms: int) -> None:
    assert parse_batch_timeout(text) == expected_ms


@pytest.mark.rule("B104")
@pytest.mark.parametrize("text", ["1d", "1w", "1h1d", "", "60", "9223372036854775808ns"])
def test_a_batch_timeout_refuses_days_and_weeks(text: str) -> None:
    with pytest.raises(DurationError, match="units ns, us, ms, s, m, h, and"):
        parse_batch_timeout(text)


@pytest.mark.rule("A91")
@pytest.mark.parametrize(
    ("text", "expected_ms"),
    [
        ("", 0),
        ("1h30m", 90 * MINUTE),
        ("1500ms", 1_500),
        ("10000000ms", 10_000_000),
        ("2023-11-14T22:13:30Z", 10 * SECOND),
        ("2023-11-14T22:13:20.499Z", 0),
        ("2023-11-14T22:13:20.5Z", SECOND),
        ("2023-11-14T22:13:21.500Z", 2 * SECOND),
        ("2023-11-14T22:13:21,4Z", SECOND),
        ("2023-11-14T23:13:30+01:00", 10 * SECOND),
        ("2023-11-14T22:13:30", 10 * SECOND),
        ("2023-11-15", DAY - (22 * HOUR + 13 * MINUTE + 20 * SECOND)),
        ("2023-11-14 22:13:30.25 +0000 UTC", 10 * SECOND),
        ("Tue, 14 Nov 2023 22:13:30 GMT", 10 * SECOND),
        ("Tuesday, 14-Nov-23 22:13:30 PST", 10 * SECOND),
        ("Tue Nov 14 22:13:30 2023", 10 * SECOND),
        ("Tue Nov 14 23:13:30 +0100 2023", 10 * SECOND),
        ("14 Nov 23 22:14 UTC", 40 * SECOND),
        ("14 Nov 23 23:14 +0100", 40 * SECOND),
        ("2020-01-01T00:00:00Z", 0),
        ("Nov 14 22:13:30", 0),
    ],
)
def test_a_sleep_is_a_duration_or_lasts_until_a_date_in_whole_seconds(
    text: str, expected_ms: int
) -> None:
    assert parse_sleep(text, NOW_MS) == expected_ms


@pytest.mark.rule("A91")
@pytest.mark.parametrize(
    "text", ["2023-1-1", "2023-02-30T00:00:00Z", "2023-11-14T24:00:00Z", "tomorrow at noon"]
)
def test_a_sleep_until_no_possible_date_is_refused(text: str) -> None:
    with pytest.raises(DurationError):
        parse_sleep(text, NOW_MS)


@pytest.mark.rule("A94")
@pytest.mark.parametrize(
    ("text", "expected_ms"),
    [("", 0), ("1s", SECOND), ("1h30m", 90 * MINUTE), ("1w1d1h1m1s", 694_861_000)],
)
def test_what_the_javascript_sdk_sends_for_a_sleep_is_understood(
    text: str, expected_ms: int
) -> None:
    assert parse_sleep(text, NOW_MS) == expected_ms


@pytest.mark.rule("A108")
@pytest.mark.parametrize(
    ("text", "expected_ms"),
    [
        ("", 0),
        ("3d", 3 * DAY),
        ("-5m", -5 * MINUTE),
        ("1w2d3h4m5s", 788_645_000),
        ("2023-11-14T22:13:30.25Z", 10_250),
        ("2023-11-14T21:13:20Z", -HOUR),
    ],
)
def test_a_timeout_is_a_duration_or_a_moment_and_empty_ends_at_once(
    text: str, expected_ms: int
) -> None:
    assert parse_timeout(text, NOW_MS) == expected_ms


@pytest.mark.rule("A108")
@pytest.mark.parametrize("text", ["3q", "2023-11-14", "2023-11-14T22:13:30", "Tue Nov 14"])
def test_a_timeout_takes_no_other_date(text: str) -> None:
    with pytest.raises(DurationError):
        parse_timeout(text, NOW_MS)


@pytest.mark.parametrize(
    ("value", "expected_ms"),
    [
        (0, 0),
        (1_500, 1_500),
        ("1h30m", 90 * MINUTE),
        (timedelta(hours=1, milliseconds=2), HOUR + 2),
        (timedelta(microseconds=1_999), 1),
        (timedelta(microseconds=-1_999), -1),
        (timedelta.max, 86_399_999_999_999_999),
    ],
)
def test_a_user_may_give_a_text_a_timedelta_or_milliseconds(
    value: int | str | timedelta, expected_ms: int
) -> None:
    assert to_ms(value) == expected_ms


@pytest.mark.parametrize("value", [True, 1.5, None, [5], b"5s"])
def test_any_other_value_is_refused_with_what_is_allowed(value: object) -> None:
    with pytest.raises(DurationError) as caught:
        to_ms(value)  # type: ignore[arg-type]  # the mistake under test

    message = str(caught.value)
    assert repr(value) in message
    assert type(value).__name__ in message
    assert "timedelta" in message


def test_an_unknown_unit_is_named() -> None:
    with pytest.raises(DurationError) as caught:
        to_ms("5x")

    assert str(caught.value) == (
        "'5x' is not a duration: 'x' is not a unit; a duration is numbers, each with one of the "
        'units ns, us, ms, s, m, h, d, w, and no spaces: write it like "1h30m"'
    )


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "0s"),
        (1, "1ms"),
        (999, "999ms"),
        (1_500, "1.5s"),
        (1_001, "1.001s"),
        (90 * MINUTE, "1h30m"),
        (MINUTE + 50, "1m0.05s"),
        (DAY, "1d"),
        (9 * DAY, "1w2d"),
        (-90 * MINUTE, "-1h30m"),
        (-500, "-500ms"),
    ],
)
def test_a_duration_is_written_short(ms: int, text: str) -> None:
    assert format_duration(ms) == text


@given(st.integers(-LONGEST_MS, LONGEST_MS))
def test_what_is_written_reads_back_the_same(ms: int) -> None:
    assert parse_duration(format_duration(ms)) == ms


@given(any_text | almost_a_duration)
def test_any_text_is_a_duration_or_a_duration_error(text: str) -> None:
    for parse in (parse_duration, parse_batch_timeout):
        parsed_ms, refusal = try_to(parse, text)
        assert abs(parsed_ms) <= LONGEST_MS
        assert len(refusal) < 600


@given(any_text)
def test_any_text_is_a_sleep_and_a_timeout_or_a_duration_error(text: str) -> None:
    _, no_sleep = try_to(lambda text: parse_sleep(text, NOW_MS), text)
    _, no_timeout = try_to(lambda text: parse_timeout(text, NOW_MS), text)

    assert len(no_sleep) < 600
    assert len(no_timeout) < 600


@given(almost_a_duration)
def test_a_batch_timeout_means_what_the_duration_means(text: str) -> None:
    try:
        batch_ms = parse_batch_timeout(text)
    except DurationError:
        return
    if abs(batch_ms) < LONGEST_MS:
        assert batch_ms == parse_duration(text)
