"""A case is one line of a vector file: a JSON object with what was asked and what the engine
answered. Here are the readers the checks share, so that a damaged case is told from a wrong answer.
"""

from collections.abc import Mapping

from dwf_sim.errors import UsageError

Case = Mapping[str, object]


class CaseError(UsageError):
    """A case that lacks something, or holds something of the wrong type."""


def read_text(case: Case, key: str) -> str:
    """Read a text; raises `CaseError` for anything else."""
    value = _read(case, key)
    if not isinstance(value, str):
        raise _refusal(key, value, "a text")
    return value


def read_text_or_null(case: Case, key: str) -> str | None:
    """Read a text or null; raises `CaseError` for anything else."""
    return None if _read(case, key) is None else read_text(case, key)


def read_texts(case: Case, key: str) -> list[str]:
    """Read a list of texts; raises `CaseError` for anything else."""
    value = _read(case, key)
    if not isinstance(value, list):
        raise _refusal(key, value, "a list of texts")
    return [_as_text(item, key) for item in value]


def read_number_or_null(case: Case, key: str) -> float | None:
    """Read a number or null; raises `CaseError` for anything else."""
    value = _read(case, key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refusal(key, value, "a number or null")
    try:
        return float(value)
    except OverflowError:
        raise _refusal(key, "a number of many digits", "a number or null") from None


def _as_text(item: object, key: str) -> str:
    if not isinstance(item, str):
        raise _refusal(key, item, "a list of texts")
    return item


def _read(case: Case, key: str) -> object:
    if key not in case:
        raise CaseError(f"the case has no {key!r}; it must have one: record it again")
    return case[key]


def _refusal(key: str, value: object, allowed: str) -> CaseError:
    return CaseError(f"{key!r} is {value!r}; it must be {allowed}: record it again")
