"""What a function is to the engine: its id, its triggers and its settings, without its code."""

from __future__ import annotations

import attrs

from dwf_sim.given import check_optional_text, check_text
from dwf_sim.model.settings import Cancel, Timeouts

RETRIES_DEFAULT = 4
RETRIES_MAX = 20


@attrs.frozen
class TriggerEvent:
    """Start a run for each event of this name: exact, or a pattern such as `app/*` (B33).

    With `expression`, only for events for which it is true (B34).
    """

    event: str
    expression: str | None = None

    def __attrs_post_init__(self) -> None:
        check_text("event of a TriggerEvent", self.event)
        check_optional_text("expression of a TriggerEvent", self.expression)


@attrs.frozen
class FunctionConfig:
    """A registered function. `id` is `<app id>-<function id>`; `retries` follow the first attempt.

    `request_version` 1 means unoptimized parallelism: no joining of parallel steps (A37).
    """

    id: str
    app_id: str
    name: str
    triggers: tuple[TriggerEvent, ...]
    retries: int = attrs.field(default=RETRIES_DEFAULT)
    request_version: int = 2
    cancel: tuple[Cancel, ...] = ()
    timeouts: Timeouts = attrs.field(factory=Timeouts)

    @property
    def attempts_max(self) -> int:
        """How often one item is tried: retries beyond 20 are clamped (A60)."""
        return min(self.retries, RETRIES_MAX) + 1
