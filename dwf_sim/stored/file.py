"""Files of stored failures: JSON with a kind, and what must be known to make the failure again.

    {"format": 1, "kind": "test", "test": "test_shop.py::test_one", "seed": 3, "faults": {…},
     "made_with": {"dwf_sim": "0.1.0", "python": "3.11.9", …}}

Plain data, never pickle: such files come from others, by mail or from a CI.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from dwf_sim.errors import ConfigError
from dwf_sim.given import shown

FORMAT = 1  # Raised when a reader of this one would misunderstand a newer file.
TEST = "test"
TEST_FIELDS = {"test": str, "seed": int, "faults": dict}  # Of that kind.
_NAME_BYTES_MAX = 200  # File systems take 255, and something stands behind the name.


def name_for(what: str) -> str:
    """Make a file's name, without its ending, of what failed: where it is and what it is called.

    Two failures have the same name only if nothing but punctuation tells them apart; of a name that
    is too long a hash takes the rest.
    """
    name = re.sub(r"[\W_]+", "-", what).strip("-")
    encoded = name.encode()
    if len(encoded) <= _NAME_BYTES_MAX:
        return name
    kept = encoded[:_NAME_BYTES_MAX].decode(errors="ignore")
    return f"{kept}-{hashlib.sha256(encoded).hexdigest()[:8]}"


def write_stored(file: Path, kind: str, content: Mapping[str, Any]) -> None:
    """Write a stored failure; its folder is made if it is not there."""
    file.parent.mkdir(parents=True, exist_ok=True)
    whole = {"format": FORMAT, "kind": kind, **content}
    file.write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", "utf-8")


def read_stored(file: Path) -> dict[str, Any]:
    """Read a file of any kind: an object with a format and a kind, which is "test" if none is said.

    Raises `ConfigError`. What a kind must hold is for that kind to say.
    """
    try:
        content = json.loads(file.read_text("utf-8"))
    except json.JSONDecodeError as error:
        raise ConfigError(
            f"{file}: this is no stored failure: it is no JSON ({error}); {_hint(file)}"
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{file}: this is no stored failure: {error}") from None
    if not isinstance(content, dict) or type(content.get("format")) is not int:
        raise ConfigError(
            f"{file}: this is no stored failure: it is {shown(content)}, and has to be an object "
            "with a format and a kind, as --durable-report and `dwf-sim run --report` write it"
        )
    kind = content.setdefault("kind", TEST)
    if not isinstance(kind, str):
        raise ConfigError(f"{file}: this is no stored failure: its kind is {shown(kind)}")
    return content


def _hint(file: Path) -> str:
    if file.suffix == ".py":
        return "tests are run by pytest, and --durable-report DIR stores those that fail"
    return "a file of scenarios has a name that ends with .scenario.yaml"


def check_fields(file: Path | str, content: Mapping[str, Any], fields: Mapping[str, type]) -> None:
    """Demand fields of these types. Raises `ConfigError` that names the first that is wrong."""
    for name, kind in fields.items():
        given = content.get(name)
        if type(given) is not kind:
            has = f"its {name} is {shown(given)}" if name in content else f"it lacks {name}"
            raise ConfigError(
                f"{file}: this is no stored failure of kind {content['kind']!r}: {has}; a file of "
                f"that kind has {_listed(fields)}"
            )


def _listed(fields: Collection[str]) -> str:
    return ", ".join(["format", "kind", *fields])
