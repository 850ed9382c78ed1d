"""Lost variables: a step's body assigns one of its handler, which reads it after the step.

At the next entry the body is not run again, and the variable is what it was before. Found in the
code of the body and of the handler, so that one entry is enough; the code of a body is looked
through once.
"""

from __future__ import annotations

import dis
import sys
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from types import CodeType, FrameType
from typing import Any

import attrs

from dwf_sim.drivers.base import Bench
from dwf_sim.model.mistakes import MistakeFound
from dwf_sim.places import place_of, user_frames

_LAYERS_MAX = 4  # Of decorators and partials around a body.
_ENDS = ("RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE")
_LEAPS = ("JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT")
_JUMPS = frozenset(dis.hasjrel) | frozenset(dis.hasjabs)  # Only ever asked for membership.
_READS = ("LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF")
_WRITES = ("STORE_DEREF", "DELETE_DEREF")

# By id of a body's code, which is kept alive here: the variables around it that it assigns.
_assigned: dict[int, tuple[CodeType, tuple[str, ...]]] = {}


@attrs.frozen
class Owner:
    """A function of user code that is waiting for a step's body, and where it is."""

    code: CodeType
    at: int
    names: dict[str, Any]

    def place(self, line: int) -> str:
        """Name a line of its file."""
        return place_of(self.code, line, self.names)


def note_lost(bench: Bench, run_id: str, label: str, body: Callable[..., object]) -> None:
    """Report what a body that is about to run assigns, and is read outside of it."""
    code = getattr(body, "__code__", None)
    if code is not None and not code.co_freevars:
        return  # Most bodies are such, and nothing is wrapped around them.
    code = code_of(body)
    if code is None or not code.co_freevars:
        return
    known = _assigned.get(id(code))
    if known is None:
        known = _assigned[id(code)] = code, tuple(_assigned_in(code))
    for name in known[1]:
        owner = owner_of(name, code, sys._getframe(1))
        if owner is not None:
            note_if_read(bench, run_id, label, code, name, "assigned", owner)


def note_if_read(
    bench: Bench,
    run_id: str,
    label: str,
    code: CodeType,
    name: str,
    how: str,
    owner: Owner,
) -> None:
    """Report a variable that a body has changed somehow, if whoever owns it reads it later."""
    line = _first_read(owner.code, owner.at, name, code)
    if line is None:
        return
    text = (
        f"variable {name!r} is {how} in the body of step {label!r} (line {code.co_firstlineno}) "
        "and read outside of it: at the next entry the body is not run again, so that is lost; "
        "have the body return it"
    )
    bench.emit(MistakeFound(run_id, "variable", name, owner.place(line), text))


def code_of(body: Callable[..., object]) -> CodeType | None:
    """Find the code of a step's body, if it has any."""
    code = getattr(function_of(body), "__code__", None)
    return code if isinstance(code, CodeType) else None


def function_of(body: Callable[..., object]) -> object:
    """Find a step's body below what is wrapped around it."""
    inner: Any = body
    for _ in range(_LAYERS_MAX):
        if isinstance(inner, partial):
            inner = inner.func
        inner = getattr(inner, "__wrapped__", inner)
    return inner


def owner_of(name: str, code: CodeType, frame: FrameType | None) -> Owner | None:
    """Find the function whose variable a body's code means, if it is on the way to the handler."""
    for user in user_frames(frame):
        outer = user.f_code
        if name in outer.co_cellvars and _holds(outer, code, name):
            return Owner(outer, user.f_lasti, user.f_globals)
    return None


def _holds(outer: CodeType, code: CodeType, name: str) -> bool:
    """Say whether code is written inside of other code, through which it sees a variable."""
    return any(
        inner is code or (name in inner.co_freevars and _holds(inner, code, name))
        for inner in _inner(outer)
    )


def _inner(code: CodeType) -> Iterator[CodeType]:
    return (const for const in code.co_consts if isinstance(const, CodeType))


def _assigned_in(code: CodeType) -> list[str]:
    """List the variables around some code that it assigns, or that code inside of it does."""
    found = [i.argval for i in dis.get_instructions(code) if i.opname in _WRITES]
    for inner in _inner(code):
        found += _assigned_in(inner)
    return [name for name in dict.fromkeys(found) if name in code.co_freevars]


def _first_read(code: CodeType, start: int, name: str, body: CodeType) -> int | None:
    """Find a line that reads a variable, on any way from an offset that does not assign it."""
    instructions = list(dis.get_instructions(code))
    index = {instruction.offset: n for n, instruction in enumerate(instructions)}
    here = max((n for offset, n in index.items() if offset <= start), default=0)
    ahead, seen = deque([here]), {here}
    while ahead:
        n = ahead.popleft()
        instruction = instructions[n]
        if n != here or start < 0:
            line = _line_that_reads(instruction, name, body)
            if line is not None:
                return line
            if instruction.opname in _WRITES and instruction.argval == name:
                continue
        for following in _following(instruction, n, index):
            if following < len(instructions) and following not in seen:
                seen.add(following)
                ahead.append(following)
    return None


def _following(instruction: dis.Instruction, n: int, index: dict[int, int]) -> list[int]:
    if instruction.opname in _ENDS:
        return []
    jumps = [index[instruction.argval]] if instruction.opcode in _JUMPS else []
    return jumps if instruction.opname in _LEAPS else [n + 1, *jumps]


def _line_that_reads(instruction: dis.Instruction, name: str, body: CodeType) -> int | None:
    """Name the line if an instruction reads a variable, or makes a function that does."""
    if instruction.opname in _READS and instruction.argval == name:
        return None if instruction.positions is None else instruction.positions.lineno
    made = instruction.argval
    if not isinstance(made, CodeType) or made is body or name not in made.co_freevars:
        return None
    return None if _holds(made, body, name) else _first_read(made, -1, name, body)
