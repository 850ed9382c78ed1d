"""Reads one literal's spelling into its value: numbers with their ranges, strings with escapes.

Follows cel-go parser/unescape.go: a string literal's `\\x` and octal escapes are code points, a
bytes literal's are bytes; line ends inside a literal become `\\n`.
"""

from __future__ import annotations

import math
import re

from dwf_sim.errors import ExpressionError
from dwf_sim.expressions.values import INT_MAX, INT_MIN, UINT_MAX, Uint

ESCAPE = r"\\(?:[abfnrtv\"'\\?`]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2})"
_ESCAPE = re.compile(ESCAPE)
_CODE_POINT_MAX = 0x10FFFF
_SIMPLE = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}


def read_int(text: str) -> int:
    """Read a signed literal, which must fit into 64 bits."""
    value = int(text, 16) if "x" in text else _decimal(text)
    if not INT_MIN <= value <= INT_MAX:
        raise ExpressionError(f"{text} is given as an int; an int lies between -2^63 and 2^63-1")
    return value


def read_uint(text: str) -> Uint:
    """Read an unsigned literal with its final `u`."""
    digits = text[:-1]
    value = int(digits, 16) if digits.startswith("0x") else _decimal(digits)
    if value > UINT_MAX:
        raise ExpressionError(f"{text} is given as a uint; a uint lies between 0 and 2^64-1")
    return Uint(value)


def read_double(text: str) -> float:
    """Read a literal with a point or an exponent."""
    value = float(text)
    if math.isinf(value):
        raise ExpressionError(f"{text} is given as a double; a double is at most about 1.8e308")
    return value


def read_string(text: str) -> str:
    """Read a string literal with its quotes."""
    body, is_raw = _unquoted(text)
    if is_raw:
        return body
    return _ESCAPE.sub(lambda escape: chr(_code_point(escape[0])), body)


def read_bytes(text: str) -> bytes:
    """Read a bytes literal with its `b` and quotes."""
    body, is_raw = _unquoted(text[1:])
    if is_raw:
        return utf8(body)
    pieces: list[bytes] = []
    end = 0
    for escape in _ESCAPE.finditer(body):
        pieces += [utf8(body[end : escape.start()]), _byte(escape[0])]
        end = escape.end()
    return b"".join([*pieces, utf8(body[end:])])


def utf8(text: str) -> bytes:
    """Encode as the engine holds strings; a lone surrogate, unknown to Go, becomes U+FFFD."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def _decimal(digits: str) -> int:
    # Python refuses to convert thousands of digits; anything that long is out of range anyway.
    significant = digits.lstrip("-0")
    return int(digits) if len(significant) <= 20 else UINT_MAX + 1


def _unquoted(text: str) -> tuple[str, bool]:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    is_raw = text[0] in "rR"
    text = text[1:] if is_raw else text
    width = 3 if len(text) >= 6 and text[:3] in ('"""', "'''") else 1
    return text[width:-width], is_raw


def _code_point(escape: str) -> int:
    value = _escape_value(escape)
    if value > _CODE_POINT_MAX or 0xD800 <= value <= 0xDFFF:
        raise ExpressionError(f"{escape} is no Unicode character; write one up to \\U0010FFFF")
    return value


def _byte(escape: str) -> bytes:
    if escape[1] in "uU":
        raise ExpressionError(f"{escape} stands in a bytes literal; write its bytes as \\x..")
    return bytes([_escape_value(escape)])


def _escape_value(escape: str) -> int:
    letter = escape[1]
    if letter in "xXuU":
        return int(escape[2:], 16)
    if letter in "0123":
        return int(escape[1:], 8)
    return _SIMPLE.get(letter, ord(letter))
