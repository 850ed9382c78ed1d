"""Every rule of the reference on expressions, as a table of its own (flow.md §13.1 and §13.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from dwf_sim.errors import EvaluationError
from dwf_sim.expressions import compile_expression

Answer = Callable[[str], str]
Table = list[tuple[str, str]]


@pytest.mark.rule("B201")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lowercase(event.data.S)", "string abc"),
        ("uppercase(event.data.s)", "string ABC"),
        ("uppercase('straße')", "string STRAßE"),
        ("b64decode('aGk=')", "string hi"),
        ("b64decode('aGk')", "string "),
        ("b64decode(event.data.n)", "string "),
        ("event.data.S.lowercase()", "string abc"),
        ("json_parse(event.data.s)", "map map[]"),
        ("now_plus('1d') == now() + duration('24h')", "bool true"),
        ("now_minus('1h') < now()", "bool true"),
        ("now_plus('nonsense')", "error"),
        ("event.data.s.split(',')", "error"),
    ],
)
def test_the_engine_adds_functions_of_its_own(text: str, expected: str, answer: Answer) -> None:
    assert answer(text) == expected


@pytest.mark.rule("B202")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('r"a\\d"', "bool false"),
        ('b"abc"', "bool false"),
        ('"""abc"""', "bool false"),
        ('"a\\nb"', "string a\\nb"),
        ("'it\\'s'", "string it\\'s"),
        ('"never closed', "string never closed"),
        ('vars.a == "a\\u0041"', "bool false"),
        ('"" + vars.x + "a\\u0041"', "string aA"),
        ("0x1F", "int 31"),
        ("1 // one", "int 1"),
        ('"abc".size()', "int 3"),
    ],
)
def test_literals_are_lifted_out_of_the_text_as_they_are_written(
    text: str, expected: str, answer: Answer
) -> None:
    assert answer(text) == expected


@pytest.mark.rule("B202")
def test_a_whole_double_becomes_an_int_once_the_letters_are_used_up(answer: Answer) -> None:
    # given 26 literals before the one that counts
    padding = " + ".join(["''"] * 26)

    # when the 27th is a double without decimals, then it is written back as an int
    assert answer(f"{padding} == '' && type(2.0) == int") == "bool true"
    assert answer(f"{padding} == '' && 'a\\\\b' == 'a\\\\b'") == "bool true"


@pytest.mark.rule("B203")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("type(event.data.n)", "string double"),
        ("type(event.ts)", "string double"),
        ("event.data.big == 9007199254740993", "bool true"),
        ("event.data.big == 9007199254740992", "bool true"),
        ("type(event.data.nums[0])", "string double"),
        ("type(event.data.t)", "string bool"),
    ],
)
def test_every_number_of_an_event_is_a_double(text: str, expected: str, answer: Answer) -> None:
    assert answer(text) == expected


@pytest.mark.rule("B204")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("async.data.s", "bool false"),
        ("async.data.s == null", "bool true"),
        ("async == null", "error"),
        ("foo == 1", "error"),
        ("foo.bar == 1", "bool false"),
        ("foo.bar != 1", "bool true"),
        ("foo", "error"),
    ],
)
def test_undeclared_names_fail_but_their_fields_are_missing(
    text: str, expected: str, answer: Answer
) -> None:
    assert answer(text) == expected


@pytest.mark.rule("B204")
def test_async_is_the_second_event(event: Mapping[str, object]) -> None:
    # given an expression over both
    expression = compile_expression("event.data.s == async.data.s && async.data.n > 1")

    # when the arriving event matches or not, then so does the expression
    assert expression.truth(event, {"data": {"s": "abc", "n": 2}}) is True
    assert expression.truth(event, {"data": {"s": "abd", "n": 2}}) is False


@pytest.mark.rule("B205")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("event.data.x", "bool false"),
        ("event.data.nul", "null NULL_VALUE"),
        ("date('garbage')", "error"),
        ("1 / 0", "error"),
        ("event.data['x']", "error"),
        ("event.data.arr[9]", "error"),
        ("type(1)", "string int"),
        ("[1, 2]", "[]ref.Val [1 2]"),
        ("{'a': 1}", "map[ref.Val]ref.Val map[a:1]"),
        ("[1] + [2]", "list [1 2]"),
        ("timestamp(0)", "time.Time 1970-01-01 00:00:00 +0000 UTC"),
        ("duration('90s')", "time.Duration 1m30s"),
        ("bytes('hi')", "[]uint8 [104 105]"),
    ],
)
def test_a_result_is_a_value_or_an_error(text: str, expected: str, answer: Answer) -> None:
    assert answer(text) == expected


@pytest.mark.rule("B206")
@pytest.mark.parametrize("text", ["event.data.s", "event.data.n", "event.data.nul", "event.data"])
def test_a_condition_must_be_true_or_false(text: str, event: Mapping[str, object]) -> None:
    with pytest.raises(EvaluationError, match="a condition is true or false"):
        compile_expression(text).truth(event)


@pytest.mark.rule("B206")
def test_a_missing_condition_is_false(event: Mapping[str, object]) -> None:
    assert compile_expression("event.data.x").truth(event) is False
    assert compile_expression("event.data.t").truth(event) is True


_MISSING_TABLE: Table = [
    ("event.data.x == 1", "bool false"),
    ("event.data.x != 1", "bool true"),
    ("event.data.x == null", "bool true"),
    ("event.data.x != null", "bool false"),
    ("event.data.x == event.data.nul", "bool true"),
    ("event.data.nul != event.data.x", "bool false"),
    ("event.data.x == event.data.y", "bool false"),
    ("event.data.x != event.data.y", "bool true"),
    ("event.data.x < 3", "bool true"),
    ("event.data.x <= 3", "bool true"),
    ("event.data.x > 3", "bool false"),
    ("event.data.x >= 3", "bool false"),
    ("3 < event.data.x", "bool false"),
    ("3 <= event.data.x", "bool false"),
    ("3 > event.data.x", "bool true"),
    ("3 >= event.data.x", "bool true"),
    ("event.data.x == false", "bool false"),
    ("event.data.x == true", "bool false"),
    ("event.data.s.k == 1", "bool false"),
    ("event.data.s.k.deeper != 1", "bool true"),
    ("1 / 0 == null", "bool true"),
    ("1 / 0 < 5", "bool true"),
    ("size(event.data) > 0 && event.data.x == null", "bool false"),
    ("event.data.s == 'abc' && event.data.s.k == null", "bool false"),
]


@pytest.mark.rule("B208")
@pytest.mark.parametrize(("text", "expected"), _MISSING_TABLE)
def test_a_missing_path_compares_by_its_table(text: str, expected: str, answer: Answer) -> None:
    assert answer(text) == expected


@pytest.mark.rule("B209")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("event.data.nul == null", "bool true"),
        ("event.data.nul == ''", "bool false"),
        ("event.data.nul == 0", "bool false"),
        ("event.data.nul != false", "bool true"),
        ("event.data.nul < 3", "bool true"),
        ("event.data.nul <= 0", "bool true"),
        ("event.data.nul >= 0", "bool true"),
        ("event.data.nul > 3", "bool false"),
        ("event.data.nul < 'x'", "bool true"),
        ("-1u < event.data.nul", "bool true"),
        ("event.data.nul < 1u", "bool true"),
        ("event.data.nul < true", "error"),
        ("true < event.data.nul", "error"),
        ("event.data.nul < event.data.nums", "error"),
        ("null < null", "error"),
    ],
)
def test_null_is_the_zero_of_the_other_side(text: str, expected: str, answer: Answer) -> None:
    assert answer(text) == expected


@pytest.mark.rule("B210")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!event.data.x", "bool false"),
        ("!(event.data.x)", "bool false"),
        ("!has(event.data.x)", "bool false"),
        ("has(event.data.x) == false", "bool false"),
        ("has(event.data.x)", "bool false"),
        ("has(event.data.s)", "bool true"),
        ("has(event.data.nul)", "bool true"),
        ("has(event.data.x) ? 1 : 2", "int 2"),
        ("has(event.data.x) || event.data.t", "bool true"),
        ("!(event.data.x == 'x')", "bool true"),
        ("!event.data.nul", "error"),
        ("!event.data.s", "error"),
        ("!1", "error"),
        ("!!event.data.t", "bool true"),
        ("event.data.t && !event.data.x", "bool false"),
    ],
)
def test_the_negation_of_missing_is_false(text: str, expected: str, answer: Answer) -> None:
    assert answer(text) == expected


@pytest.mark.rule("B211", "B404")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("event.data.x || event.data.s", "string abc"),
        ("event.data.s || event.data.x", "string abc"),
        ("event.data.x || event.data.y", "bool false"),
        ("event.data.t && event.data.s", "string abc"),
        ("event.data.x && event.data.t", "bool false"),
        ("event.data.zero || event.data.empty", "string "),
        ("event.data.e || 1", "list []"),
        ("event.data.eo && 1", "int 1"),
        ("1 / 0 || true", "bool true"),
        ("true || 1 / 0", "bool true"),
        ("1 / 0 && true", "error"),
        ("false || 1 / 0", "error"),
        ("1 / 0 || false", "bool false"),
        ("'' || 0 || null || 'last'", "string last"),
        ("1 && 's' && 0 && 2", "int 0"),
    ],
)
def test_logic_has_the_truth_of_javascript(text: str, expected: str, answer: Answer) -> None:
    assert answer(text) == expected


@pytest.mark.rule("B212")
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("event.data.x", "string no"),
        ("event.data.empty", "string no"),
        ("0", "string no"),
        ("0.0", "string no"),
        ("event.data.nul", "string no"),
        ("1 / 0", "string no"),
        ("date('garbage')", "string no"),
        ("event.data.e", "string yes"),
        ("event.data.eo", "string yes"),
        ("'x'", "string yes"),
        ("event.data.t", "string yes"),
    ],
)
def test_a_ternary_takes_any_condition(condition: str, expected: str, answer: Answer) -> None:
    assert answer(f"{condition} ? 'yes' : 'no'") == expected


@pytest.mark.rule("B213")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("event.data.n + 1", "string 11"),
        ("event.data.n + 1.0", "double 2"),
        ("1 + 1.5", "string 11.5"),
        ("event.data.s + 1", "string abc1"),
        ("event.data.nul + 'x'", "string NULL_VALUEx"),
        ("event.data.nums + 'x'", "string [1 2 3]x"),
        ("[1] + 'x'", "string [1]x"),
        ("event.data.x + 'x'", "string x"),
        ("'x' + event.data.x", "string x"),
        ("event.data.x + event.data.y", "bool false"),
        ("event.data.nums[9] + 'x'", "string index out of bounds: 9x"),
        ("true + true", "error"),
        ("true + 1", "string true1"),
        ("[1] + [] + ['a']", "list [1 a]"),
        ("9223372036854775807 + 1", "error"),
        ("1u + 2u", "uint 3"),
        ("bytes('a') + bytes('b')", "[]uint8 [97 98]"),
        (
            "timestamp('9999-12-31T23:59:59Z') + duration('1s')",
            "string 9999-12-31 23:59:59 +0000 UTC1s",
        ),
        ("duration('1h') + timestamp(0)", "time.Time 1970-01-01 01:00:00 +0000 UTC"),
    ],
)
def test_plus_adds_one_type_and_joins_two_as_text(text: str, expected: str, answer: Answer) -> None:
    assert answer(text) == expected


@pytest.mark.rule("B214")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("event.data.i - 1", "error"),
        ("event.data.i - 1.0", "double 4"),
        ("event.data.i * 2.0", "double 10"),
        ("event.data.i % 2.0", "error"),
        ("5 / 2", "int 2"),
        ("-5 / 2", "int -2"),
        ("-5 % 3", "int -2"),
        ("5 % -3", "int 2"),
        ("1 / 0", "error"),
        ("1 % 0", "error"),
        ("5.0 / 0.0", "double +Inf"),
        ("-5.0 / 0.0", "double -Inf"),
        ("0.0 / 0.0", "double NaN"),
        ("9223372036854775807 * 2", "error"),
        ("-9223372036854775808 / -1", "error"),
        ("-9223372036854775808 - 1", "error"),
        ("-(-9223372036854775808)", "error"),
        ("1u - 2u", "error"),
        ("7u / 2u", "uint 3"),
        ("7u % 2u", "uint 1"),
        ("-1u", "error"),
        ("-event.data.f", "double -1.5"),
        ("timestamp(10) - timestamp(4)", "time.Duration 6s"),
        ("timestamp(10) - duration('4s')", "time.Time 1970-01-01 00:00:06 +0000 UTC"),
        ("timestamp('9999-12-31T23:59:59Z') - duration('-1s')", "error"),
        ("event.data.x - 1", "bool false"),
    ],
)
def test_other_arithmetic_needs_one_type(text: str, expected: str, answer: Answer) -> None:
    assert answer(text) == expected


@pytest.mark.rule("B215")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("event.data.n == 1", "bool true"),
        ("1 == 1u", "bool true"),
        ("1 == 1.0", "bool true"),
        ("2u > 1.5", "bool true"),
        ("-1 < 1u", "bool true"),
        ("'5' == 5", "bool false"),
        ("'5' != 5", "bool true"),
        ("'5' < 5", "error"),
        ("true == 1", "bool false"),
        ("false < true", "bool true"),
        ("event.data.nums == [1, 2, 3]", "bool true"),
        ("event.data.obj == {'k': 'v', 'n': {'m': 2}}", "bool true"),
        ("event.data.obj == {'k': 'v'}", "bool false"),
        ("[1] == [1, 2]", "bool false"),
        ("[null] == [null]", "bool true"),
        ("0.0 / 0.0 == 0.0 / 0.0", "bool false"),
        ("0.0 / 0.0 < 1.0", "error"),
        ("bytes('a') < bytes('b')", "bool true"),
        ("event.data.nums < event.data.nums", "error"),
        ("type(1) == int", "bool true"),
        ("timestamp(0) == timestamp('1970-01-01T01:00:00+01:00')", "bool true"),
    ],
)
def test_numbers_compare_across_types_and_others_do_not(
    text: str, expected: str, answer: Answer
) -> None:
    assert answer(text) == expected


@pytest.mark.rule("B216")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 in event.data.nums", "bool true"),
        ("1.0 in [1, 'a']", "bool true"),
        ("'a' in event.data.x", "bool false"),
        ("event.data.x in ['a']", "bool false"),
        ("'k' in event.data.obj", "bool true"),
        ("1.0 in {1: 2}", "bool true"),
        ("'a' in 'abc'", "error"),
        ("event.data.x.exists(v, v == 1)", "bool false"),
        ("event.data.x.all(v, v == 1)", "bool false"),
        ("event.data.nums.exists(v, v == 2)", "bool true"),
        ("event.data.nums.all(v, v > 0)", "bool true"),
        ("event.data.nums.exists_one(v, v > 2)", "bool true"),
        ("event.data.nums.filter(v, v > 1)", "[]ref.Val [2 3]"),
        ("event.data.nums.map(v, v > 1, v + 0.5)", "[]ref.Val [2.5 3.5]"),
        ("event.data.arr.map(v, v.k)", "string []" + "no such key: k" * 3),
        ("event.data.s.all(v, true)", "error"),
        ("size(event.data.x)", "int 0"),
        ("event.data.x.size()", "int 0"),
        ("event.data.x.contains('a')", "bool false"),
        ("event.data.s.contains(event.data.x)", "bool false"),
        ("event.data.nul.contains('a')", "error"),
        ("size(event.data.nul)", "error"),
        ("size(event.data.n)", "error"),
        ("size('é')", "int 1"),
        ("size(event.data.obj)", "int 2"),
        ("lowercase(event.data.x)", "bool false"),
        ("lowercase(event.data.n)", "string "),
        ("event.data['x'] == 'a'", "bool false"),
        ("event.data.arr[5] == 'a'", "bool false"),
        ("event.data.arr[-1] == null", "bool true"),
        ("event.data.arr[1.0]", "string b"),
        ("event.data.arr[event.data.n]", "string b"),
        ("event.data.arr[1.5]", "error"),
        ("event.data.s[0]", "error"),
        ("{'a': 1}.a", "int 1"),
        ("{'a': 1}['b']", "error"),
        ("(event.data.t ? event.data.obj : event.data.eo).k", "string v"),
        ("int(event.data.x)", "bool false"),
        ("int('12')", "int 12"),
        ("int('1.5')", "error"),
        ("int(-1.9)", "int -1"),
        ("int(1e30)", "error"),
        ("uint(-1)", "error"),
        ("double('1e3')", "double 1000"),
        ("double('1_0')", "error"),
        ("bool('T')", "bool true"),
        ("bool('yes')", "error"),
        ("int(true)", "error"),
        ("string(bytes('é'))", "string é"),
        ("event.data.s.matches('^a.c$')", "bool true"),
        ("event.data.s.matches('[')", "error"),
        ("event.data.s.matches('(a+)+$')", "bool false"),
        ("event.data.s.startsWith('ab') && event.data.s.endsWith('bc')", "bool true"),
        ("event.data.n.startsWith('a')", "error"),
    ],
)
def test_collections_texts_and_conversions(text: str, expected: str, answer: Answer) -> None:
    assert answer(text) == expected


@pytest.mark.rule("B217")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("date('2024-01-02T03:04:05Z')", "time.Time 2024-01-02 03:04:05 +0000 UTC"),
        ("date('2024-01-02T03:04:05.25+05:30')", "time.Time 2024-01-02 03:04:05.25 +0530 +0530"),
        ("date('2024-01-02T03:04:05')", "time.Time 2024-01-02 03:04:05 +0000 UTC"),
        ("date('Tue, 02 Jan 2024 03:04:05 GMT')", "time.Time 2024-01-02 03:04:05 +0000 GMT"),
        ("date('02 Jan 24 03:04 MST')", "time.Time 2024-01-02 03:04:00 +0000 MST"),
        ("date('02 Jan 24 03:04 -0700')", "time.Time 2024-01-02 03:04:00 -0700 -0700"),
        ("date('Tuesday, 02-Jan-24 03:04:05 UTC')", "time.Time 2024-01-02 03:04:05 +0000 UTC"),
        ("date('Tue Jan 02 03:04:05 +0200 2024')", "time.Time 2024-01-02 03:04:05 +0200 +0200"),
        ("date('Tue Jan  2 03:04:05 UTC 2024')", "time.Time 2024-01-02 03:04:05 +0000 UTC"),
        ("date('Tue Jan  2 03:04:05 2024')", "time.Time 2024-01-02 03:04:05 +0000 UTC"),
        ("date('Jan  2 03:04:05.123')", "time.Time 0000-01-02 03:04:05.123 +0000 UTC"),
        ("date('2024-02-29')", "time.Time 2024-02-29 00:00:00 +0000 UTC"),
        ("date('2023-02-29')", "error"),
        ("date('garbage')", "error"),
        ("date(946684799)", "error"),
        ("date(1700000000)", "time.Time 2023-11-14 22:13:20 +0000 UTC"),
        ("date(1700000000123)", "time.Time 2023-11-14 22:13:20.123 +0000 UTC"),
        ("date(event.ts)", "error"),
        ("date(int(event.ts)) > date('2023-01-01')", "bool true"),
        ("date(event.data.x) > date('2023-01-01')", "error"),
        ("event.data.iso > date('2023-01-01')", "error"),
        ("date('2024-01-02').getDayOfWeek()", "int 2"),
        ("date('2024-03-01').getDayOfYear()", "int 60"),
        ("date('2024-03-01').getMonth()", "int 2"),
        ("date('2024-03-05').getDate() - date('2024-03-05').getDayOfMonth()", "int 1"),
        ("timestamp('2024-07-01T00:00:00Z').getHours('America/New_York')", "int 20"),
        ("timestamp('2024-07-01T00:00:00Z').getHours('-02:30')", "int 21"),
        ("timestamp('2024-07-01T00:00:00Z').getHours('No/Where')", "error"),
        ("duration('90m').getHours()", "int 1"),
        ("duration('-1.5s').getMilliseconds()", "int -1500"),
        ("duration('1d')", "error"),
        ("string(timestamp('2024-01-02T03:04:05.100Z'))", "string 2024-01-02T03:04:05.1Z"),
        ("string(duration('90m'))", "string 5400s"),
        ("timestamp('2024-01-02')", "error"),
        ("int(timestamp('1970-01-01T00:00:05Z'))", "int 5"),
    ],
)
def test_dates_and_durations(text: str, expected: str, answer: Answer) -> None:
    assert answer(text) == expected


@pytest.mark.rule("B218")
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0"),
        (1, "1"),
        (-3, "-3"),
        (0.1, "0.1"),
        (1.5, "1.5"),
        (999999, "999999"),
        (1000000, "1e+06"),
        (12345678, "1.2345678e+07"),
        (2097152, "2.097152e+06"),
        (1e-4, "0.0001"),
        (1e-5, "1e-05"),
        (1e-7, "1e-07"),
        (1e21, "1e+21"),
        (1e100, "1e+100"),
        (-0.0, "-0"),
        (10**400, "+Inf"),
        (True, "true"),
        (False, "false"),
        (None, "NULL_VALUE"),
        ("", ""),
        ([1, "a", None, [2]], "[1 a <nil> [2]]"),
        ({"b": 1, "a": None, "c": [1]}, "map[a:<nil> b:1 c:[1]]"),
        ("\ud800", "\ufffd"),
    ],
)
def test_the_text_of_a_key_is_what_go_prints(value: object, expected: str) -> None:
    assert compile_expression("event.data.k").key({"data": {"k": value}}) == expected


@pytest.mark.rule("B218")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[1, null, 'a', 1.5, true]", "[1 0 a 1.5 true]"),
        ("[[1, 2], event.data.arr]", "[[1, 2] [a, b, 1]]"),
        ("[event.data.obj]", "[{k: v, n: {m: 2}}]"),
        ("[{'a': null}]", "[{a: 0}]"),
        ("{'b': [1, 2], 'a': null}", "map[a:0 b:[1, 2]]"),
        ("[null] + [[1, 2]]", "[NULL_VALUE [1 2]]"),
        ("[type([])]", "[list(dyn)]"),
        ("[timestamp(0), duration('1ms')]", "[1970-01-01 00:00:00 +0000 UTC 1ms]"),
        ("string(event.data.million)", "1e+06"),
        ("string(int(event.data.million))", "1000000"),
    ],
)
def test_lists_and_maps_of_the_text_print_by_other_rules(
    text: str, expected: str, event: Mapping[str, object]
) -> None:
    assert compile_expression(text).key(event) == expected


@pytest.mark.rule("B219")
@pytest.mark.parametrize(
    ("text", "declines"),
    [
        ("event.data.x", True),
        ("event.data.fa", True),
        ("event.data.s == 'z'", True),
        ("'false'", False),
        ("event.data.zero", False),
        ("event.data.empty", False),
        ("event.data.nul", False),
    ],
)
def test_only_the_boolean_false_opts_out(
    text: str, declines: bool, event: Mapping[str, object]
) -> None:
    assert compile_expression(text).declines(event) is declines


@pytest.mark.rule("B220")
@pytest.mark.parametrize("text", ["'openai'", '"openai"'])
def test_a_constant_key_may_have_either_quote(text: str, event: Mapping[str, object]) -> None:
    assert compile_expression(text).key(event) == "openai"
