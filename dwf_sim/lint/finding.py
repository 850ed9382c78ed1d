"""A finding: where in the code, what is there, why it is a mistake, and what to do."""

from __future__ import annotations

import attrs


@attrs.frozen(order=True)
class Finding:
    """A mistake that was found; lines and columns count from 1."""

    file: str
    line: int
    column: int
    code: str
    what: str
    why: str
    do: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}"
        return f"{place}: {self.code} {self.what}: {self.why}: {self.do}"
