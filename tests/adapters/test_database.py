"""SQL as effects: what a commit makes durable, and what a crash leaves behind."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any

import dwf_sim as dwf
from dwf_sim import crash
from dwf_sim.adapters.database import EffectConnection
from dwf_sim.effects import Verdict
from dwf_sim.model.records import RetryScheduled
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


def shared(handlers: dict[str, Callable[[], Any]], *faults: dwf.Fault) -> dwf.Simulation:
    """Run a function for each of these step bodies, in one step each, at the same time."""
    app = dwf.App("shop")
    for name, body in handlers.items():

        async def run(ctx: dwf.Context, name: str = name, body: Callable[[], Any] = body) -> object:
            return await ctx.step.run(name, body)

        app.create_function(fn_id=name, trigger=dwf.TriggerEvent(event="go"))(run)
    sim = dwf.Simulation(faults=faults).serve(app)
    sim.send("go")
    sim.run_until_idle()
    return sim


def writes(connection: EffectConnection, number: int, *naps: float) -> Callable[[], Any]:
    """Make the body of a step that writes a row, takes naps, and commits."""

    async def body() -> None:
        connection.execute(f"INSERT INTO orders VALUES ({number})")
        for nap in naps:
            await asyncio.sleep(nap)
        connection.commit()

    return body


def rows(connection: EffectConnection) -> list[int]:
    return sorted(number for (number,) in connection.execute("SELECT id FROM orders"))


def test_what_shares_a_transaction_with_a_dead_worker_is_rolled_back_and_told_so() -> None:
    ledger = dwf.Ledger("db")
    connection = database(ledger)
    bodies = {"first": writes(connection, 1, 1, 1), "second": writes(connection, 2, 2)}

    sim = shared(bodies, crash.inside("first", at_await=2))

    assert rows(connection) == [1, 2]
    assert [v.verdict for v in ledger.verdicts()] == ["once", "once"]
    second = next(run for run in sim.runs if run.function_id == "shop-second")
    assert [
        record.error
        for record in sim.trace.of(RetryScheduled)
        if record.run == second.id and "worker of another request died" in record.error
    ]


def test_one_that_has_written_nothing_does_not_lose_its_connection() -> None:
    ledger = dwf.Ledger("db")
    connection = database(ledger)

    async def later() -> None:
        await asyncio.sleep(3)
        await writes(connection, 2)()

    sim = shared({"first": writes(connection, 1, 1), "later": later}, crash.inside("first"))

    assert rows(connection) == [1, 2]
    later_id = next(run.id for run in sim.runs if run.function_id == "shop-later")
    assert [record for record in sim.trace.of(RetryScheduled) if record.run == later_id] == []


def test_a_commit_of_what_another_run_has_written_is_told_of() -> None:
    ledger = dwf.Ledger("db")
    connection = database(ledger)

    sim = shared({"first": writes(connection, 1, 2), "second": writes(connection, 2, 1)})

    (warning,) = sim.warnings
    assert "what was written by step 'first' of shop-first#1, which shares" in warning
    assert rows(connection) == [1, 2]


def test_a_transaction_that_only_reads_is_rolled_back_too() -> None:
    ledger = dwf.Ledger("db")
    connection = database(ledger)
    connection.isolation_level = None

    async def body() -> None:
        connection.execute("BEGIN")
        await asyncio.sleep(1)
        connection.execute("COMMIT")

    sim = shared({"reads": body}, crash.inside("reads"))

    assert [run.status for run in sim.runs] == ["completed"]
    assert len(sim.trace.of(RetryScheduled)) == 1


def test_rolling_back_what_is_lost_already_is_no_error() -> None:
    ledger = dwf.Ledger("db")
    connection = database(ledger)

    async def second() -> str:
        connection.execute("INSERT INTO orders VALUES (2)")
        await asyncio.sleep(2)
        connection.rollback()
        return "rolled back"

    sim = shared({"first": writes(connection, 1, 1), "second": second}, crash.inside("first"))

    assert [run.output for run in sim.runs] == [None, "rolled back"]
    assert rows(connection) == [1]


def test_what_a_worker_has_left_open_that_died_after_its_answer_is_rolled_back() -> None:
    ledger = dwf.Ledger("db")
    connection = database(ledger)

    shared({"f": lambda: connection.execute(INSERT) and None}, crash.after_ack("f"))

    assert rows(connection) == []
