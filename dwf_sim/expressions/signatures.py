"""The functions that registration knows, with the types they take (B201, B221).

`+`, `==`, `!=` and the relations take anything, because the engine declares them so
(exprenv/overloads.go); everything else is cel-go's standard library and the engine's additions.
"""

from __future__ import annotations

import attrs

from dwf_sim.expressions import getters, nodes
from dwf_sim.expressions.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    STRING,
    TIMESTAMP,
    UINT,
    Type,
    list_of,
    map_of,
    type_of,
)


@attrs.frozen
class Signature:
    """One way to call a function: a member's first argument is what stands before the dot."""

    arguments: tuple[Type, ...]
    result: Type
    is_member: bool = False


_A, _B = Type("_A"), Type("_B")
_SIZED = (BYTES, list_of(_A), map_of(_A, _B), STRING)
_ANY_PAIR = (DYN, DYN)


def _plain(*signatures: tuple[tuple[Type, ...], Type]) -> tuple[Signature, ...]:
    return tuple(Signature(arguments, result) for arguments, result in signatures)


def _same_type(*types: Type) -> tuple[Signature, ...]:
    return _plain(*(((type_, type_), type_) for type_ in types))


def _conversion(result: Type, *types: Type) -> tuple[Signature, ...]:
    return _plain(*(((type_,), result) for type_ in types))


def _getter(name: str) -> tuple[Signature, ...]:
    signatures = [
        Signature((TIMESTAMP,), INT, is_member=True),
        Signature((TIMESTAMP, STRING), INT, is_member=True),
    ]
    if name in getters.DURATION_UNITS:
        signatures.append(Signature((DURATION,), INT, is_member=True))
    return tuple(signatures)


SIGNATURES: dict[str, tuple[Signature, ...]] = {
    nodes.TERNARY: _plain(((BOOL, _A, _A), _A)),
    nodes.NOT: _plain(((BOOL,), BOOL)),
    nodes.NOT_STRICTLY_FALSE: _plain(((BOOL,), BOOL)),
    nodes.ADD: _plain((_ANY_PAIR, DYN)),
    **{
        name: _plain((_ANY_PAIR, BOOL))
        for name in (
            nodes.EQUAL,
            nodes.NOT_EQUAL,
            nodes.LESS,
            nodes.LESS_EQUAL,
            nodes.GREATER,
            nodes.GREATER_EQUAL,
        )
    },
    nodes.SUBTRACT: (
        *_same_type(DOUBLE, DURATION, INT, UINT),
        *_plain(((TIMESTAMP, DURATION), TIMESTAMP), ((TIMESTAMP, TIMESTAMP), DURATION)),
    ),
    nodes.MULTIPLY: _same_type(DOUBLE, INT, UINT),
    nodes.DIVIDE: _same_type(DOUBLE, INT, UINT),
    nodes.MODULO: _same_type(INT, UINT),
    nodes.NEGATE: _plain(((DOUBLE,), DOUBLE), ((INT,), INT)),
    nodes.INDEX: _plain(((list_of(_A), INT), _A), ((map_of(_A, _B), _A), _B)),
    nodes.IN: _plain(((_A, list_of(_A)), BOOL), ((_A, map_of(_A, _B)), BOOL)),
    "size": (
        *_conversion(INT, *_SIZED),
        *(Signature((type_,), INT, is_member=True) for type_ in _SIZED),
    ),
    "type": _plain(((_A,), type_of(_A))),
    "dyn": _plain(((_A,), DYN)),
    "bool": _conversion(BOOL, BOOL, STRING),
    "bytes": _conversion(BYTES, BYTES, STRING),
    "double": _conversion(DOUBLE, DOUBLE, INT, STRING, UINT),
    "duration": _conversion(DURATION, DURATION, INT, STRING),
    "int": _conversion(INT, INT, DOUBLE, DURATION, STRING, TIMESTAMP, UINT),
    "string": _conversion(STRING, STRING, BOOL, BYTES, DOUBLE, DURATION, INT, TIMESTAMP, UINT),
    "timestamp": _conversion(TIMESTAMP, TIMESTAMP, INT, STRING),
    "uint": _conversion(UINT, UINT, DOUBLE, INT, STRING),
    "matches": (
        Signature((STRING, STRING), BOOL),
        Signature((STRING, STRING), BOOL, is_member=True),
    ),
    **{
        name: (Signature((STRING, STRING), BOOL, is_member=True),)
        for name in ("contains", "startsWith", "endsWith")
    },
    **{name: _conversion(STRING, STRING) for name in ("lowercase", "uppercase", "b64decode")},
    "json_parse": _conversion(DYN, STRING),
    "date": _conversion(TIMESTAMP, DYN),
    "now": _plain(((), TIMESTAMP)),
    "now_plus": _conversion(TIMESTAMP, STRING),
    "now_minus": _conversion(TIMESTAMP, STRING),
    **{name: _getter(name) for name in getters.NAMES},
}
