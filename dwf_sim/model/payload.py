"""JSON as it goes over the wire: every memo, event and result makes this round trip (A52)."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable
from typing import NoReturn

from dwf_sim.errors import UnserializableError
from dwf_sim.given import shown

# Our own texts have no blanks around them, so `raw_decode` would do no more than this.
_scan: Callable[[str, int], tuple[object, int]] = vars(json.JSONDecoder())["scan_once"]
_CHARACTER_BYTES_MAX = 4
# Texts that may hold such a number; most hold none, and are left alone.
_CHANGED_BY_DOUBLES = re.compile(r"\d{16}|\d\.0(?!\d)")
_WRITTEN_WHOLE = 1e21  # Go writes larger ones with an exponent.
_encoder = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


def encode(value: object) -> str:
    """Write a value as JSON; raises `UnserializableError` when it has none."""
    if value is None:
        return "null"
    try:
        return "".join(_chunks(value, 0))
    except (TypeError, ValueError, RecursionError) as error:
        raise UnserializableError(
            f"a {type(value).__name__} ({shown(value)}) cannot be written as JSON ({error}); "
            "allowed are dict with text keys, list, tuple, str, int, float, bool and None: convert "
            "it first"
        ) from None


def encode_strictly(value: object) -> str:
    """Write a value as JSON that any reader takes: not the NaN and Infinity of Python's own."""
    text = encode(value)
    if not is_json(text):
        raise UnserializableError(
            f"a {type(value).__name__} ({shown(value)}) cannot be written as JSON, which has no "
            "NaN and no Infinity: use None, or a text"
        )
    return text


def is_json(text: str) -> bool:
    """Say whether what `encode` wrote is JSON: Python writes NaN and Infinity, which are none."""
    return json_complaint(text) is None


def json_complaint(text: str) -> str | None:
    """Say what the engine says of the first NaN or Infinity that `encode` wrote, if any."""
    if "NaN" not in text and "Infinity" not in text:
        return None
    try:
        json.loads(text, parse_constant=refuse_constant)
    except ValueError as error:
        return str(error)
    return None


def refuse_constant(name: str) -> NoReturn:
    """Refuse one of Python's NaN, Infinity and -Infinity, as Go's reader of JSON does."""
    text, where = name.lstrip("-"), "looking for beginning of value"
    raise ValueError(
        f"invalid character '{text[0]}' {'in numeric literal' if text != name else where}"
    )


def decode(text: str) -> object:
    """Read JSON; every call makes fresh objects, so that no reader can change a memo."""
    try:
        return _scan(text, 0)[0]
    except StopIteration as error:
        raise json.JSONDecodeError("Expecting value", text, error.value) from None


def as_doubles(text: str) -> str:
    """Write JSON anew as the engine does, to which every number is a double (B203).

    Whole numbers above 2^53 lose their last digits, and 1.0 becomes 1.
    """
    if _CHANGED_BY_DOUBLES.search(text) is None:
        return text
    return encode(json.loads(text, parse_int=_as_double, parse_float=_as_double))


def _as_double(text: str) -> int | float:
    number = float(text)
    if math.isinf(number):  # Of no use as JSON; the engine would refuse it.
        return int(text)
    return int(number) if number.is_integer() and abs(number) < _WRITTEN_WHOLE else number


def _make_chunks() -> Callable[[object, int], Iterable[str]]:
    """Build the library's C encoder once: `JSONEncoder.encode` builds one for each call."""
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is None:  # A Python without the C encoder.
        return lambda value, _: _encoder.iterencode(value)
    made: Callable[[object, int], Iterable[str]] = make(
        None, _encoder.default, quote, None, ":", ",", False, False, True
    )
    return made


def byte_count(text: str) -> int:
    """Count the bytes of a text as it travels, in UTF-8; free for one that is ASCII."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def exceeds(text: str, bytes_max: int) -> bool:
    """Say whether a text has more bytes than that, without counting when it cannot be near."""
    return len(text) * _CHARACTER_BYTES_MAX > bytes_max and byte_count(text) > bytes_max


quote = json.encoder.encode_basestring  # The JSON text of a str, several times as fast as encode.


_chunks = _make_chunks()
