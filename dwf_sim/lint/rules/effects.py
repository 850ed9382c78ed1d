"""Effects outside of steps: done again at each entry."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dwf_sim.lint.module import Module
from dwf_sim.lint.project import Project
from dwf_sim.lint.rules.base import Rule, Spot, calls_outside

_LIBRARIES = (
    "requests.",
    "httpx.",
    "aiohttp.",
    "urllib.request.",
    "subprocess.",
    "smtplib.",
    "socket.",
    "boto3.",
    "shutil.",
    "sqlite3.",
)
_OTHERS = ("open", "os.remove", "os.unlink", "os.rename", "os.mkdir", "os.makedirs", "os.system")
_LEDGER = "dwf_sim.Ledger"


def _find(module: Module, _: Project) -> Iterator[Spot]:
    for _part, call in calls_outside(module):
        name = module.dotted(call.func)
        owner, _dot, method = name.rpartition(".")
        made_by = module.made_of.get(owner, "") if _is_variable(call) else ""
        is_library = name.startswith(_LIBRARIES) and not method[:1].isupper()
        is_ledger = made_by == _LEDGER and method == "call"
        is_outside = is_ledger or made_by.startswith(_LIBRARIES)
        if owner not in module.clients and (is_library or name in _OTHERS or is_outside):
            yield call, f"{name}() outside of steps"


def _is_variable(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name)


EFFECT = Rule(
    "DWF003",
    "an effect outside of steps",
    "it is done again at each entry of the handler, once for every step",
    "put it into a step.run",
    _find,
)
