"""The evidence file taken apart (docs/firn.cddl, `evidence`; docs/formats.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from . import cbor, fork, history, names, shape
from . import entry as entries
from .entry import Entry
from .fork import Fork
from .history import History
from .refusal import want

LIMIT = 64 * 1024 * 1024


@dataclass(frozen=True)
class Disclosed:
    """An entry with its salt and body."""

    entry: Entry
    salt: bytes
    body: bytes

    def is_whole(self) -> bool:
        """Whether the body is the one that was signed, and deterministic CBOR."""
        return self.entry.commits_to(self.salt, self.body) and cbor.is_deterministic(self.body)


@dataclass(frozen=True)
class Opened:
    """A document of the vault that was opened for the file."""

    salt: bytes
    document: bytes

    @property
    def commitment(self) -> bytes:
        """What an entry says of it."""
        return names.digest(b"firn vault document v1", b"\0", self.salt, self.document)


@dataclass(frozen=True)
class Evidence:
    """One shipment's evidence."""

    organisation: bytes
    shipment: bytes
    devices: list[Disclosed]
    loggers: list[Disclosed]
    about: list[Disclosed]
    batches: dict[bytes, bytes]
    people: list[Disclosed]
    earlier: dict[bytes, list[Disclosed]]
    opened: list[Opened]
    histories: list[History]
    forks: list[Fork]
    profiles: list[Disclosed]

    def of_shipments(self) -> list[Disclosed]:
        """The entries about the shipment and about the earlier ones."""
        return [*self.about, *(one for legs in self.earlier.values() for one in legs)]

    def told(self) -> list[Disclosed]:
        """All entries but those that admit devices."""
        return [*self.of_shipments(), *self.loggers, *self.people, *self.profiles]

    def disclosed(self) -> list[Disclosed]:
        """All entries but the indexes of its histories."""
        return [*self.devices, *self.told()]


def parse(data: bytes) -> Evidence:
    """An evidence file by its bytes; anything else is refused, since one bundle has one encoding."""
    want(len(data) <= LIMIT, "size", "a file beyond 64 MiB")
    fields = shape.Map(cbor.decode(data))
    want(fields.take(1, shape.text) == "firn evidence", "shape", "another file")
    want(fields.take(2, shape.uint) == 1, "shape", "another version")
    evidence = Evidence(
        organisation=fields.take(3, shape.hash32),
        shipment=fields.take(4, shape.id16),
        devices=fields.take(5, disclosures),
        loggers=fields.take(6, disclosures),
        about=fields.take(7, disclosures),
        batches=fields.take(8, _batches),
        people=fields.maybe(9, lambda value: _some(disclosures(value))) or [],
        earlier=dict(fields.maybe(10, _earlier) or []),
        opened=fields.maybe(11, _opened) or [],
        histories=fields.maybe(12, _histories) or [],
        forks=fields.maybe(13, _forks) or [],
        profiles=fields.maybe(14, lambda value: _some(disclosures(value))) or [],
    )
    fields.end()
    return evidence


def disclosures(value: Any) -> list[Disclosed]:
    """Disclosures that ascend by log and sequence, none twice."""
    parsed = shape.many(_disclosure)(value)
    want(shape.ascending([(one.entry.log, one.entry.sequence) for one in parsed]), "order", "out of order, or twice")
    return parsed


def has_hole(about: Iterable[Disclosed], subject: bytes) -> bool:
    """Whether entries about a subject fail to follow each other within a log (check 5)."""
    last: dict[bytes, tuple[int, bytes]] = {}
    for one in about:
        place = one.entry.subject
        count, leaf = last.get(one.entry.log, (0, None))
        if place is None or place.id != subject or place.sequence != count or place.back != leaf:
            return True
        last[one.entry.log] = (count + 1, one.entry.leaf)
    return False


def _disclosure(value: Any) -> Disclosed:
    entry, salt, body = shape.array(value, 3)
    return Disclosed(entries.parse(shape.byte_string(entry)), shape.octets(32)(salt), shape.byte_string(body))


def _batches(value: Any) -> dict[bytes, bytes]:
    """Batches by address, ascending."""
    batches = shape.many(shape.byte_string)(value)
    want(all(len(batch) <= entries.BATCH_LIMIT for batch in batches), "size", "a batch that is too long")
    want(all(cbor.is_deterministic(batch) for batch in batches), "shape", "a batch that is not deterministic CBOR")
    addresses = [names.digest(batch) for batch in batches]
    want(shape.ascending(addresses), "order", "batches out of order, or one twice")
    return dict(zip(addresses, batches, strict=True))


def _histories(value: Any) -> list[History]:
    """Histories, ascending by log."""
    parsed = shape.many(history.parse, least=1)(value)
    want(shape.ascending([one.log for one in parsed]), "order", "histories out of order, or one twice")
    return parsed


def _forks(value: Any) -> list[Fork]:
    """Proofs of two histories, ascending by log."""
    parsed = shape.many(lambda item: fork.parse(shape.byte_string(item)), least=1)(value)
    want(shape.ascending([one.log() for one in parsed]), "order", "proofs of forks out of order, or two of one log")
    return parsed


def _some(items: list[Any]) -> list[Any]:
    want(bool(items), "shape", "a list of nothing")
    return items


def _earlier(value: Any) -> Sequence[tuple[bytes, list[Disclosed]]]:
    """The earlier shipments, by id."""
    pairs = [(shape.id16(shape.array(item, 2)[0]), disclosures(item[1])) for item in shape.array(value, least=1)]
    want(shape.ascending([shipment for shipment, _ in pairs]), "order", "earlier shipments out of order")
    return pairs


def _opened(value: Any) -> list[Opened]:
    """Opened documents, by commitment."""
    items = [shape.array(item, 2) for item in shape.array(value, least=1)]
    documents = [Opened(shape.octets(32)(salt), shape.byte_string(document)) for salt, document in items]
    want(shape.ascending([one.commitment for one in documents]), "order", "documents out of order")
    return documents
