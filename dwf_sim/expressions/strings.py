"""The functions on texts: those of the language and those the engine adds (B201, B216)."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Callable

from dwf_sim.expressions import patterns
from dwf_sim.expressions.literals import utf8
from dwf_sim.expressions.values import NO_OVERLOAD, EngineFault, kind_of

_OUTSIDE_BASE64 = re.compile(rb"[\r\n]")


def contains(text: object, part: object) -> object:
    """Say whether a text has this part."""
    if not isinstance(text, str) or not isinstance(part, str):
        return NO_OVERLOAD
    return part in text


def starts_with(text: object, part: object) -> object:
    """Say whether a text begins so."""
    if not isinstance(text, str) or not isinstance(part, str):
        return NO_OVERLOAD
    return text.startswith(part)


def ends_with(text: object, part: object) -> object:
    """Say whether a text ends so."""
    if not isinstance(text, str) or not isinstance(part, str):
        return NO_OVERLOAD
    return text.endswith(part)


def matches(text: object, pattern: object) -> object:
    """Say whether a pattern of RE2's syntax is found in a text."""
    if not isinstance(text, str) or not isinstance(pattern, str):
        return NO_OVERLOAD
    return patterns.matches(text, pattern)


def lowercase(value: object) -> object:
    """Write a text in small letters; anything but a text becomes the empty one."""
    return _each_letter(_text(value), str.lower)


def uppercase(value: object) -> object:
    """Write a text in capitals; anything but a text becomes the empty one."""
    return _each_letter(_text(value), str.upper)


def b64decode(value: object) -> object:
    """Decode base64; what stands before the first mistake is kept, as Go does."""
    encoded = _OUTSIDE_BASE64.sub(b"", utf8(_text(value)))
    return _decoded_prefix(encoded).decode("utf-8", "surrogateescape")


def json_parse(value: object) -> object:
    """Read a JSON object; everything that is none becomes the empty object."""
    try:
        parsed = json.loads(
            _text(value), parse_int=_number, parse_float=_number, parse_constant=_refuse
        )
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _text(value: object) -> str:
    if kind_of(value) == "":
        raise EngineFault("a function on texts is applied to no value at all")
    return value if isinstance(value, str) else ""


def _each_letter(text: str, change: Callable[[str], str]) -> str:
    # Go changes letter by letter, so a letter that Python would turn into two keeps its shape
    # (ß), or only the first is taken (İ).
    if text.isascii():
        return change(text)
    changed = [(letter, change(letter)) for letter in text]
    return "".join(
        new if len(new) == 1 else (new[0] if letter == "İ" else letter) for letter, new in changed
    )


def _decoded_prefix(encoded: bytes) -> bytes:
    valid = re.match(rb"(?:[A-Za-z0-9+/]{4})*", encoded)
    assert valid is not None, "the pattern matches the empty text"
    tail = encoded[valid.end() :]
    whole = base64.b64decode(valid[0])
    if padded := re.match(rb"[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=", tail):
        try:
            return whole + base64.b64decode(padded[0])
        except binascii.Error:
            return whole
    return whole


def _number(spelled: str) -> float | None:
    value = float(spelled)
    return None if math.isinf(value) else value


def _refuse(name: str) -> object:
    raise ValueError(name)
