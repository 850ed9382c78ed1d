"""The only door to cel-python: its parser, and nothing of its evaluator.

The library is imported at the first parse, since it is large and a simulation without
expressions should not wait for it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from dwf_sim.errors import ExpressionError

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

    ParseTree = Tree[Token]


def parse_tree(canonical_text: str) -> ParseTree:
    """Parse a canonical text (see canonical.py) with cel-python's grammar."""
    from lark.exceptions import LarkError

    try:
        return _parser().parse(canonical_text)
    except LarkError as error:
        column = getattr(error, "column", None)
        raise ExpressionError(_complaint(canonical_text, column)) from None


@lru_cache(maxsize=1)
def _parser() -> Lark:
    """Take the parser out of cel-python, which keeps one per process and class of tree.

    Ours must not become that one: cel-python's own evaluators ask for trees of other classes.
    """
    from celpy.celparser import CELParser

    theirs = CELParser.CEL_PARSER
    CELParser.CEL_PARSER = None
    try:
        ours: Lark | None = CELParser().CEL_PARSER
    finally:
        CELParser.CEL_PARSER = theirs
    assert ours is not None, "cel-python builds its parser when first asked"
    return ours


def _complaint(canonical_text: str, column: int | None) -> str:
    # A canonical text is one line of words with single spaces, so the column counts the tokens.
    count = None if column is None or column < 1 else canonical_text[: column - 1].count(" ") + 1
    where = "ends too early" if count is None else f"is not well formed at token {count}"
    return (
        f"the expression {where}; names, literals, operators and calls may be combined as in "
        'event.data.x == "a" && size(event.data.y) > 1; check its operators and brackets'
    )
