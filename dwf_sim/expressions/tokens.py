"""Cuts a text into tokens exactly as cel-go's lexer does, and refuses what it refuses.

cel-python's own lexer differs (signs glued to numbers, looser escapes, words such as `in` as
field names), so nothing of the text reaches its parser but these tokens (see canonical.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs

from dwf_sim.errors import ExpressionError
from dwf_sim.expressions.literals import (
    ESCAPE,
    read_bytes,
    read_double,
    read_int,
    read_string,
    read_uint,
)

TEXT_LENGTH_MAX = 100_000
"""cel-go's limit on code points (parser/parser.go, expressionSizeCodePointLimit)."""

_STRING = "|".join(
    [
        rf'"""(?:{ESCAPE}|[^\\])*?"""',
        rf"'''(?:{ESCAPE}|[^\\])*?'''",
        rf'"(?:{ESCAPE}|[^\\"\n\r])*"',
        rf"'(?:{ESCAPE}|[^\\'\n\r])*'",
        r'[rR]"""[\s\S]*?"""',
        r"[rR]'''[\s\S]*?'''",
        r'[rR]"[^"\n\r]*"',
        r"[rR]'[^'\n\r]*'",
    ]
)
_TOKEN = re.compile(
    rf"""
      (?P<space>[\t\ \r\n\f]+|//[^\n]*)
    | (?P<bytes>[bB](?:{_STRING}))
    | (?P<string>{_STRING})
    | (?P<double>[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+
               |\.[0-9]+(?:[eE][+-]?[0-9]+)?)
    | (?P<uint>(?:0x[0-9a-fA-F]+|[0-9]+)[uU])
    | (?P<int>0x[0-9a-fA-F]+|[0-9]+)
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<mark>==|!=|<=|>=|&&|\|\||[<>\[\]{{}}().,\-!?:+*/%])
    """,
    re.VERBOSE,
)
_WORDS = {"true": True, "false": False, "null": None}


@attrs.frozen
class Name:
    """An identifier or a field name."""

    text: str


@attrs.frozen
class Mark:
    """An operator or a bracket; `in` is one too."""

    text: str


@attrs.frozen
class Number:
    """An int or double still without its sign, which the grammar gives to the literal."""

    text: str
    is_double: bool

    def read(self, sign: str = "") -> object:
        """Read the value, with `-` as the sign if it has one."""
        return read_double(sign + self.text) if self.is_double else read_int(sign + self.text)


@attrs.frozen
class Constant:
    """Any other literal, already read."""

    value: object


Token = Name | Mark | Number | Constant


def tokens_of(text: str) -> list[Token]:
    """Cut a text into tokens; raises `ExpressionError` at the first thing that is none."""
    if len(text) > TEXT_LENGTH_MAX:
        raise ExpressionError(
            f"the expression has {len(text)} characters; {TEXT_LENGTH_MAX} are allowed; shorten it"
        )
    return list(_cut(text))


def _cut(text: str) -> Iterator[Token]:
    position = 0
    while position < len(text):
        piece = _TOKEN.match(text, position)
        if piece is None:
            raise ExpressionError(_complaint(text, position))
        position = piece.end()
        if piece.lastgroup != "space":
            yield _token(piece.lastgroup or "", piece[0])


def _token(kind: str, text: str) -> Token:
    match kind:
        case "word":
            return _word(text)
        case "int" | "double":
            return Number(text, kind == "double")
        case "uint":
            return Constant(read_uint(text))
        case "string":
            return Constant(read_string(text))
        case "bytes":
            return Constant(read_bytes(text))
    return Mark(text)


def _word(text: str) -> Token:
    if text in _WORDS:
        return Constant(_WORDS[text])
    return Mark(text) if text == "in" else Name(text)


def _complaint(text: str, position: int) -> str:
    found = text[position : position + 12]
    return (
        f"the expression has {found!r} at character {position + 1}, where no name, literal or "
        "operator begins; compare with ==, close every quote, and escape with a backslash only "
        "what needs it"
    )
