"""Literals move out of a text, and comments with them (B202)."""

from __future__ import annotations

import pytest

from dwf_sim.expressions.lifting import lift


@pytest.mark.rule("B202")
@pytest.mark.parametrize(
    ("text", "lifted", "values"),
    [
        ("event.data.n == 1", "event.data.n == vars.a", [1]),
        ("a == 'x' || b == \"y\"", "a == vars.a || b == vars.b", ["x", "y"]),
        ("x[0] == 'a'", "x[0] == vars.a", ["a"]),
        ("[1, 'x', 2.5]", "[1, vars.a, 2.5]", ["x"]),
        ("1e3 + .5 + 2.25", "vars.a + vars.b + vars.c", [1000.0, 0.5, 2.25]),
        ("0x1F == 5u", "0x1F == 5u", []),
        ("a1 == 2", "a1 == vars.a", [2]),
        ("-600", "-vars.a", [600]),
        ("'a' // it's\n == 'b'", "vars.a \n == vars.b", ["a", "b"]),
        ("9223372036854775808", "9223372036854775808", []),
        ("vars.a == 1", "vars.a == 1", []),
        ("'never closed\\'", "vars.a", ["never closed\\"]),
        ("10/2", "vars.a/vars.b", [10, 2]),
    ],
)
def test_literals_become_variables(text: str, lifted: str, values: list[object]) -> None:
    result = lift(text)
    assert result.text == lifted
    assert list(result.values.values()) == values
