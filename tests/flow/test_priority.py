"""Priority: how many seconds earlier a run counts as created."""

from __future__ import annotations

import pytest

from dwf_sim.flow.priority import Priorities
from dwf_sim.model.flow_control import Priority
from tests.flow.door import NOW, arrival


@pytest.mark.rule("B115", "B116", "B122", "B207", "B400")
@pytest.mark.parametrize(
    ("run", "seconds"),
    [
        ("120", 120),
        ("-120", -120),
        ("43200", 43_200),
        ("999999", 43_200),
        ("-999999", -43_200),
        ("int(event.data.n)", 7),
        ("int(event.data.fraction)", 2),
        ("event.data.n > 5.0 ? 60 : 0", 60),
        ("event.data.n", 0),
        ("7.0", 0),
        ("'7'", 0),
        ("true", 0),
        ("event.data.missing", 0),
        ("event.data.nothing", 0),
        ("1 / 0", 0),
        ("int('seven')", 0),
        ("(((", 0),
    ],
)
def test_only_a_whole_number_counts_and_no_more_than_twelve_hours(run: str, seconds: int) -> None:
    data = {"n": 7, "fraction": 2.9, "nothing": None}

    head_start = Priorities().head_start_ms(NOW, arrival(data, priority=Priority(run=run)))

    assert head_start == seconds * 1000


def test_a_function_without_a_priority_has_no_head_start() -> None:
    assert Priorities().head_start_ms(NOW, arrival()) == 0
    assert Priorities().gates(NOW, arrival(priority=Priority(run="1"))) == ()
