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

import attrs

from dwf_sim.drivers.base import Pulse
from dwf_sim.effects import Ledger

__all__ = ["EffectConnection", "EffectCursor"]

Key: TypeAlias = Callable[[str, Any], str | None]

_COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_CHANGES = re.compile(
    r"\b(INSERT|REPLACE|UPDATE|DELETE|MERGE|CREATE|DROP|ALTER|TRUNCATE)\b", re.IGNORECASE
)
_OBJECT = re.compile(r"\b(?:INTO|FROM|UPDATE|TABLE|INDEX|VIEW)\s+([^\s(;]+)", re.IGNORECASE)


@attrs.frozen
class _Change:
    """What a statement has changed, the key by which it may be repeated, and who executed it."""

    operation: str
    key: str | None
    pulse: Pulse


class EffectConnection:
    """Passes everything on to `connection`, and notes in a ledger what it has changed.

    An effect is what one commit makes durable: its changing statements, `INSERT orders` and so on,
    are one effect together. A statement that changed no row, such as an `INSERT … ON CONFLICT DO
    NOTHING` of what is there, is none.

    It is one connection, as one process has it. When a worker dies with a transaction open, that is
    rolled back before the connection is used again, as the server does when a connection breaks.
    Requests that share a connection share its transaction: another one that lives loses what it has
    written too, and its next use raises the `OperationalError` of the driver, or `ConnectionError`
    where the connection names none. A commit of what another request has written is an effect of
    the one that commits, and a warning. So give each request a connection of its own.

    Whether a statement may be repeated cannot be seen from its text. `key` says so: a function of
    the statement and its parameters that gives the key by which the second time changes nothing,
    or None. A commit has a key when each of its statements has one.
    """

    def __init__(self, ledger: Ledger, connection: Any, *, key: Key | None = None) -> None:
        vars(self).update(
            _ledger=ledger, _connection=connection, _key=key, _pending=[], _sharers=[], _bereft=[]
        )

    _ledger: Ledger
    _connection: Any
    _key: Key | None
    _pending: list[_Change]
    _sharers: list[Pulse]  # Who has executed something in the transaction that is open.
    _bereft: list[Pulse]  # Who lives, and does not know yet that a transaction was rolled back.

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
        self._forget_the_dead()
        self._learn_of_loss()
        self._connection.rollback()
        self._forget_transaction()

    def close(self) -> None:
        """Close; what was not committed is gone."""
        self._connection.close()
        self._forget_transaction()

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
        if kind is None:
            self.prepare()
            self._connection.__exit__(None, None, None)
            self.note_commit()
        else:
            self._forget_the_dead()
            self._learn_of_loss()
            self._connection.__exit__(kind, error, traceback)
            self._forget_transaction()

    # For cursors.

    def prepare(self) -> None:
        """Let no dead worker go on, and none that has lost what it wrote to one that died.

        Raises the driver's `OperationalError` for the latter, once.
        """
        self._forget_the_dead()
        if self._learn_of_loss():
            kind = getattr(self._connection, "OperationalError", ConnectionError)
            raise kind(
                "the connection is lost and its transaction rolled back: the worker of another "
                "request died that had used it in the same transaction; give each request a "
                "connection of its own"
            )

    def note_statement(self, statement: str, parameters: Any, rows: int) -> None:
        """Note a statement that was executed and has changed so many rows, -1 if nobody knows."""
        text = _COMMENTS.sub(" ", statement).strip()
        verb = text.split(None, 1)[0].rstrip(";").upper() if text else ""
        pulse = self._ledger.pulse()
        if verb in ("COMMIT", "END"):
            self.note_commit()
        elif verb == "ROLLBACK" and "TO" not in text.upper().split():
            self._forget_transaction()
        elif (change := _change(text, verb)) is not None and rows != 0:
            key = None if self._key is None else self._key(statement, parameters)
            self._pending.append(_Change(change, key, pulse))
        if self._is_in_transaction():
            if all(sharer.owner is not pulse.owner for sharer in self._sharers):
                self._sharers.append(pulse)
        else:
            self.note_commit()

    def note_commit(self) -> None:
        """Note what a commit has made durable."""
        pending = self._pending
        self._forget_transaction()
        if not pending:
            return
        self._complain_of_others(pending)
        counts = Counter(change.operation for change in pending)
        parts = [each + (f" ({n} times)" if n > 1 else "") for each, n in counts.items()]
        keys = [change.key for change in pending if change.key is not None]
        key = ", ".join(keys) if len(keys) == len(pending) else None
        self._ledger.note("; ".join(parts), key=key)

    def _complain_of_others(self, pending: list[_Change]) -> None:
        owner = self._ledger.pulse().owner
        others = [change.pulse.who for change in pending if change.pulse.owner is not owner]
        if others:
            self._ledger.complain(
                f"a commit to {self._ledger.name} made durable what was written by "
                f"{', '.join(dict.fromkeys(others))}, which shares the connection: give each "
                "request a connection of its own, and end a transaction in the step that began it"
            )

    def _forget_the_dead(self) -> None:
        """Let no dead worker go on, and roll back what one has left behind."""
        self._ledger.refuse_the_dead()
        if all(sharer.is_alive() for sharer in self._sharers):
            return
        self._bereft += [sharer for sharer in self._sharers if sharer.is_alive()]
        self._forget_transaction()
        self._connection.rollback()

    def _learn_of_loss(self) -> bool:
        """Say whether a transaction of whoever asks was rolled back; it then knows."""
        owner = self._ledger.pulse().owner
        left = [pulse for pulse in self._bereft if pulse.owner is not owner]
        is_new = len(left) < len(self._bereft)
        self._bereft = left
        return is_new

    def _forget_transaction(self) -> None:
        self._pending, self._sharers = [], []

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
