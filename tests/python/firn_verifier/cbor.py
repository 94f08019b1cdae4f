"""Deterministic CBOR (docs/format.md §1; RFC 8949 §4.2.1) over the stock decoder.

The stock decoder is lenient. What it makes of some bytes is therefore encoded again: only bytes in the one
deterministic form come out as they went in. What re-encoding cannot see (the order of map keys, types that are not
ours) is checked on the values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from itertools import pairwise
from typing import Any, TypeAlias

import cbor2

from .refusal import Refused, want

Value: TypeAlias = Any
"""An int, bytes, str, bool, None, list or dict of these, or one CBORTag."""

NESTING = 16
"""In how many arrays, maps and tags an item may stand (§1)."""

_INTEGERS = range(-(2**64), 2**64)
_MEANT = (*range(6), 25, 28, 29, 30, 35, 36, 37, 52, 54, 100, 256, 258, 260, 261, 1004, 43000, 55799)


def _plain(number: int) -> Callable[[Value, bool], cbor2.CBORTag]:
    """Keeps a tag as a tag, where the stock decoder would read a date or a set into it."""
    return lambda value, _: cbor2.CBORTag(number, value)


_TAGS = {number: _plain(number) for number in _MEANT}


def encode(value: Value) -> bytes:
    """The deterministic bytes of a value whose maps are in order already."""
    encoded: bytes = cbor2.dumps(value)
    return encoded


def decode(data: bytes) -> Value:
    """The value of bytes in deterministic form; any other bytes are refused, and never encoded anew."""
    decoder = cbor2.CBORDecoder(
        BytesIO(data), semantic_decoders=_TAGS, allow_indefinite=False, allow_duplicate_keys=False, max_depth=64
    )
    try:
        value = decoder.decode()
        again = cbor2.dumps(value)
    except Exception as cause:  # the decoder's own errors are of many types, and each is a refusal
        raise Refused("cbor", f"no CBOR: {cause}") from cause
    want(again == data, "cbor", "not in the deterministic form")
    _check(value, NESTING)
    return value


def is_deterministic(data: bytes) -> bool:
    """Whether bytes are one item in deterministic form."""
    try:
        decode(data)
    except Refused:
        return False
    return True


def _check(value: Value, depth: int) -> None:
    """Refuses types that are not of the format, key order and nesting."""
    want(depth >= 0, "cbor", "nested too deeply")
    if isinstance(value, (bool, bytes, str)) or value is None:
        return
    if isinstance(value, int):
        want(value in _INTEGERS, "cbor", "an integer beyond 64 bits")
    elif isinstance(value, (list, tuple)):
        for item in value:
            _check(item, depth - 1)
    elif isinstance(value, Mapping):
        _check_keys(value)
        for key, item in value.items():
            _check(key, depth - 1)
            _check(item, depth - 1)
    elif isinstance(value, cbor2.CBORTag):
        _check(value.value, depth - 1)
    else:
        raise Refused("cbor", f"a {type(value).__name__} is no value of the format")


def _check_keys(value: Mapping[Value, Value]) -> None:
    """Keys ascend bytewise in their encoded form."""
    keys = [cbor2.dumps(key) for key in value]
    want(all(a < b for a, b in pairwise(keys)), "cbor", "map keys that do not ascend")
