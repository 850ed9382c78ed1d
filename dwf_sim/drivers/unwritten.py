"""What of an output JSON cannot hold: the SDK's error, which is kept, does not say."""

from __future__ import annotations

from collections.abc import Iterator

from dwf_sim.drivers.outlets import present
from dwf_sim.given import shown

UNWRITTEN = "output_unserializable"
"""The code of the SDK's error."""

_REMEDIES = {
    "datetime": "write it as a text, .isoformat()",
    "date": "write it as a text, .isoformat()",
    "timedelta": "write it as a number, .total_seconds()",
    "Decimal": "write it as a text, str(…)",
    "UUID": "write it as a text, str(…)",
    "set": "make a list of it, sorted(…)",
    "frozenset": "make a list of it, sorted(…)",
    "bytes": "write it as a text, .hex()",
    "coroutine": "await it before it is returned",
}


def complain_of_unwritten(message: str, output: object) -> None:
    """Say in the trace which part of an output is not JSON; `message` is the SDK's error."""
    outlet = present()
    if outlet is not None:
        outlet.complain(f"{message}: {_reason(output)}")


def _reason(output: object) -> str:
    try:
        return next(_faults(output, "it", ()), "it is no JSON")
    except RecursionError:
        return "it is nested too deep for JSON"


def _faults(value: object, place: str, around: tuple[object, ...]) -> Iterator[str]:
    """Yield each part that is not JSON, with its place and what to do."""
    if value is None or isinstance(value, str | int | float):
        return
    if any(value is outer for outer in around):
        yield f"{place} holds itself; return a copy of what counts"
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key is not None and not isinstance(key, str | int | float):
                yield f"{place} has the key {shown(key)}, a {type(key).__name__}; keys are texts"
            yield from _faults(inner, f"{place}[{shown(key)}]", (*around, value))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _faults(inner, f"{place}[{index}]", (*around, value))
    else:
        names = [kind.__name__ for kind in type(value).__mro__]  # Of a stand-in, its original's.
        name = next((name for name in names if name in _REMEDIES), names[0])
        yield f"{place} is a {name}; {_REMEDIES.get(name) or _remedy(value)}"


def _remedy(value: object) -> str:
    if hasattr(value, "model_dump"):
        return 'return a dict of it, .model_dump(mode="json")'
    if hasattr(value, "__dataclass_fields__"):
        return "return a dict of it, dataclasses.asdict(…)"
    return "return a dict of what counts"
