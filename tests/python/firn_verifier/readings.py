"""Batches, raw sessions and positions against the bodies that tell of them (docs/formats.md, checks 7, 9, 11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from . import bodies, cbor, names, shape, taken
from .bodies import ClockSet, Session
from .bundle import Disclosed, Evidence
from .entry import parse_reference
from .refusal import Refused, want


@dataclass(frozen=True)
class Batch:
    """What a `readings` body says of a batch."""

    logger: bytes
    channel: tuple[int, int]
    source: int
    count: int
    first: int
    last: int


@dataclass(frozen=True)
class Part:
    """One part of a raw session."""

    logger: bytes
    arrived: int
    place: int
    parts: int
    data: bytes


def parse_batch(data: bytes) -> Batch:
    """A `batch`, whose lists are as long as each other."""
    fields = shape.Map(cbor.decode(data))
    want(fields.take(1, shape.uint) == 1, "shape", "another version")
    logger, channel = fields.take(2, shape.id16), fields.take(3, bodies.parse_channel)
    source = fields.take(4, shape.choice(1, 2, 3))
    clocks = {5: shape.choice(1, 2, 3, 4, 5), 6: shape.choice(0, 1, 2, 3), 7: shape.integer}
    fields.expect(clocks, {8: shape.uint32, 14: shape.choice(1)})
    steps = fields.take(9, shape.many(shape.integer, least=1, most=4096))
    want(all(step >= 0 for step in steps[1:]), "shape", "times that go back")
    lists: list[list[Any] | None] = [fields.take(10, shape.many(shape.integer32))]
    lists += [fields.maybe(11, shape.many(shape.integer)), fields.maybe(12, shape.many(shape.uint))]
    lists += [fields.maybe(13, shape.many(shape.byte_string))]
    want(all(one is None or len(one) == len(steps) for one in lists), "shape", "lists of unequal length")
    times = [shape.integer(time) for time in accumulate(steps)]
    return Batch(logger, channel, source, len(steps), times[0], times[-1])


def parse_part(data: bytes) -> Part:
    """A `session-part`."""
    fields = shape.Map(cbor.decode(data))
    want(fields.take(1, shape.uint) == 1, "shape", "another version")
    logger, arrived = fields.take(2, shape.id16), fields.take(3, shape.integer)
    place, parts = shape.many(shape.uint)(shape.array(fields.take(4, shape.anything), 2))
    want(place < parts <= 64, "shape", "a place beyond the parts")
    octets = fields.take(5, shape.byte_string)
    want(1 <= len(octets) <= 1_000_000, "shape", "a part without bytes, or too long")
    return Part(logger, arrived, place, parts, octets)


def batches_hold(evidence: Evidence) -> bool:
    """Check 7: each batch that an entry names is in the file and is told of truly, and none stands unnamed."""
    told = evidence.of_shipments()
    named = {address for one in told for address in one.entry.batches}
    return named == set(evidence.batches) and all(
        _tells_truly(one, evidence.batches[address]) for one in told for address in one.entry.batches
    )


def speaking(evidence: Evidence) -> set[bytes]:
    """The loggers of all batches and parts in the file."""
    found = set()
    for data in evidence.batches.values():
        for parse in (parse_batch, parse_part):
            try:
                found.add(parse(data).logger)
            except Refused:
                continue
    return found


def downloads(evidence: Evidence) -> str | None:
    """Check 9: raw sessions and clocks; none where no download did either."""
    told = [one for one in evidence.of_shipments() if one.entry.kind == bodies.DOWNLOAD]
    clocks, holds = set[tuple[bytes, bytes, ClockSet]](), True
    for one in told:
        try:
            download = bodies.parse_download(one.body)
            if isinstance(download.did, ClockSet):
                clocks.add((one.entry.log, download.logger, download.did))
            else:
                _check_session(one, download.logger, download.did, evidence.batches)
        except Refused:
            holds = False
    believed = [clock for one in evidence.of_shipments() if (clock := _believed_clock(one)) is not None]
    if not told and not believed:
        return None
    return "proved" if holds and all(clock in clocks for clock in believed) else "failed"


def positions(evidence: Evidence) -> str | None:
    """Check 11: opened documents to which entries commit; none where no position was recorded."""
    told = [one for one in evidence.about if one.entry.kind == bodies.POSITION]
    if not told and not evidence.opened:
        return None
    try:
        committed = {_commitment(one.body) for one in told}
        want({one.commitment for one in evidence.opened} <= committed, "position", "committed to by no entry")
        for one in evidence.opened:
            _check_position(one.document)
    except Refused:
        return "failed"
    return "proved" if len(evidence.opened) == len(committed) else "cannot"


def _tells_truly(one: Disclosed, data: bytes) -> bool:
    """Whether an entry is about its batch and its body tells truly of it."""
    try:
        if one.entry.kind == bodies.DOWNLOAD:
            parse_part(data)
            return True
        if one.entry.kind == bodies.TAKEN:
            taken.parse_part(data)
            return True
        want(one.entry.kind == bodies.READINGS, "batch", "an entry that is not about readings")
        told, batch = bodies.parse_readings(one.body), parse_batch(data)
    except Refused:
        return False
    said = (told.logger, told.channel, told.source, told.count, told.first, told.last)
    return said == (batch.logger, batch.channel, batch.source, batch.count, batch.first, batch.last)


def _believed_clock(one: Disclosed) -> tuple[bytes, bytes, ClockSet] | None:
    """The clock that readings say was set, with their log and logger."""
    if one.entry.kind != bodies.READINGS:
        return None
    try:
        told = bodies.parse_readings(one.body)
    except Refused:
        return None
    return None if told.clock_set is None else (one.entry.log, told.logger, told.clock_set)


def _check_session(one: Disclosed, logger: bytes, session: Session, batches: Mapping[bytes, bytes]) -> None:
    """The parts of a raw session give the bytes that its entry tells."""
    want(all(address in batches for address in one.entry.batches), "session", "a part that is missing")
    parts = sorted((parse_part(batches[address]) for address in one.entry.batches), key=lambda part: part.place)
    of_it = all((part.logger, part.arrived, part.parts) == (logger, session.arrived, len(parts)) for part in parts)
    places = [part.place for part in parts] == list(range(len(parts)))
    want(bool(parts) and of_it and places, "session", "parts that do not go together")
    data = b"".join(part.data for part in parts)
    want((len(data), names.digest(data)) == (session.length, session.hash), "session", "another session")


def _commitment(body: bytes) -> bytes:
    """The commitment of a position's entry."""
    fields = shape.Map(cbor.decode(body))
    fields.expect({1: parse_reference, 3: shape.id16})
    return fields.take(2, shape.hash32)


def _check_position(document: bytes) -> None:
    """Bytes are a `position-document`."""

    def degrees(most: int) -> shape.Parser[int]:
        return lambda value: shape.integer(value, -most * 1_000_000, most * 1_000_000)

    wanted = {1: shape.choice(1), 2: degrees(90), 3: degrees(180), 4: shape.uint32, 5: shape.integer}
    shape.Map(cbor.decode(document)).expect(wanted)
