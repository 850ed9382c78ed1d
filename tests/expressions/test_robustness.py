"""Any text is parsed or refused within a bounded number of steps, and nothing else ever happens.

`make soak` does 10,000 texts, `make test` a few; lengths are spread evenly over the powers of ten
up to 10,000 characters.
"""

from __future__ import annotations

import os
import random
import sys
from types import FrameType

import pytest

from dwf_sim.errors import EvaluationError, ExpressionError
from dwf_sim.expressions import check, check_parses, check_restricted, compile_expression
from tests.expressions.generated import LEAVES

TEXTS = int(os.environ.get("DWF_TEXTS", "20"))
LENGTH_MAX = 10_000
# Function calls, Python's and C's, for parsing, three checks and one evaluation.
STEPS_FIXED, STEPS_PER_CHARACTER = 20_000, 1_500
WORDS = (
    *LEAVES, *"+-*/%<>!?:.,()[]{}", "==", "!=", "<=", ">=", "&&", "||", "in", "has(", "size(",
    "x.all(y, ", "'", '"', "r'", "b'", "\\", "//", "\n", "é", "\0", "0x1F", "1e9", "ÿ" * 7,
)  # fmt: skip
EVENT = {"data": {"a": 1, "b": "x", "list": [1, "a", None], "c": {"d": 2}}, "ts": 5, "user": {}}


def make_text(chance: random.Random) -> str:
    """Make a text: a soup of words, a sum of good terms, or one of them with a hole in it."""
    length = int(LENGTH_MAX ** chance.random())
    glue = chance.choice((" ", "", " && ", " || ", " + ", " == "))
    words: list[str] = []
    size = 0
    while size < length:
        words.append(chance.choice(WORDS if glue in (" ", "") else LEAVES))
        size += len(words[-1]) + len(glue)
    text = glue.join(words)[:length]
    if chance.random() < 0.3 and text:
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice(WORDS) + text[at + 1 :]
    return text[:LENGTH_MAX]


def steps_of(text: str) -> int:
    """Do everything that is done with an expression, and count the function calls."""
    count = 0

    def note(frame: FrameType, event: str, arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    compile_expression.cache_clear()
    sys.setprofile(note)
    try:
        for act in (check, check_restricted, check_parses, _evaluate):
            try:
                act(text)
            except (ExpressionError, EvaluationError):
                continue
    finally:
        sys.setprofile(None)
    return count


def _evaluate(text: str) -> None:
    compile_expression(text).evaluate(EVENT, EVENT)


def test_any_text_is_dealt_with_in_a_bounded_number_of_steps() -> None:
    chance = random.Random(20_261_120)
    check("event.data.a == 1.0")  # The parser itself is built once.

    for number in range(TEXTS):
        text = make_text(chance)
        steps = steps_of(text)
        assert steps <= STEPS_FIXED + STEPS_PER_CHARACTER * len(text), (number, text[:200])


@pytest.mark.parametrize("length", [10, 1000])
def test_the_generator_makes_texts_of_every_length_and_some_that_parse(length: int) -> None:
    chance = random.Random(1)
    texts = [make_text(chance) for _ in range(300)]

    assert any(len(text) <= length for text in texts)
    assert any(len(text) > length for text in texts)
    assert 10 < sum(_parses(text) for text in texts if len(text) < 200) < 290


def _parses(text: str) -> bool:
    try:
        check_parses(text)
    except ExpressionError:
        return False
    return True
