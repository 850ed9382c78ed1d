"""What comes of a stored failure that is played again: the answer of each kind of file."""

from __future__ import annotations

from typing import Any

import attrs

from dwf_sim.stored.account import Account


@attrs.frozen
class Replayed:
    """How a replay went.

    `what` names the test or the scenario, `reasons` say why it has failed again; none, and it has
    passed. `changed` says what is another than when it was stored. There is an account for each
    simulation. `screen` is what another program has written of it,
    with the changes. `doubts` say why it proves nothing that it has not failed.
    """

    what: str
    reasons: tuple[str, ...]
    changed: tuple[str, ...]
    accounts: tuple[Account, ...]
    screen: str = ""
    doubts: tuple[str, ...] = ()

    @property
    def has_failed(self) -> bool:
        """Whether it fails as it did."""
        return bool(self.reasons)

    def as_json(self) -> dict[str, Any]:
        """The same for programs to read."""
        return {
            "what": self.what,
            "status": "failed" if self.has_failed else "open" if self.doubts else "passed",
            "reasons": list(self.reasons),
            "doubts": list(self.doubts),
            "changed": list(self.changed),
            "simulations": [account.as_json() for account in self.accounts],
        }
