"""What registration accepts and refuses (B220 to B224)."""

from __future__ import annotations

import pytest

from dwf_sim.errors import ExpressionError
from dwf_sim.expressions import check, check_parses, check_restricted, compile_expression


@pytest.mark.rule("B221")
@pytest.mark.parametrize(
    "text",
    [
        "event.data.x == 1",
        "event.data.s + 1 + null",
        "1 < 'a'",
        "event.data.t ? 'a' : event.data.x",
        "event.data.x || event.data.y",
        "size([1, 'a'])",
        "[].map(x, x) == []",
        "[1, 2].filter(x, x > 1).exists(y, y == 'a')",
        "event.data.items.all(i, i.price > 1 && has(i.name))",
        "{'a': 1, 2: 'b'}['a']",
        "timestamp('x') + duration('1h') > now()",
        "date(event.ts).getHours('UTC')",
        "type(1) == int && type(now()) == google.protobuf.Timestamp",
        "null == [] || event == vars",
        "event['data'].x",
        "b'a\\xff' == bytes('a')",
        "r'\\d' == '''a\nb'''",
        "[1, 2,] == [,]",
        "!!true && --1 == 1",
        ".event.data.x",
    ],
)
def test_the_full_check_accepts(text: str) -> None:
    check(text)


@pytest.mark.rule("B221")
@pytest.mark.parametrize(
    "text",
    [
        "openai",
        "foo == 1",
        "steps.a",
        "unknownfn(1)",
        "event.data.s.charAt(0)",
        "true ? 'a' : 1",
        "event.data.x || 'lit'",
        "1 && true",
        "!1",
        "-'a'",
        "-true",
        "1 - 1.0",
        "'a' * 2",
        "2.0 % 1.0",
        "size(1)",
        "size(null)",
        "'a'.contains(1)",
        "contains('a', 'b')",
        "'a'.lowercase()",
        "1 in event",
        "'a' in [1]",
        "[1][1.0]",
        "'abc'.foo",
        "has('abc'.foo)",
        "'abc'.all(x, true)",
        "[1].filter(x, x)",
        "int(true)",
        "now(1)",
        "x{a: 1}",
        "[1].exists(x, x.y == 1)",
    ],
)
def test_the_full_check_refuses_what_has_no_type(text: str) -> None:
    with pytest.raises(ExpressionError):
        check(text)


@pytest.mark.rule("B222")
@pytest.mark.parametrize(
    "text",
    [
        "event.data.x == async.data.x",
        "event.data.x != null && !(async.data.y >= 1.5) || 'a' in event.data.tags",
        "event.data.t ? event.data.a == 1 : event.data['b'] == -1",
        "int(event.data.x) == 1",
        "[1 + 1] == event.data.x",
        "{'a': size('b')} == event.data.x",
    ],
)
def test_a_cancellation_may_compare(text: str) -> None:
    check_restricted(text)


@pytest.mark.rule("B222")
@pytest.mark.parametrize(
    "text",
    [
        "event.data.x + 1 == 2",
        "-event.data.x == 1",
        "has(event.data.x)",
        "event.data.tags.exists(x, x == 'a')",
        "size(event.data.x) == 1",
        "event.data.x.contains('a')",
        "string(event.data.x) == '1'",
        "date(event.data.x) > now()",
        "foo == 1",
        "event.data.x ==",
    ],
)
def test_a_cancellation_may_not_compute(text: str) -> None:
    with pytest.raises(ExpressionError):
        check_restricted(text)


@pytest.mark.rule("B223")
@pytest.mark.parametrize("text", ["openai", "foo + 1", "unknownfn(1)", '"open'])
def test_the_weakest_check_reads_the_lifted_text(text: str) -> None:
    check_parses(text)


@pytest.mark.rule("B223")
@pytest.mark.parametrize("text", ["(((", "a =", "size(1, 2)", "unknownfn()", "x{a: 1}", ""])
def test_the_weakest_check_refuses_what_cannot_be_compiled(text: str) -> None:
    with pytest.raises(ExpressionError):
        check_parses(text)


@pytest.mark.rule("B224")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "{{ event.data.x }}",
        "a = b",
        "a === b",
        "event.?data",
        "event[?'a']",
        "a & b",
        "'a",
        "'a\\d'",
        "'\\ud800'",
        "b'\\u0041'",
        "9223372036854775808",
        "1e999",
        "18446744073709551616u",
        "event.in",
        "event.true",
        "for == 1",
        "event.`a`",
        "has(1)",
        "[1].map(1, 2)",
        "[1].all(__result__, true)",
        "f(1,)",
        "event.data[1,]",
        "!-event.ts",
        "-!true",
        "1 + + 1",
        "a ? b",
        "a ? b : ",
        "\u00a0true",
    ],
)
def test_what_the_grammar_does_not_have_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        check(text)


@pytest.mark.rule("B224")
def test_a_refusal_says_what_was_given_and_what_to_do() -> None:
    # given a template, the commonest mistake
    text = "{{ event.data.x }}"

    # when it is checked
    with pytest.raises(ExpressionError) as refusal:
        check(text)

    # then the text says where, what is allowed and what to do
    assert "not well formed at token" in str(refusal.value)
    assert "check its operators and brackets" in str(refusal.value)


def test_compiling_twice_gives_the_same_expression() -> None:
    assert compile_expression("event.data.x == 1") is compile_expression("event.data.x == 1")
