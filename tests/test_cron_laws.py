"""Laws of cron schedules, on schedules, zones and moments that Hypothesis makes up."""

from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from croniter import croniter
from hypothesis import given
from hypothesis import strategies as st

from dwf_sim.cron import parse_cron, parse_jitter
from dwf_sim.cron.fields import DAY, HOUR, MINUTE, MONTH, WEEKDAY, Field
from dwf_sim.errors import CronError

CYCLE_MS = 146_097 * 86_400_000  # four hundred years
MS_1980, MS_2100 = 315_532_800_000, 4_102_444_800_000
ZONES = ("America/New_York", "Europe/London", "Asia/Kolkata", "Australia/Lord_Howe", "UTC")
moments = st.integers(MS_1980, MS_2100)
any_moments = st.integers(-20 * CYCLE_MS, 20 * CYCLE_MS)


def pieces(field: Field) -> st.SearchStrategy[str]:
    values = st.integers(field.lowest, field.highest)
    # Croniter reads a range of one value, such as 0-0, as the whole field.
    ends = st.tuples(values, values).filter(lambda ends: ends[0] < ends[1])
    ranges = ends.map(lambda ends: f"{ends[0]}-{ends[1]}")
    steps = st.tuples(st.just("*") | ranges, st.integers(2, 20)).map(lambda s: f"{s[0]}/{s[1]}")
    named = st.sampled_from(field.names) if field.names else st.nothing()
    return values.map(str) | ranges | steps | named


def fields(field: Field) -> st.SearchStrategy[str]:
    return st.just("*") | st.lists(pieces(field), min_size=1, max_size=3).map(",".join)


schedules = st.tuples(*map(fields, (MINUTE, HOUR, DAY, MONTH, WEEKDAY))).map(" ".join)
almost_schedules = st.text(alphabet="0123456789*?-/, @TZCRON=_UtcMona", max_size=40)


@given(schedules, st.sampled_from(ZONES), moments)
def test_ticks_only_move_on(schedule: str, zone: str, after_ms: int) -> None:
    cron = parse_cron(f"TZ={zone} {schedule}")

    found = [after_ms]
    while len(found) < 4 and (tick_ms := cron.next(found[-1])) is not None:
        found.append(tick_ms)

    assert all(earlier < later for earlier, later in pairwise(found))


@given(schedules, st.sampled_from(ZONES), moments)
def test_a_tick_matches_every_field_on_the_clock_of_its_zone(
    schedule: str, zone: str, after_ms: int
) -> None:
    cron = parse_cron(f"TZ={zone} {schedule}")

    tick_ms = cron.next(after_ms)

    if tick_ms is None:
        return
    wall = datetime.fromtimestamp(tick_ms / 1000, ZoneInfo(zone))
    assert tick_ms % 1000 == wall.second == 0
    assert cron.pattern.minutes >> wall.minute & 1
    assert cron.pattern.hours >> wall.hour & 1
    assert cron.pattern.months >> wall.month & 1
    assert cron.pattern.has_day(wall.day, wall.isoweekday() % 7)


@given(schedules, moments, st.integers(-30, 30))
def test_the_calendar_repeats_every_four_hundred_years(
    schedule: str, after_ms: int, cycles: int
) -> None:
    cron = parse_cron(schedule)

    here_ms, there_ms = cron.next(after_ms), cron.next(after_ms + cycles * CYCLE_MS)

    if here_ms is None:
        assert there_ms is None
    else:
        assert there_ms == here_ms + cycles * CYCLE_MS


@given(schedules, st.sampled_from(ZONES), any_moments)
def test_any_moment_can_be_asked_for(schedule: str, zone: str, after_ms: int) -> None:
    tick_ms = parse_cron(f"TZ={zone} {schedule}").next(after_ms)

    assert tick_ms is None or tick_ms > after_ms


def is_plain(schedule: str) -> bool:
    """Croniter takes a field that lists every value for a star; the engine takes only a star."""
    pattern, texts = parse_cron(schedule).pattern, schedule.split()
    every_day, every_weekday = pattern.days.bit_count() == 31, pattern.weekdays.bit_count() == 7
    return every_day <= (texts[2] == "*") and every_weekday <= (texts[4] == "*")


@given(schedules.filter(is_plain), moments)
def test_in_utc_the_ticks_are_those_of_croniter(schedule: str, after_ms: int) -> None:
    ours_ms = parse_cron(schedule).next(after_ms)

    # Beyond the engine's five years croniter goes on looking.
    if ours_ms is not None:
        theirs = croniter(schedule, after_ms // 1000, max_years_between_matches=10)
        assert ours_ms == round(theirs.get_next(float) * 1000)


def refusal(parse: Callable[[str], object], text: str) -> str:
    """Give the text of the refusal, empty if there is none."""
    try:
        parse(text)
    except CronError as error:
        return str(error)
    return ""


@given(st.text(max_size=10_000) | almost_schedules)
def test_any_text_is_a_schedule_or_a_cron_error(text: str) -> None:
    assert len(refusal(parse_cron, text)) < 1_000


@given(st.text(max_size=20))
def test_any_zone_name_is_a_zone_or_a_cron_error(name: str) -> None:
    assert len(refusal(parse_cron, f"TZ={name} * * * * *")) < 1_000


@given(st.text(max_size=10_000))
def test_any_text_is_a_jitter_or_a_cron_error(text: str) -> None:
    assert len(refusal(parse_jitter, text)) < 1_000
