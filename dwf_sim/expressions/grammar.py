"""The only door to cel-python: its parser, and nothing of its evaluator.

The library is imported at the first parse, since it is large and a simulation without
expressions should not wait for it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
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
    """Make a parser of cel-python's grammar.

    It is cel-python's own, of which there is one a process with the class of trees that was asked
    for first, but for the positions: to note them takes as long as the parsing.
    """
    import celpy
    from celpy.celparser import CELParser
    from lark import Lark

    return Lark(
        Path(celpy.__file__).with_name("cel.lark").read_text("utf-8"),
        parser="lalr",
        start="expr",
        g_regex_flags=re.M,
        lexer_callbacks={"IDENT": CELParser.ambiguous_literals},
        maybe_placeholders=False,
        priority="invert",
    )


def _complaint(canonical_text: str, column: int | None) -> str:
    # A canonical text is one line of words with single spaces, so the column counts the tokens.
    count = None if column is None or column < 1 else canonical_text[: column - 1].count(" ") + 1
    where = "ends too early" if count is None else f"is not well formed at token {count}"
    return (
        f"the expression {where}; names, literals, operators and calls may be combined as in "
        'event.data.x == "a" && size(event.data.y) > 1; check its operators and brackets'
    )
