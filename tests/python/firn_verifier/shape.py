"""Takes CDDL maps and arrays apart (docs/firn.cddl): wanted keys, optional keys, types and lengths."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any, TypeVar

from .refusal import Refused, want

T = TypeVar("T")
Parser = Callable[[Any], T]


def integer(value: Any, low: int = -(2**63), high: int = 2**63 - 1) -> int:
    """An int within its range."""
    want(type(value) is int and low <= value <= high, "shape", "an integer out of its range")
    return int(value)


def uint(value: Any) -> int:
    """An integer from 0."""
    return integer(value, 0, 2**64 - 1)


def integer32(value: Any) -> int:
    """An integer of 32 bits."""
    return integer(value, -(2**31), 2**31 - 1)


def uint32(value: Any) -> int:
    """An integer of 32 bits from 0."""
    return integer(value, 0, 2**32 - 1)


def text(value: Any) -> str:
    """A text."""
    want(isinstance(value, str), "shape", "no text")
    return str(value)


def octets(size: int) -> Parser[bytes]:
    """Bytes of one length."""

    def parse(value: Any) -> bytes:
        want(isinstance(value, bytes) and len(value) == size, "shape", f"not {size} bytes")
        return bytes(value)

    return parse


def byte_string(value: Any) -> bytes:
    """Bytes of any length."""
    want(isinstance(value, bytes), "shape", "no bytes")
    return bytes(value)


hash32 = octets(32)
id16 = octets(16)
key32 = octets(32)
signature64 = octets(64)


def choice(*numbers: int) -> Parser[int]:
    """One of some numbers."""

    def parse(value: Any) -> int:
        want(type(value) is int and value in numbers, "shape", "a number that has no meaning")
        return int(value)

    return parse


def array(value: Any, size: int | None = None, least: int = 0) -> list[Any]:
    """An array, of a known size where one is given."""
    want(isinstance(value, (list, tuple)), "shape", "no array")
    want(len(value) >= least and (size is None or len(value) == size), "shape", "an array of another size")
    return list(value)


def many(parser: Parser[T], least: int = 0, most: int | None = None) -> Parser[list[T]]:
    """An array of one type."""

    def parse(value: Any) -> list[T]:
        items = [parser(item) for item in array(value, least=least)]
        want(most is None or len(items) <= most, "shape", "too many items")
        return items

    return parse


def anything(value: Any) -> Any:
    """Whatever it is."""
    return value


class Map:
    """A map whose keys are taken one by one; keys that nobody took are unknown, and kept."""

    def __init__(self, value: Any) -> None:
        want(isinstance(value, Mapping), "shape", "no map")
        self.value: dict[Any, Any] = dict(value)
        self.left = {key for key in value if type(key) is int}
        self.others = len(value) - len(self.left)

    def has(self, key: int) -> bool:
        """Whether the map has the key."""
        return key in self.left

    def take(self, key: int, parser: Parser[T]) -> T:
        """What stands under a wanted key."""
        if key not in self.left:
            raise Refused("shape", f"key {key} is missing")
        self.left.discard(key)
        return parser(self.value[key])

    def maybe(self, key: int, parser: Parser[T]) -> T | None:
        """What stands under an optional key."""
        return self.take(key, parser) if key in self.left else None

    def expect(self, wanted: Mapping[int, Parser[Any]], optional: Mapping[int, Parser[Any]] | None = None) -> None:
        """Checks keys whose values nobody asks for."""
        for key, parser in wanted.items():
            self.take(key, parser)
        for key, parser in (optional or {}).items():
            self.maybe(key, parser)

    def end(self) -> None:
        """Refuses keys that nobody took."""
        want(not self.left and self.others == 0, "shape", "a key that has no meaning")


def only(value: Any, *keys: int) -> None:
    """Refuses a map with any other key."""
    want(isinstance(value, Mapping) and set(value) <= set(keys), "shape", "a key that has no meaning")


def ascending(items: list[Any]) -> bool:
    """Whether items ascend, none twice."""
    return all(a < b for a, b in pairwise(items))
