"""What a registration is refused for is compared sentence by sentence, and so are its answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest

from dwf_sim.conformance.conforming import judge
from dwf_sim.conformance.playing import DRIVERS
from dwf_sim.conformance.recordings import Recording, read_recording
from dwf_sim.conformance.refusals import sentences_of
from tests.conformance.made import function

HERE = Path(__file__).parent
ENV, LIMIT = (
    "A concurrency key must be specified for Env scoped limits",
    "limit must be greater than 0",
)
BAD_RATE = {"rate_limit": {"limit": 0, "period": "5s"}}
BAD_LIMIT = {"concurrency": [{"limit": 1, "scope": "env"}]}


def case(name: str, **sync: Any) -> Recording:
    """A recording whose registration answered something else."""
    given = read_recording(HERE / "oracle" / f"{name}.json")
    return attrs.evolve(
        given, observed={**given.observed, "sync": {**given.observed["sync"], **sync}}
    )


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize(
    ("name", "sync", "place"),
    [
        ("config_rate_limit_0", {}, None),
        ("config_rate_limit_0", {"detail": "1 errors occurred: * limit must be"}, "sync.detail"),
        ("config_rate_limit_0", {"detail": "1 errors occurred: * "}, "sync.detail"),
        ("config_rate_limit_0", {"detail": f"{LIMIT}!"}, "sync.detail"),
        ("config_rate_limit_0", {"status": 400}, "sync.status"),
        ("config_rate_limit_0", {"body": {"error": "no", "status": 400}}, "sync.body.error"),
        ("config_name_empty", {"status": 200}, "sync.status"),
        ("config_batch_size_1", {"detail": "batch size cannot be smaller than 2"}, "sync.detail"),
        ("plain", {"body": {"ok": False}}, "sync.body.ok"),
        ("plain", {"status": 201}, "sync.status"),
    ],
)
def test_the_whole_answer_of_a_registration_is_compared(
    driver: str, name: str, sync: dict[str, Any], place: str | None
) -> None:
    found = judge(case(name, **sync), driver).difference

    assert (None if found is None else found.partition(": ")[0]) == place


@pytest.mark.parametrize(
    "changes", [{"message": "other"}, {"name": "TypeError"}], ids=["message", "name"]
)
def test_what_the_sdk_refuses_it_refuses_in_its_words(changes: dict[str, str]) -> None:
    name = "config_retries_negative"
    error = {**case(name).observed["sync"]["sdk_error"], **changes}

    assert judge(case(name), "inngest").passed
    assert not judge(case(name, sdk_error=error), "inngest").passed
    assert judge(case(name, sdk_error=error), "native").passed  # It has no words of the SDK.


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize(
    "functions",
    [
        [function(**BAD_RATE, **BAD_LIMIT)],
        [function(**BAD_RATE), {**function(**BAD_LIMIT), "id": "g"}],
    ],
    ids=["of one function", "of two"],
)
@pytest.mark.parametrize(
    ("sentences", "passes"),
    [((ENV, LIMIT), True), ((LIMIT, ENV), True), ((ENV, "other"), False), ((ENV,), False)],
)
def test_each_of_several_errors_is_required(
    driver: str, functions: list[Any], sentences: tuple[str, ...], passes: bool
) -> None:
    detail = f"{len(sentences)} errors occurred: * {' * '.join(sentences)}"
    given = attrs.evolve(case("config_rate_limit_0", detail=detail), functions=functions)

    assert judge(given, driver).passed is passes


def test_a_star_inside_of_a_sentence_is_no_second_one() -> None:
    assert sentences_of("1 errors occurred: * '* * * *' is bad") == ["'* * * *' is bad"]
    assert sentences_of("2 errors occurred: * a * b") == ["a", "b"]


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize(
    "broken", [{"triggers": [{"nope": 1}]}, {"rate_limit": {"colour": 1}}], ids=str
)
def test_what_only_our_own_builder_cannot_make_is_no_refusal(
    driver: str, broken: dict[str, Any]
) -> None:
    for name in ("config_retries_negative", "config_cancel_macro_cel"):
        given = attrs.evolve(case(name), functions=[function(**broken)])

        assert not judge(given, driver).passed


def test_a_setting_that_the_native_driver_has_no_word_for_is_no_refusal() -> None:
    odd = function(raw_config={"colour": 1})
    given = attrs.evolve(case("config_retries_negative"), functions=[odd])

    found = judge(given, "native").difference

    assert found is not None
    assert found.startswith("it cannot be played: the native driver has no word for colour")
