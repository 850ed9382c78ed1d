"""What a recording says a function is registered with, made with the classes of either driver."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import attrs

Fields: TypeAlias = Mapping[str, Any]
Make: TypeAlias = Callable[..., Any]

_AS_THEY_ARE = ("retries", "idempotency")


@attrs.frozen(kw_only=True)
class SettingWords:
    """The classes of a driver: of triggers, of each setting, and how it takes a duration."""

    event_trigger: Make
    cron_trigger: Make
    kinds: Mapping[str, Make]
    cancel: Make
    span: Callable[[str], Any] = lambda text: text


def trigger_of(given: Fields, words: SettingWords) -> Any:
    """Make a trigger."""
    if "cron" in given:
        return words.cron_trigger(cron=given["cron"])
    return words.event_trigger(event=given["event"], expression=given.get("if"))


def settings_of(function: Fields, words: SettingWords) -> dict[str, Any]:
    """Make the settings that a recorded function has."""
    found = {key: function[key] for key in _AS_THEY_ARE if key in function}
    for key, kind in words.kinds.items():
        if key in function:
            found[key] = made_of(function[key], kind, words)
    if "cancel_on" in function:
        found["cancel"] = made_of(function["cancel_on"], words.cancel, words)
    return found


def made_of(given: Any, kind: Make, words: SettingWords) -> Any:
    """Make one setting, or each of a list."""
    if isinstance(given, list):
        return [made_of(fields, kind, words) for fields in given]
    return kind(**{_name(key): _value(key, given[key], words) for key in given})


def _name(key: str) -> str:
    """`if` is a word of Python."""
    return "if_exp" if key == "if" else key


def _value(key: str, given: Any, words: SettingWords) -> Any:
    is_span = key in ("period", "timeout", "start", "finish") and given is not None
    return words.span(given) if is_span else given
