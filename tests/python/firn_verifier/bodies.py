"""The bodies of kinds from 16 on that checks look into (docs/firn.cddl)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from . import cbor, shape
from .bundle import Disclosed
from .refusal import Refused

LOGGER, READINGS, LOGGER_ENDED, DOWNLOAD, PERSON, PERSON_KEY, POLICY, POSITION = 16, 22, 32, 34, 35, 36, 42, 45
TAKEN, CLOCK_COMPARED, PROFILE = 46, 47, 17
ORGANISATION_KINDS = (LOGGER, LOGGER_ENDED, POLICY, CLOCK_COMPARED)
PEOPLE_KINDS = (PERSON, PERSON_KEY)
ACTIVE, ENDED = 1, 2
NAMES: dict[int, tuple[int, ...]] = {
    23: (7,),
    25: (1,),
    26: (1,),
    30: (4,),
    38: (1,),
    40: (1,),
    41: (1,),
    43: (1, 2),
    45: (1,),
    48: (1,),
}
"""Under which keys a body names other entries about the same shipment."""


@dataclass(frozen=True)
class ClockSet:
    """That a logger's clock was set."""

    at: int
    to: int
    offset: int
    before: int | None


@dataclass(frozen=True)
class Readings:
    """What kind 22 says of its batch."""

    logger: bytes
    channel: tuple[int, int]
    source: int
    count: int
    first: int
    last: int
    clock_set: ClockSet | None


@dataclass(frozen=True)
class Session:
    """What kind 34 says of a raw session."""

    arrived: int
    length: int
    hash: bytes


@dataclass(frozen=True)
class Download:
    """Kind 34: a clock that was set, or a session that was kept."""

    logger: bytes
    did: ClockSet | Session


@dataclass(frozen=True)
class Person:
    """Kind 35."""

    id: bytes
    role: int
    trained: int | None
    standing: int
    withdrawn: frozenset[bytes]
    code: bytes | None
    reason: str | None


@dataclass(frozen=True)
class PersonKey:
    """Kind 36."""

    person: bytes
    key: bytes


def parse_channel(value: Any) -> tuple[int, int]:
    """A `channel`."""
    quantity, probe = shape.array(value, 2)
    return shape.integer(quantity, 1, 7), shape.integer(probe, 0, 255)


def parse_readings(body: bytes) -> Readings:
    """The body of kind 22."""
    fields = shape.Map(cbor.decode(body))
    readings = Readings(
        logger=fields.take(1, shape.id16),
        channel=fields.take(2, parse_channel),
        source=fields.take(3, shape.choice(1, 2, 3)),
        count=fields.take(4, shape.uint),
        first=fields.take(5, shape.integer),
        last=fields.take(6, shape.integer),
        clock_set=fields.maybe(8, _clock_set),
    )
    fields.expect({}, {7: shape.choice(1, 2)})
    return readings


def parse_download(body: bytes) -> Download:
    """The body of kind 34: one of its two."""
    fields = shape.Map(cbor.decode(body))
    logger, clock, session = fields.take(1, shape.id16), fields.maybe(2, _clock_set), fields.maybe(3, _session)
    if clock is not None and session is None:
        return Download(logger, clock)
    if session is not None and clock is None:
        return Download(logger, session)
    raise Refused("shape", "a download that tells of one thing alone is asked for")


def _change_reason(value: Any) -> str | None:
    """Why the entry changes what stood before; what is no text says nothing."""
    return value if isinstance(value, str) else None


def parse_person(body: bytes) -> Person:
    """The body of kind 35."""
    fields = shape.Map(cbor.decode(body))
    fields.expect({2: shape.text}, {3: shape.text})
    return Person(
        id=fields.take(1, shape.id16),
        role=fields.take(4, shape.choice(1, 2, 3, 4)),
        trained=fields.maybe(5, shape.integer),
        standing=fields.take(6, shape.choice(ACTIVE, ENDED)),
        withdrawn=frozenset(fields.maybe(7, shape.many(_withdrawn_key)) or []),
        code=fields.maybe(8, shape.key32),
        reason=fields.maybe(30, _change_reason),
    )


def parse_person_key(body: bytes) -> PersonKey:
    """The body of kind 36."""
    fields = shape.Map(cbor.decode(body))
    fields.expect({3: shape.hash32})
    return PersonKey(fields.take(1, shape.id16), fields.take(2, shape.key32))


def parse_logger(body: bytes) -> bytes:
    """The id in a body of kind 16, all of which can be read."""
    fields = shape.Map(cbor.decode(body))
    numbers = {6: shape.uint32, 7: shape.uint32, 9: shape.integer}
    fields.expect({2: shape.text, 3: shape.text}, {4: shape.octets(6), 5: shape.text, 8: _check_certificate, **numbers})
    return fields.take(1, shape.id16)


def lacking(about: Iterable[Disclosed]) -> list[tuple[Disclosed, tuple[bytes, bytes]]]:
    """Bodies that are the signed ones and name an entry about the same shipment that is not there (check 5)."""
    told = list(about)
    held = {(one.entry.log, one.entry.leaf) for one in told}
    return [(one, named) for one in told for named in _named(one) if named not in held]


def _named(one: Disclosed) -> list[tuple[bytes, bytes]]:
    keys = NAMES.get(one.entry.kind, ())
    if not keys or not one.is_whole():
        return []
    try:
        fields = shape.Map(cbor.decode(one.body))
        return [named for key in keys if (named := fields.maybe(key, _reference)) is not None]
    except Refused:
        return []


def _reference(value: Any) -> tuple[bytes, bytes]:
    """An `entry-reference`."""
    log, leaf = shape.array(value, 2)
    return shape.hash32(log), shape.hash32(leaf)


def enrolled_loggers(counting: Iterable[Disclosed]) -> set[bytes]:
    """The loggers that entries which count have enrolled."""
    found = set()
    for one in counting:
        if one.entry.kind == LOGGER:
            try:
                found.add(parse_logger(one.body))
            except Refused:
                continue
    return found


def _clock_set(value: Any) -> ClockSet:
    fields = shape.Map(value)
    at, to, offset = (fields.take(key, shape.integer) for key in (1, 2, 3))
    return ClockSet(at, to, offset, fields.maybe(4, shape.integer))


def _session(value: Any) -> Session:
    fields = shape.Map(value)
    fields.expect({4: shape.choice(1)})
    return Session(fields.take(1, shape.integer), fields.take(2, shape.uint), fields.take(3, shape.hash32))


def _withdrawn_key(value: Any) -> bytes:
    fields = shape.Map(value)
    fields.expect({2: shape.text})
    return fields.take(1, shape.key32)


def _check_certificate(value: Any) -> None:
    """A `certificate`."""
    points = shape.many(lambda point: [shape.integer(one) for one in shape.array(point, 2)])
    texts, numbers = {1: shape.text, 2: shape.text}, {3: shape.integer, 4: shape.integer}
    wanted: dict[int, shape.Parser[Any]] = {**texts, **numbers, 6: points, 7: shape.choice(1, 2)}
    shape.Map(value).expect(wanted, {5: shape.uint32})
