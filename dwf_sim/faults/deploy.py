"""Deploys: other code is served in mid-run, and runs go on with it.

What is memoized stays, by the hash of a step's id (A11, A13): a step whose id has changed is a new
one and is run, one that has gone leaves a memo that nobody reads. Requests under way end on the
code they began with.

Times are texts such as "5s", `timedelta`s or ints of milliseconds; what is none raises
`DurationError`, and what cannot be besides `ConfigError`.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import ClassVar, Unpack

import attrs

from dwf_sim.duration import to_ms
from dwf_sim.errors import ConfigError
from dwf_sim.faults.base import Chance, Levers, Site, TimedFault
from dwf_sim.given import shown

__all__ = ["new_version"]


@attrs.frozen(kw_only=True)
class NewVersion(TimedFault):
    """Another version of an app is served: the app, or where it is, `package.module:name`."""

    KINDS: ClassVar[Mapping[str, Mapping[str, object]]] = {"deploy.new_version": {}}
    NEEDS: ClassVar[Mapping[str, tuple[str, ...]]] = {"deploy.new_version": ("at",)}

    version: object

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        is_text = isinstance(self.version, str)
        if self.version is None or (is_text and ":" not in str(self.version)):
            raise ConfigError(
                f"version is {shown(self.version)}; it is an app or functions, or the text "
                'package.module:name for one, such as "shop.later:app"'
            )

    @property
    def instant(self) -> Site:
        """The workers."""
        return Site("", "", 0, "deploy")

    def strike(self, levers: Levers, cause: int) -> None:  # noqa: ARG002  # Nothing under way is touched.
        """Serve it."""
        levers.deploy(self.version)

    def __str__(self) -> str:
        given = self.version
        client = given[0] if isinstance(given, tuple) and given else given  # Of the SDK.
        app = getattr(client, "app_id", None)
        what = "other functions" if app is None else f"a new version of {app}"
        return f"deploy {given if isinstance(given, str) else what}{self.when()}"


def new_version(
    version: object, *, at: int | str | datetime.timedelta, **chance: Unpack[Chance]
) -> NewVersion:
    """Serve another version of an app, `at` so long after the simulation's start."""
    return NewVersion(version=version, at=to_ms(at), **chance)
