"""Generators of texts and events for the laws of expressions."""

from __future__ import annotations

from hypothesis import strategies as st

LEAVES = [
    *("event.data.a", "event.data.b", "event.data.c.d", "event.data.none", "event.data.list"),
    *("event.data.list[0]", "event.data['a']", "event.ts", "event", "async.data.a", "foo"),
    *("1", "2.5", "3u", "'a'", "''", "null", "true", "false", "[1, 'a']", "{'k': 1}", "bytes('q')"),
    *("timestamp(0)", "duration('1h')", "date('x')", "type(1)", "1 / 0", "event.data.list[9]"),
]
"""One of everything that a part of an expression can be, failures included."""

SIDES = LEAVES[: LEAVES.index("timestamp(0)")]
"""The same without the values that crash the engine when they are compared."""

_OPERATORS = ["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "in", "&&", "||"]
_FUNCTIONS = ["size", "int", "string", "double", "uint", "lowercase", "date", "json_parse", "nope"]
_METHODS = ["contains", "startsWith", "matches", "size", "getHours", "nope"]
_MACROS = ["all", "exists", "exists_one", "map", "filter"]


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({}) {} ({})".format, inner, st.sampled_from(_OPERATORS), inner),
        st.builds("({}) ? ({}) : ({})".format, inner, inner, inner),
        st.builds("{}({})".format, st.sampled_from(_FUNCTIONS), inner),
        st.builds("({}).{}({})".format, inner, st.sampled_from(_METHODS), inner),
        st.builds("({}).{}(v, ({}) == v)".format, inner, st.sampled_from(_MACROS), inner),
        st.builds("({})[{}]".format, inner, inner),
        st.builds("({}).k".format, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("!({})".format, inner),
        st.builds("-({})".format, inner),
    )


texts = st.recursive(st.sampled_from(LEAVES), _grown, max_leaves=12)
"""Expressions that parse."""

noise = st.lists(
    st.sampled_from([*LEAVES, *_OPERATORS, *"()[]{}.,?:!-\"'`\\$\n", "r'", "//", "é", "in", "0x"]),
    max_size=60,
).map(" ".join)
"""Texts that mostly do not."""

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)

events = st.fixed_dictionaries(
    {
        "data": st.fixed_dictionaries(
            {"list": st.lists(json_values, max_size=3)},
            optional={"a": json_values, "b": json_values, "c": json_values},
        ),
        "ts": st.integers(0, 2**41),
    }
)
"""Events as a producer sends them; `none` is never there, and the others not always."""
