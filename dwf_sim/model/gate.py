"""Gates: what stands between a queue item that is due and a worker."""

from __future__ import annotations


class Gate:
    """What a queue item must pass to reach a worker, such as a slot for its key.

    Gates of one `key` are one gate to who waits there, so no two policies have a key in common.
    One that `stops` holds up whatever is behind the item in its function, any other only items
    that need it too (B89).
    """

    key: str
    policy: str
    stops: bool = False
    is_for_starts: bool = False  # Only the first request of a run passes it.
    variant: str = ""  # What sets it apart from another gate of the same key, such as its limit.

    @property
    def frees(self) -> tuple[str, ...]:
        """The keys at which there is room again when somebody leaves."""
        return (self.key,)

    def closed_by(self) -> str:
        """Name the key at which there is no room just now."""
        return self.key

    def opens_at(self, now: int, holder: int) -> int | None:
        """Say when an item may pass: now, at a later instant, or None for when one leaves."""
        raise NotImplementedError

    def knows(self, holder: int) -> bool:  # noqa: ARG002  # For gates.
        """Say whether an item may pass when others of its key may not."""
        return False

    def enter(self, now: int, holder: int) -> None:
        """Let an item pass."""

    def leave(self) -> None:
        """Learn that an item that passed is done with."""

    def describe(self, now: int) -> str:
        """Say in words why an item has to wait here."""
        raise NotImplementedError
