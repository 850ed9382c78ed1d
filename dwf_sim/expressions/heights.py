"""Counts how deep a text nests, so that cel-go's recursion limits hold here too.

cel-go counts every grammar rule that is open at once while parsing (ANTLR's listener) and every
operator that is open while it builds its tree; both may reach 250 (parser/parser.go). `depth` is
our own, the height of our tree: at most two Python frames are open per unit of it, whether a text
is checked, compiled or evaluated, so no expression that parses can exhaust Python's stack. (An
index or a map counts twice; cel-go would allow twice as many of those inside one another.)
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from dwf_sim.errors import ExpressionError

RULES_MAX = 250
DEPTH_MAX = 255


@attrs.frozen
class Heights:
    """The largest number of things open at once below a node, per kind of thing."""

    operators: int = 0
    expressions: int = 0
    relations: int = 0
    sums: int = 0
    depth: int = 0

    def plus(
        self,
        *,
        operators: int = 0,
        expressions: int = 0,
        relations: int = 0,
        sums: int = 0,
        depth: int = 0,
    ) -> Heights:
        """Raise the counts by what a node itself opens; raises `ExpressionError` at a limit."""
        raised = Heights(
            self.operators + operators,
            self.expressions + expressions,
            self.relations + relations,
            self.sums + sums,
            self.depth + depth,
        )
        rules = max(raised.operators, raised.expressions, raised.relations, raised.sums)
        if rules > RULES_MAX or raised.depth > DEPTH_MAX:
            raise ExpressionError(
                f"the expression nests more than {RULES_MAX} levels deep; write it flatter"
            )
        return raised


def highest(heights: Iterable[Heights]) -> Heights:
    """Take the larger count of each kind."""
    result = Heights()
    for other in heights:
        result = Heights(
            max(result.operators, other.operators),
            max(result.expressions, other.expressions),
            max(result.relations, other.relations),
            max(result.sums, other.sums),
            max(result.depth, other.depth),
        )
    return result
