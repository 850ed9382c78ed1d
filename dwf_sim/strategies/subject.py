"""What is tried: functions, or who makes them anew, and what is reset before each time."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from dwf_sim.drivers.native import App, Function
from dwf_sim.effects import Ledger
from dwf_sim.errors import ConfigError, UsageError
from dwf_sim.given import check_keywords, shown
from dwf_sim.world.serving import is_of_sdk
from dwf_sim.world.simulation import Simulation

SETTINGS = ("start", "latency", "quirks", "limits", "budget", "worker", "interleave", "allow")


def _settings(given: Mapping[str, Any]) -> dict[str, Any]:
    check_keywords("a subject", given, SETTINGS)
    return dict(given)


@attrs.frozen
class Subject:
    """Functions under test, and how a world for them is made: fresh each time.

    `fn` is whatever `Simulation.serve` takes, or a function of nothing that makes it anew; of what
    that gives, ledgers behind the first are let go: `(app, stripe)`. `setup` is called before that,
    to reset what is outside of simulations; ledgers are empty in each by themselves. Raises
    `ConfigError` for a setting that is none of `Simulation`.
    """

    fn: Any
    setup: Callable[[], object] | None = None
    seed: int = 0
    settings: dict[str, Any] = attrs.field(factory=dict, converter=_settings)

    def __attrs_post_init__(self) -> None:
        if self.setup is not None and not callable(self.setup):
            raise ConfigError(
                f"setup is {shown(self.setup)}; give a function that resets what is outside"
            )

    @property
    def name(self) -> str:
        """How the user's code calls it, as far as that is known."""
        if isinstance(self.fn, App):
            return "app"
        handler = getattr(self.fn, "handler", getattr(self.fn, "_handler", self.fn))
        name = str(getattr(handler, "__name__", "functions"))
        if not name.isidentifier():
            return "functions"
        is_test = handler is self.fn and hasattr(handler, "__wrapped__")
        return f"{name}.__wrapped__" if is_test else name

    def world(self, **settings: Any) -> Simulation:
        """Make a simulation that serves the functions, after all outside was reset.

        Raises `UsageError` for what cannot be served so.
        """
        _called("setup", self.setup)
        made = self.made()
        simulation = Simulation(self.seed, **{**self.settings, **settings})
        return simulation.serve(made)

    def made(self) -> Any:
        """Give what is served, made anew if there is a function that makes it.

        Raises `UsageError` for an `async def` function, which nobody awaits.
        """
        given = self.fn
        if callable(given) and not isinstance(given, App | Function) and not _is_sdk(given):
            given = _called("fn", given)
        if isinstance(given, tuple) and len(given) > 1 and not is_of_sdk(given[0], "Inngest"):
            others = [each for each in given[1:] if not isinstance(each, Ledger)]
            if not others:
                return given[0]
        return given


def _is_sdk(given: object) -> bool:
    return is_of_sdk(given, "Function") or is_of_sdk(given, "Inngest")


def _called(name: str, function: Callable[[], object] | None) -> object:
    if function is None:
        return None
    result = function()
    if inspect.isawaitable(result):
        if inspect.iscoroutine(result):
            result.close()
        raise UsageError(f"{name} is an async function, which nobody awaits here; make it plain")
    return result
