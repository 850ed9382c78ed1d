"""SQL as effects: a wrapper around a connection of `sqlite3`, or of any driver of DB-API 2.0.

orders = dwf.Ledger("orders")
connection = EffectConnection(orders, sqlite3.connect(":memory:"))
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self, TypeAlias

from dwf_sim.effects import Ledger

__all__ = ["EffectConnection", "EffectCursor"]

Key: TypeAlias = Callable[[str, Any], str | None]

_COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_CHANGES = re.compile(
    r"\b(INSERT|REPLACE|UPDATE|DELETE|MERGE|CREATE|DROP|ALTER|TRUNCATE)\b", re.IGNORECASE
)
_OBJECT = re.compile(r"\b(?:INTO|FROM|UPDATE|TABLE|INDEX|VIEW)\s+([^\s(;]+)", re.IGNORECASE)


class EffectConnection:
    """Passes everything on to `connection`, and notes in a ledger what it has changed.

    An effect is what one commit makes durable: its changing statements, `INSERT orders` and so on,
    are one effect together. A statement that changed no row, such as an `INSERT … ON CONFLICT DO
    NOTHING` of what is there, is none. When a worker dies with a transaction open, that is rolled
    back before the connection is used again, as the server does when a connection breaks.

    Whether a statement may be repeated cannot be seen from its text. `key` says so: a function of
    the statement and its parameters that gives the key by which the second time changes nothing,
    or None. A commit has a key when each of its statements has one.
    """

    def __init__(self, ledger: Ledger, connection: Any, *, key: Key | None = None) -> None:
        vars(self).update(
            _ledger=ledger, _connection=connection, _key=key, _pending=[], _is_alive=None
        )

    _ledger: Ledger
    _connection: Any
    _key: Key | None
    _pending: list[tuple[str, str | None]]
    _is_alive: Callable[[], bool] | None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def __setattr__(self, name: str, content: Any) -> None:
        if name in type(self).__annotations__:
            vars(self)[name] = content
        else:
            setattr(self._connection, name, content)

    def cursor(self, *args: Any, **kwargs: Any) -> EffectCursor:
        """Make a cursor whose statements are noted."""
        return EffectCursor(self, self._connection.cursor(*args, **kwargs))

    def execute(self, *args: Any) -> EffectCursor:
        """Execute a statement with a cursor of its own, as `sqlite3` offers."""
        return self.cursor().execute(*args)

    def executemany(self, *args: Any) -> EffectCursor:
        """Execute a statement for each of many parameters."""
        return self.cursor().executemany(*args)

    def executescript(self, *args: Any) -> EffectCursor:
        """Execute several statements; `sqlite3` commits first."""
        return self.cursor().executescript(*args)

    def commit(self) -> None:
        """Commit, which is the effect."""
        self.prepare()
        self._connection.commit()
        self.note_commit()

    def rollback(self) -> None:
        """Roll back: nothing has happened."""
        self.prepare()
        self._connection.rollback()
        self._pending.clear()

    def close(self) -> None:
        """Close; what was not committed is gone."""
        self._connection.close()
        self._pending.clear()

    def __enter__(self) -> Self:
        self.prepare()
        self._connection.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Commit, or roll back after an error, as `sqlite3` does."""
        self.prepare()
        self._connection.__exit__(kind, error, traceback)
        if kind is None:
            self.note_commit()
        else:
            self._pending.clear()

    # For cursors.

    def prepare(self) -> None:
        """Let no dead worker go on, and roll back what one has left behind."""
        self._ledger.refuse_the_dead()
        if self._is_alive is not None and not self._is_alive():
            self._is_alive = None
            self._connection.rollback()
            self._pending.clear()

    def note_statement(self, statement: str, parameters: Any, rows: int) -> None:
        """Note a statement that was executed and has changed so many rows, -1 if nobody knows."""
        text = _COMMENTS.sub(" ", statement).strip()
        verb = text.split(None, 1)[0].rstrip(";").upper() if text else ""
        if verb in ("COMMIT", "END"):
            self.note_commit()
        elif verb == "ROLLBACK" and "TO" not in text.upper().split():
            self._pending.clear()
        elif (change := _change(text, verb)) is not None and rows != 0:
            key = None if self._key is None else self._key(statement, parameters)
            self._pending.append((change, key))
            self._is_alive = self._ledger.pulse()
            if not self._is_in_transaction():
                self.note_commit()

    def note_commit(self) -> None:
        """Note what a commit has made durable."""
        pending, self._pending, self._is_alive = self._pending, [], None
        if not pending:
            return
        counts = Counter(change for change, _ in pending)
        parts = [change + (f" ({n} times)" if n > 1 else "") for change, n in counts.items()]
        keys = [key for _, key in pending if key is not None]
        key = ", ".join(keys) if len(keys) == len(pending) else None
        self._ledger.note("; ".join(parts), key=key)

    def _is_in_transaction(self) -> bool:
        """Say whether a commit is still to come: as the driver says, or else as DB-API has it."""
        is_open = getattr(self._connection, "in_transaction", None)
        return not getattr(self._connection, "autocommit", False) if is_open is None else is_open


class EffectCursor:
    """Passes everything on to a cursor, and tells its connection of statements."""

    def __init__(self, connection: EffectConnection, cursor: Any) -> None:
        vars(self).update(connection=connection, _cursor=cursor)

    connection: EffectConnection
    _cursor: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def __setattr__(self, name: str, content: Any) -> None:
        setattr(self._cursor, name, content)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._cursor)

    def execute(self, statement: str, parameters: Any = ()) -> Self:
        """Execute a statement."""
        return self._do(self._cursor.execute, statement, parameters)

    def executemany(self, statement: str, parameters: Any) -> Self:
        """Execute a statement for each of many parameters."""
        return self._do(self._cursor.executemany, statement, [*parameters])

    def executescript(self, script: str) -> Self:
        """Execute several statements; `sqlite3` commits first."""
        self.connection.prepare()
        self._cursor.executescript(script)
        self.connection.note_commit()
        for statement in script.split(";"):
            self.connection.note_statement(statement, (), -1)
        return self

    def _do(self, method: Callable[..., object], statement: str, parameters: Any) -> Self:
        self.connection.prepare()
        method(statement, parameters)
        # What RETURNING returns has to be fetched before the rows are counted.
        is_counted = "RETURNING" not in statement.upper()
        rows = getattr(self._cursor, "rowcount", -1) if is_counted else -1
        self.connection.note_statement(statement, parameters, rows)
        return self


def _change(text: str, verb: str) -> str | None:
    """Name what a statement changes, `INSERT orders`; None if it only reads."""
    found = _CHANGES.search(text) if verb == "WITH" else _CHANGES.match(text)
    if found is None:
        return None
    what = _OBJECT.search(text, found.start())
    return found[1].upper() + (f" {what[1]}" if what else "")
