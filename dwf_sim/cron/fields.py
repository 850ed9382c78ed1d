"""One field of a cron schedule, such as "1,15" or "9-17/2", read into a set of bits. What passes
and what does not is the engine's parser's choice (robfig/cron v3 `parser.go`), oddities included:
empty pieces between commas count for nothing, and whatever follows "*-" is ignored.
"""

import re

import attrs

from dwf_sim.errors import CronError

_INT64_MAX = 2**63 - 1
_NUMBER = re.compile(r"\+?[0-9]+")


@attrs.frozen
class Field:
    """What may stand at one of the five places."""

    name: str
    lowest: int
    highest: int
    names: tuple[str, ...] = ()
    """Names for the values from `lowest` on."""


@attrs.frozen
class Chosen:
    """The values a field chooses: bit n stands for the value n."""

    bits: int
    starred: bool
    """Whether a `*` or `?` stands for every value; a day rule asks."""


MINUTE = Field("minute", 0, 59)
HOUR = Field("hour", 0, 23)
DAY = Field("day of the month", 1, 31)
MONTH = Field(
    "month",
    1,
    12,
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
)
WEEKDAY = Field("day of the week", 0, 6, ("sun", "mon", "tue", "wed", "thu", "fri", "sat"))


def read_field(text: str, field: Field) -> Chosen:
    """Read a list of pieces; it chooses whatever any of them chooses."""
    bits, starred = 0, False
    for piece in filter(None, text.split(",")):
        chosen = _read_piece(piece, field)
        bits |= chosen.bits
        starred |= chosen.starred
    return Chosen(bits, starred)


def _read_piece(piece: str, field: Field) -> Chosen:
    span, *steps = piece.split("/")
    if len(steps) > 1:
        raise _refusal(piece, field, "it has more than one '/'")
    step = _read_step(steps[0], field) if steps else 1
    if span.split("-")[0] in ("*", "?"):
        return Chosen(_bits(field.lowest, field.highest, step), starred=step == 1)
    start, end = _read_span(span, field)
    if steps and "-" not in span:
        end = field.highest
    _check_span(piece, field, start, end)
    return Chosen(_bits(start, end, step), starred=False)


def _read_span(span: str, field: Field) -> tuple[int, int]:
    low, *highs = span.split("-")
    if len(highs) > 1:
        raise _refusal(span, field, "it has more than one '-'")
    start = _read_value(low, field)
    return start, _read_value(highs[0], field) if highs else start


def _check_span(piece: str, field: Field, start: int, end: int) -> None:
    if start < field.lowest or end > field.highest:
        raise _refusal(piece, field, "it is out of bounds")
    if start > end:
        raise _refusal(piece, field, "it ends before it begins; write two ranges, as in 22-23,0-2")


def _read_value(text: str, field: Field) -> int:
    if text.lower() in field.names:
        return field.lowest + field.names.index(text.lower())
    return _read_number(text, field)


def _read_step(text: str, field: Field) -> int:
    step = _read_number(text, field)
    if step == 0:
        raise _refusal(f"/{text}", field, "a step is at least 1")
    return step


def _read_number(text: str, field: Field) -> int:
    if not _NUMBER.fullmatch(text) or int(text) > _INT64_MAX:
        raise _refusal(text, field, "it is not a value")
    return int(text)


def _bits(start: int, end: int, step: int) -> int:
    return sum(1 << value for value in range(start, end + 1, step))


def _refusal(given: str, field: Field, why: str) -> CronError:
    names = f" or {field.names[0].upper()}-{field.names[-1].upper()}" if field.names else ""
    return CronError(
        f"{field.name} {given!r}: {why}; a {field.name} is {field.lowest}-{field.highest}{names}, "
        "as *, a value, a range a-b, a step */n or a-b/n, or a list of these"
    )
