"""All modules that are looked at together: what one sends, another may take."""

from __future__ import annotations

from functools import cached_property

import attrs

from dwf_sim.lint.events import names_taken
from dwf_sim.lint.module import Module


@attrs.frozen(eq=False)
class Project:
    """The modules of one call of the linter."""

    modules: tuple[Module, ...]

    @cached_property
    def names_taken(self) -> tuple[str, ...]:
        """The names of events that something takes in any of the modules, each once."""
        found = [node for module in self.modules for node in names_taken(module)]
        return tuple(dict.fromkeys(str(node.value) for node in found))
