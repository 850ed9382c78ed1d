"""Mistakes of user code that were found, as records; see docs/mistakes.md."""

from __future__ import annotations

from dwf_sim.model.value import value


@value
class MistakeFound:
    """A mistake was found in the user's code, at this line of it ("" when that is not known).

    `kind` is "order" (a step that an earlier entry did not ask for, `subject`), "input" (of the
    step `subject`), "outside" (of steps, where `subject` was done) or "variable" (`subject`).
    """

    run: str
    kind: str
    subject: str
    where: str
    text: str
