"""Replays the stored failure of a test: pytest in a process of its own, with what it tells."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dwf_sim.errors import UsageError
from dwf_sim.stored.account import Account
from dwf_sim.stored.file import TEST_FIELDS, check_fields
from dwf_sim.stored.replayed import Replayed

_WRONG_CALL, _NOTHING_FOUND, _BROKEN = 4, 5, (2, 3)


def replay(file: Path, content: Mapping[str, Any]) -> Replayed:
    """Run the test that a file names with the faults that it names, from the folder we are in.

    Raises `ConfigError` for a file that is none, `UsageError` when pytest cannot run the test.
    """
    check_fields(file, content, TEST_FIELDS)
    test: str = content["test"]
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told.json"
        ended = _pytest(test, "--durable-replay", str(file), "--durable-tell", str(told))
        found = json.loads(told.read_text("utf-8")) if told.exists() else []
    if ended.returncode in (_WRONG_CALL, _NOTHING_FOUND, *_BROKEN) or not found:
        raise UsageError(
            f"{file}: pytest could not run {test} (its exit status is {ended.returncode}); call "
            "dwf-sim from the folder that pytest is called from. pytest says:\n"
            + (ended.stdout + ended.stderr).strip()
        )
    return Replayed(
        what=test,
        reasons=tuple(each["reason"] for each in found if each["reason"] is not None),
        changed=tuple(dict.fromkeys(text for each in found for text in each["changed"])),
        accounts=tuple(Account.read(each["account"]) for each in found),
        screen=ended.stdout,
    )


def _pytest(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Call pytest as `python -m pytest`, in colour where our own output is."""
    command = [sys.executable, "-m", "pytest", "-p", "pytest_dwf_sim.telling", *arguments]
    colour = ["--color=yes"] if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else []
    return subprocess.run(
        [*command, *colour], capture_output=True, text=True, encoding="utf-8", check=False
    )
