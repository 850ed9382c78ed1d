"""Quirks: what the real server does although its documentation says otherwise, by name."""

from __future__ import annotations

import attrs


@attrs.frozen(kw_only=True)
class Quirks:
    """Every switch is on when the simulator does as the real server does.

    `cancelled_invoke_resolves`: an invoke of a function whose run is cancelled resolves with the
    whole `inngest/function.finished` event instead of raising (A137). Off, it raises `StepError`.
    """

    cancelled_invoke_resolves: bool = True
