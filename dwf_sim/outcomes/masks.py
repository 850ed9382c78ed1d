"""Masks: what is left of a text when ids and instants are taken out of it.

Those differ between runs that are alike, since they follow from when something happened.
"""

from __future__ import annotations

import re

_ULID = re.compile(r"\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b")
_UUID = re.compile(r"\b[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}\b")
_INSTANT = re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?")
# Seconds since 1970, perhaps with a fraction, and milli-, micro- and nanoseconds.
_EPOCH = re.compile(r"(?<![\w.])(\d{10})(?:\d{3}|\d{6}|\d{9})?(?:\.\d+)?(?![\w.])")
_DAY = 86_400_000
_YEAR = 366 * _DAY


def masked(text: str, within: tuple[int, int] | None = None) -> str:
    """Take ids and instants out of a text.

    `within` says from when to when a simulation lasted, in milliseconds since 1970: a number that
    is an instant of it, of the day before or of the year after, is taken out, too.
    """
    text = _INSTANT.sub("<time>", _UUID.sub("<id>", _ULID.sub("<id>", text)))
    if within is None:
        return text
    first, last = within[0] - _DAY, within[1] + _YEAR

    def mask(found: re.Match[str]) -> str:
        is_instant = first <= int(found[1]) * 1000 <= last
        return "<time>" if is_instant else found[0]

    return _EPOCH.sub(mask, text)
