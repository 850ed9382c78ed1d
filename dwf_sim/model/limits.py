"""Limits: how much of anything the engine takes; what is beyond is refused, or fails the run."""

from __future__ import annotations

from functools import cached_property

import attrs

from dwf_sim.given import check_count

MIB = 1024 * 1024
_ESCAPE_BYTES_MAX = 6  # A control character, in JSON.


@attrs.frozen(slots=False)  # With slots, a `cached_property` makes every field slow.(kw_only=True)
class Limits:
    """The real server's constants (A180-A188); smaller ones make a limit cheap to test.

        sim = Simulation(limits=Limits(steps=10))

    Bytes are those of the JSON text in UTF-8. Raises `ConfigError` for a number that cannot be.
    """

    event_bytes: int = 3 * MIB
    events_per_send: int = 5000
    steps: int = 1000
    ops_per_response: int = 1000
    step_bytes: int = 4 * MIB
    response_bytes: int = 8 * MIB
    state_bytes: int = 32 * MIB
    concurrency: int = 1000
    """How many steps run at once: of a function that sets no limit, and of the account."""

    @cached_property
    def safe_chars(self) -> int:
        """So many characters are within every limit of a response, however they are written."""
        return min(self.step_bytes, self.response_bytes) // _ESCAPE_BYTES_MAX

    def __attrs_post_init__(self) -> None:
        for field in attrs.fields(Limits):
            check_count(f"{field.name} of Limits", getattr(self, field.name), 1)
