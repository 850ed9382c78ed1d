"""Quirks: what the real server does although its documentation says otherwise, by name."""

from __future__ import annotations

from typing import Self

import attrs

from dwf_sim.errors import ConfigError
from dwf_sim.given import shown


@attrs.frozen(kw_only=True)
class Quirks:
    """A switch that is on makes the simulator do as the real server does.

    `cancelled_invoke_resolves`: an invoke of a function whose run is cancelled resolves with the
    whole `inngest/function.finished` event instead of raising (A137). Off, it raises `StepError`.

    `woken_sleep_queues_behind`: a run that slept for more than 2 s queues behind runs that were
    created while it slept (B137). Off, it keeps the place of its creation, as Inngest Cloud may.

    `debounce_fires_late`: what a debounce holds is let go 1.05 s after its period is over (B95),
    and an event that comes in that time is held by itself (B99). Off, which it is unless you say
    otherwise, it is let go when the period is over, as documented.

    `batch_filled_late_waits`: the events of a batch are gathered for half a second, from which its
    timeout counts, and a batch that is not filled by one such lot starts at its timeout even when
    it is full (B106, B110). Off, which it is unless you say otherwise, a full batch starts at once.

    `unreadable_timeout_stalls`: a function whose timeout is no duration is registered, and none of
    its runs is ever started (B316). Off, which it is unless you say otherwise, it is refused.

    Raises `ConfigError` for a name that there is not, and for what is neither True nor False.
    """

    cancelled_invoke_resolves: bool = True
    woken_sleep_queues_behind: bool = True
    debounce_fires_late: bool = False
    batch_filled_late_waits: bool = False
    unreadable_timeout_stalls: bool = False

    def __new__(cls, *_: object, **given: object) -> Self:
        """Refuse unknown names before the constructor does so in fewer words."""
        names = [field.name for field in attrs.fields(cls)]
        for name in given:
            if name not in names:
                raise ConfigError(f"there is no quirk {name!r}; there are {', '.join(names)}")
        return super().__new__(cls)

    def __attrs_post_init__(self) -> None:
        for name, given in attrs.asdict(self).items():
            if type(given) is not bool:
                raise ConfigError(f"{name} is {shown(given)}; a quirk is True or False")
