"""The modules that the vendor's cases import and that need a server or a web framework there.

While the cases are imported, these are in the place of `test_core`, the package that starts a dev
server and asks it questions, and of web frameworks, of which one case names a class each.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from tests.vendor.server import BaseState, Proxy, ProxyResponse, RunStatus, server

_CASES = "test_inngest.test_function.cases"
_FRAMEWORKS = {
    "django.core.handlers.wsgi": "WSGIRequest",
    "fastapi": "Request",
    "inngest.connect._internal.connect_pb2": "GatewayExecutorRequestData",
    "tornado.httputil": "HTTPServerRequest",
    "werkzeug.local": "LocalProxy",
}


def import_cases(checkout: Path) -> dict[str, ModuleType]:
    """Import the case modules of a checkout of inngest-py, by name."""
    tests = checkout.absolute() / "tests"
    names = sorted(path.stem for path in tests.joinpath(*_CASES.split(".")).glob("*.py"))
    if not names:
        raise FileNotFoundError(f"{checkout} is no checkout of inngest-py: {tests} has no cases")
    with _in_place(_stand_ins()), _on_path(tests):
        found = {name: importlib.import_module(f"{_CASES}.{name}") for name in names}
    return {name: module for name, module in found.items() if hasattr(module, "create")}


def _stand_ins() -> dict[str, ModuleType]:
    """Make the modules, and the packages around them."""
    helper = {"RunStatus": RunStatus, "client": server}
    base = {"BaseState": BaseState, "wait_for": server.wait_for}
    made = {
        "test_core": _module("test_core", **helper, **base, worker_suffix=str),
        "test_core.helper": _module("test_core.helper", **helper),
        "test_core.base": _module("test_core.base", **base, create_test_name=_stem),
        "test_core.http_proxy": _module(
            "test_core.http_proxy", Proxy=Proxy, Response=ProxyResponse
        ),
    }
    for name, kind in _FRAMEWORKS.items():
        made[name] = _module(name, **{kind: type(kind, (), {})})
    for name in list(made):
        while "." in name:
            package, _, last = name.rpartition(".")
            setattr(made.setdefault(package, _module(package)), last, made[name])
            name = package
    del made["inngest"]  # The real one is there already.
    return made


def _module(name: str, **content: object) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(content, __path__=[])
    return module


def _stem(path: str) -> str:
    return Path(path).stem


@contextlib.contextmanager
def _in_place(modules: dict[str, ModuleType]) -> Iterator[None]:
    """Put modules in the place of what is imported by their names."""
    before = {name: sys.modules[name] for name in modules if name in sys.modules}
    sys.modules.update(modules)
    try:
        yield
    finally:
        for name in modules:
            del sys.modules[name]
        sys.modules.update(before)


@contextlib.contextmanager
def _on_path(folder: Path) -> Iterator[None]:
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
