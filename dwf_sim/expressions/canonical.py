"""Rewrites tokens into the one spelling that cel-go's and cel-python's grammars read alike.

Names become `n0, n1, …` and literals their number in a table, so that neither reserved words nor
the spelling of a literal can reach cel-python's lexer. Decided here, because the two grammars
differ: signs of literals, runs of `!` and `-`, and commas before a closing bracket.
"""

from __future__ import annotations

import attrs

from dwf_sim.errors import ExpressionError
from dwf_sim.expressions.tokens import Constant, Mark, Name, Number, Token

NESTING_MAX = 250
"""cel-go's recursion limit (parser/parser.go, maxRecursionDepth)."""

_CLOSING = {")", "]", "}"}
_OPENING = {"(", "[", "{"}


@attrs.define
class Canonical:
    """The rewritten text, growing token by token, and the tables it refers to."""

    words: list[str] = attrs.Factory(list)
    names: list[str] = attrs.Factory(list)
    literals: list[object] = attrs.Factory(list)
    brackets: list[str] = attrs.Factory(list)
    after_operand: bool = False

    @property
    def text(self) -> str:
        """The text for cel-python's parser."""
        return " ".join(self.words)

    def add_name(self, name: str) -> None:
        """Write a name."""
        self.words.append(f"n{len(self.names)}")
        self.names.append(name)
        self.after_operand = True

    def add_literal(self, value: object) -> None:
        """Write a literal."""
        self.words.append(str(len(self.literals)))
        self.literals.append(value)
        self.after_operand = True

    def add_mark(self, mark: str) -> None:
        """Write an operator or bracket, and keep track of what is open."""
        if mark in _OPENING:
            self._open(mark)
        elif mark in _CLOSING and self.brackets:
            self.brackets.pop()
        self.words.append(mark)
        self.after_operand = mark in _CLOSING

    def _open(self, mark: str) -> None:
        # "index" tells a[b] from a list: only a list may end in a comma.
        self.brackets.append("index" if mark == "[" and self.after_operand else mark)
        if len(self.brackets) > NESTING_MAX:
            raise ExpressionError(
                f"the expression nests more than {NESTING_MAX} brackets; write it flatter"
            )


def canonical(tokens: list[Token]) -> Canonical:
    """Rewrite the tokens of a text."""
    written = Canonical()
    position = 0
    while position < len(tokens):
        position = _rewrite(tokens, position, written)
    return written


def _rewrite(tokens: list[Token], position: int, written: Canonical) -> int:
    match tokens[position]:
        case Name(text):
            written.add_name(text)
        case Number() as number:
            written.add_literal(number.read())
        case Constant(value):
            written.add_literal(value)
        case Mark("!" | "-") if not written.after_operand:
            return _rewrite_signs(tokens, position, written)
        case Mark(",") if _is_spare_comma(tokens, position, written):
            pass
        case Mark("in") if not written.after_operand:
            raise ExpressionError("the expression has the word in where no operator can stand")
        case Mark(text):
            written.add_mark(text)
    return position + 1


def _rewrite_signs(tokens: list[Token], position: int, written: Canonical) -> int:
    """Write a run of equal signs once or not at all, as cel-go's parser folds it."""
    sign, end = tokens[position], position
    while end < len(tokens) and tokens[end] == sign:
        end += 1
    is_minus, is_odd = sign == Mark("-"), (end - position) % 2 == 1
    if is_minus and end - position == 1 and isinstance(_at(tokens, end), Number):
        return _rewrite_negative(tokens, end, written)
    if is_odd:
        written.words.append("-" if is_minus else "!")
    if not is_minus and _at(tokens, end) == Mark("-"):
        return _rewrite_negative(tokens, end + 1, written)
    if is_minus and _at(tokens, end) == Mark("!"):
        raise ExpressionError("the expression has - before !; only a number can be negated")
    return end


def _rewrite_negative(tokens: list[Token], position: int, written: Canonical) -> int:
    number = _at(tokens, position)
    if not isinstance(number, Number):
        raise ExpressionError("the expression has ! before -; write the negation in parentheses")
    written.add_literal(number.read("-"))
    return position + 1


def _is_spare_comma(tokens: list[Token], position: int, written: Canonical) -> bool:
    inside = written.brackets[-1] if written.brackets else ""
    closing = {"[": Mark("]"), "{": Mark("}")}.get(inside)
    return closing is not None and _at(tokens, position + 1) == closing


def _at(tokens: list[Token], position: int) -> Token | None:
    return tokens[position] if position < len(tokens) else None
