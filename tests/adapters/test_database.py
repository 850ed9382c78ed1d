"""SQL as effects: what a commit makes durable, and what a crash leaves behind."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import dwf_sim as dwf
from dwf_sim import crash
from dwf_sim.adapters.database import EffectConnection
from dwf_sim.effects import Verdict
from dwf_sim.sim.activity import ACTIVITY

INSERT = "INSERT INTO orders VALUES (1)"


def database(ledger: dwf.Ledger, **settings: Any) -> EffectConnection:
    """A database with one table."""
    real = sqlite3.connect(":memory:")
    real.execute("CREATE TABLE orders (id INTEGER)")
    return EffectConnection(ledger, real, **settings)


def played(plan: Any, save: Callable[[EffectConnection], object], **settings: Any) -> list[Verdict]:
    """Run a function of one step that writes; judge its effects."""
    ledger, app = dwf.Ledger("db"), dwf.App("shop")
    connection = database(ledger, **settings)

    @app.create_function(fn_id="f", trigger=dwf.TriggerEvent(event="go"))
    async def f(ctx: dwf.Context) -> None:
        await ctx.step.run("save", save, connection)

    sim = dwf.Simulation(faults=plan).serve(app)
    sim.send("go")
    sim.run_until_idle()
    return ledger.verdicts()


def insert(connection: EffectConnection) -> None:
    with connection:
        connection.execute(INSERT)


def test_a_commit_is_the_effect_and_names_what_it_changed() -> None:
    def save(connection: EffectConnection) -> int:
        connection.execute("/* two */ " + INSERT)
        connection.executemany("INSERT INTO orders VALUES (?)", [(2,), (3,)])
        connection.execute("UPDATE orders SET id = 4 WHERE id = 3")
        connection.commit()
        (count,) = connection.execute("SELECT count(*) FROM orders").fetchone()
        return int(count)

    assert [(v.operation, v.verdict) for v in played([], save)] == [
        ("INSERT orders (2 times); UPDATE orders", "once")
    ]


def test_an_insert_is_duplicated_unless_a_key_says_that_it_is_not() -> None:
    plan = crash.after_effect("save")

    bare = played(plan, insert)
    keyed = played(plan, insert, key=lambda *_: "order-1")

    assert [v.verdict for v in bare] == ["duplicated"]
    assert [(v.key, v.verdict) for v in keyed] == [("order-1", "at least once")]


def test_a_statement_that_changes_no_row_is_no_effect() -> None:
    def save(connection: EffectConnection) -> None:
        with connection:
            connection.execute(
                "INSERT INTO orders SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM orders)"
            )

    assert [v.verdict for v in played(crash.after_effect("save"), save)] == ["once"]


def test_what_is_rolled_back_has_not_happened() -> None:
    def save(connection: EffectConnection) -> None:
        connection.execute(INSERT)
        connection.rollback()
        connection.commit()

    assert played([], save) == []


def test_without_transactions_each_statement_is_an_effect_at_once() -> None:
    def save(connection: EffectConnection) -> None:
        connection.isolation_level = None
        connection.execute(INSERT)
        connection.execute("BEGIN")
        connection.execute("DELETE FROM orders")
        connection.execute("COMMIT")

    assert [v.operation for v in played([], save)] == ["INSERT orders", "DELETE orders"]


def test_a_transaction_that_a_dead_worker_left_open_is_rolled_back() -> None:
    counts: list[int] = []

    def save(connection: EffectConnection) -> None:
        counts.append(connection.execute("SELECT count(*) FROM orders").fetchone()[0])
        connection.execute(INSERT)
        activity = ACTIVITY.get()
        assert activity is not None
        if len(counts) == 1:
            activity.bury()
        connection.commit()

    verdicts = played([], save)

    assert counts == [0, 0]
    assert [v.verdict for v in verdicts] == ["once"]


def test_a_statement_may_be_broken_into_lines_anywhere() -> None:
    def save(connection: EffectConnection) -> None:
        connection.execute("WITH\n x AS (SELECT 1 AS a)\nINSERT INTO orders SELECT a FROM x")
        connection.execute("COMMIT\nTRANSACTION")

    assert [(v.operation, v.verdict) for v in played(crash.after_effect("save"), save)] == [
        ("INSERT orders", "duplicated")
    ]
