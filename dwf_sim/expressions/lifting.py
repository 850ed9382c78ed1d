"""Moves literals out of a text before it is evaluated, as the engine does (B202).

The engine's evaluator never sees `"a"` or `1` but `vars.a`, `vars.b`, …, so that texts which
differ only in their literals share one compiled form (vendor: inngest/expr lift.go). This shows:
a lifted string keeps its escapes as they are written, `r"…"` becomes the unknown name `rvars`,
and a text may parse although the one that was registered does not. Registration never lifts.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal

import attrs

VARIABLE = "vars"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_GO_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008"
_GO_SPACE += "\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]*)?")
_POINT_NUMBER = re.compile(r"\.[0-9]+(?:[eE][+-]?[0-9]*)?")
_UNSIGNED = re.compile(r"[0-9]+[uU]")
_NAME_END = re.compile(r"[A-Za-z0-9_]")


@attrs.frozen
class Lifted:
    """A text with its literals moved out, and the literals by their letter."""

    text: str
    values: dict[str, str | int | float]


def lift(text: str) -> Lifted:
    """Move the literals of a text out of it; a text that already says `vars.` stays."""
    if f"{VARIABLE}." in text:
        return Lifted(text, {})
    lifting = _Lifting(text)
    while lifting.position < len(text):
        lifting.step()
    return Lifted("".join(lifting.written).strip(_GO_SPACE), lifting.values)


@attrs.define
class _Lifting:
    text: str
    position: int = 0
    brackets: int = 0
    written: list[str] = attrs.Factory(list)
    values: dict[str, str | int | float] = attrs.Factory(dict)

    def step(self) -> None:
        """Deal with the next character and what belongs to it."""
        character = self.text[self.position]
        if self.text.startswith("//", self.position):
            self._skip_comment()
        elif character in "\"'":
            self._lift_string(character)
        elif character == "." and not self._after_name and self._match(_POINT_NUMBER):
            self._lift_number(_POINT_NUMBER)
        elif character in "0123456789" and not self._after_name:
            self._meet_number()
        else:
            self.brackets += (character == "[") - (character == "]")
            self._copy(1)

    @property
    def _after_name(self) -> bool:
        last = self.written[-1][-1:] if self.written else ""
        return _NAME_END.match(last) is not None

    def _match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.position)
        return found[0] if found else ""

    def _copy(self, length: int) -> None:
        self.written.append(self.text[self.position : self.position + length])
        self.position += length

    def _skip_comment(self) -> None:
        end = self.text.find("\n", self.position)
        self.position = len(self.text) if end < 0 else end

    def _lift_string(self, quote: str) -> None:
        start = end = self.position + 1
        while end < len(self.text) and self.text[end] != quote:
            is_escape = self.text[end] == "\\" and end + 1 < len(self.text)
            end += 2 if is_escape else 1
        is_closed = end < len(self.text)
        body = self.text[start:end]
        if not is_closed and body.endswith(quote):
            body = body[:-1]
        self.position = end + 1 if is_closed else len(self.text)
        self._put(body)

    def _meet_number(self) -> None:
        # An index must stay an integer, and hexadecimal or unsigned numbers are left alone.
        following = self.text[self.position + 1 : self.position + 2]
        if self.brackets > 0 or (self._match(_UNSIGNED) == "" and self._is_prefix(following)):
            self._copy(1)
        elif unsigned := self._match(_UNSIGNED):
            self._copy(len(unsigned))
        else:
            self._lift_number(_NUMBER)

    def _is_prefix(self, following: str) -> bool:
        return self.text[self.position] == "0" and following.isascii() and following.isalpha()

    def _lift_number(self, pattern: re.Pattern[str]) -> None:
        spelled = self._match(pattern)
        value = _number(spelled)
        if value is None:
            self._copy(len(spelled))
            return
        self.position += len(spelled)
        self._put(value)

    def _put(self, value: str | int | float) -> None:
        if len(self.values) >= len(_LETTERS):
            self.written.append(_spelled(value))
            return
        letter = _LETTERS[len(self.values)]
        self.values[letter] = value
        self.written.append(f"{VARIABLE}.{letter}")


def _number(spelled: str) -> int | float | None:
    if spelled.isdigit():
        return int(spelled) if len(spelled.lstrip("0")) < 20 and int(spelled) < 2**63 else None
    try:
        value = float(spelled)
    except ValueError:
        return None
    return None if math.isinf(value) else value


def _spelled(value: str | int | float) -> str:
    """Write a value back when the letters are used up; a whole double turns into an int."""
    if isinstance(value, str):
        return '"' + "".join(_escaped(character) for character in value) + '"'
    return format(Decimal(repr(value)), "f").removesuffix(".0")


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return f"\\x{ord(character):02x}" if ord(character) < 0x20 else character
