"""Jitter moves each tick of a schedule by an amount that looks random and is not: it follows from
the tick, the schedule and the function, so that a replay moves it by as much.
"""

from hashlib import blake2b

from dwf_sim.duration_grammar import NANOSECONDS_PER_MS, NANOSECONDS_PER_SECOND, parse_duration_ns
from dwf_sim.errors import CronError, DurationError

JITTER_MS_MIN = 1_000
JITTER_MS_MAX = 300_000


def parse_jitter(text: str) -> int:
    """Read a jitter as milliseconds: 0 (none), or from 1s to 5m."""
    if not text.strip():
        return 0
    try:
        jitter_ns = parse_duration_ns(text)
    except DurationError as error:
        raise CronError(f"{text[:60]!r} isn't a valid jitter duration: {error}") from None
    _check(text, jitter_ns)
    return jitter_ns // NANOSECONDS_PER_MS


def jitter_ms(tick_ms: int, text: str, function_id: str, jitter: int) -> int:
    """Give how much later than its tick a run starts: from 1s on, and less than `jitter`."""
    if jitter <= JITTER_MS_MIN:
        return max(jitter, 0)
    seed = f"{tick_ms}:{text}:{function_id}".encode("utf-8", "surrogatepass")
    # The engine hashes with xxhash64; any hash that is the same everywhere does.
    drawn = int.from_bytes(blake2b(seed, digest_size=8).digest(), "big")
    return JITTER_MS_MIN + drawn % (jitter - JITTER_MS_MIN)


def _check(text: str, jitter_ns: int) -> None:
    given = f"{text[:60]!r} was given: write 0 for none, or from 1s to 5m"
    if jitter_ns < 0:
        raise CronError(f"cron jitter must be greater than or equal to zero; {given}")
    if 0 < jitter_ns < NANOSECONDS_PER_SECOND:
        raise CronError(f"cron jitter must be at least 1s; {given}")
    if jitter_ns > JITTER_MS_MAX * NANOSECONDS_PER_MS:
        raise CronError(f"cron jitter must be less than or equal to 5m0s; {given}")
