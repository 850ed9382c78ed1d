"""Every rule of the reference is shown by a test, planned, or not modelled for a reason."""

from __future__ import annotations

from tests.rules import fidelity
from tests.rules.ledger import read_citations, read_table, read_titles, standings


def test_every_rule_is_shown_or_planned_or_left_out_for_a_reason() -> None:
    lost = [s.rule for s in standings() if not (s.tests or s.planned or s.reason)]

    assert lost == [], f"no test cites {lost}, and tests/rules/unmodelled.toml does not name them"


def test_tests_and_table_name_only_rules_that_exist() -> None:
    known = read_titles()
    named = [*read_citations(), *(rule for entry in read_table() for rule in entry["rules"])]

    unknown = sorted({rule for rule in named if rule not in known})

    assert unknown == []


def test_the_fidelity_page_is_what_make_fidelity_writes() -> None:
    assert fidelity.PAGE.read_text("utf-8") == fidelity.page(), "run `make fidelity`"
