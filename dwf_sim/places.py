"""Places: which line of user code is at work, written the same on every machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import PurePath
from types import CodeType, FrameType

# What runs user code, or is called by it, and is none itself.
_MACHINERY = ("inngest", "freezegun", "httpx", "httpcore", "anyio", "attr")
_OURS = "dwf_sim"
_USERS_OF_OURS = ("dwf_sim.demo", "dwf_sim.conformance")
_OUTERMOST = "dwf_sim.sim.runner"  # Whoever lets time go on stands behind it.


def user_frames(frame: FrameType | None) -> Iterator[FrameType]:
    """Yield the frames of user code from a frame outwards, as far as the handler.

    Modules with a true `__tracebackhide__`, by which pytest passes over helpers, are passed over.
    """
    while frame is not None:
        if frame.f_globals.get("__name__") == _OUTERMOST:
            return
        if _is_users(frame):
            yield frame
        frame = frame.f_back


def _is_users(frame: FrameType) -> bool:
    module = str(frame.f_globals.get("__name__", ""))
    return not is_machinery(module) and not frame.f_globals.get("__tracebackhide__")


def is_machinery(module: str) -> bool:
    """Say whether a module is the standard library's, ours, or another that runs user code."""
    top = module.partition(".")[0]
    if top == _OURS:
        return not module.startswith(_USERS_OF_OURS)
    return top in _MACHINERY or top in sys.stdlib_module_names


def user_place(frame: FrameType | None) -> str:
    """Name the line of user code that a frame serves: "shop/orders.py:42", or "" if none does."""
    found = next(user_frames(frame), None)
    return "" if found is None else place_of(found.f_code, found.f_lineno, found.f_globals)


def awaiting_place(coroutine: object) -> str:
    """Name the line of user code at which a coroutine awaits others, or "" if it is at none."""
    found: FrameType | None = None
    while coroutine is not None:
        frame = getattr(coroutine, "cr_frame", None)
        if isinstance(frame, FrameType) and _is_users(frame):
            found = frame
        coroutine = getattr(coroutine, "cr_await", None)
    return "" if found is None else place_of(found.f_code, found.f_lineno, found.f_globals)


def place_of(code: CodeType, line: int, names: dict[str, object]) -> str:
    """Name a line by its module's file, below the folder its outermost package stands in."""
    path = PurePath(code.co_filename)
    spec = names.get("__spec__")
    module = str(getattr(spec, "name", None) or names.get("__name__", ""))
    count = 1 if module == "__main__" else module.count(".") + 1
    if path.stem == "__init__":
        count += 1
    return f"{'/'.join(path.parts[-count:])}:{line}"
