"""cel-python's parser is borrowed, not taken away."""

from __future__ import annotations

import pytest
from celpy.celparser import CELParser

from dwf_sim.errors import ExpressionError
from dwf_sim.expressions.grammar import parse_tree


def test_cel_python_keeps_its_own_parser() -> None:
    # given the parser that cel-python may have built for itself
    theirs = CELParser.CEL_PARSER

    # when we parse
    parse_tree("n0 . n1 == 0")

    # then cel-python still has its own one, or none
    assert CELParser.CEL_PARSER is theirs


def test_a_complaint_counts_tokens() -> None:
    with pytest.raises(ExpressionError, match="not well formed at token 3"):
        parse_tree("n0 == == n1")
