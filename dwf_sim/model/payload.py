"""JSON as it goes over the wire: every memo, event and result makes this round trip (A52)."""

from __future__ import annotations

import json

from dwf_sim.errors import UnserializableError

_decode = json.JSONDecoder().raw_decode  # Our own texts have no blanks around them.
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def encode(value: object) -> str:
    """Write a value as JSON; raises `UnserializableError` when it has none."""
    if value is None:
        return "null"
    try:
        return _encode(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise UnserializableError(
            f"{_show(value)} cannot be written as JSON ({error}); allowed are dict with text "
            "keys, list, tuple, str, int, float, bool and None: convert it first"
        ) from None


def decode(text: str) -> object:
    """Read JSON; every call makes fresh objects, so that no reader can change a memo."""
    result: object = _decode(text)[0]
    return result


quote = json.encoder.encode_basestring  # The JSON text of a str, several times as fast as encode.


def _show(value: object) -> str:
    try:
        text = repr(value)
    except Exception:  # A broken __repr__ must not hide the real mistake.
        text = "?"
    return f"a {type(value).__name__} ({text[:80]})"
