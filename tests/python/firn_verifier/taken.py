"""Evidence of other organisations that was taken in (docs/format.md §10; docs/formats.md, partners)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import bodies, bundle, cbor, names, shape
from .bundle import Disclosed, Evidence
from .entry import parse_reference
from .refusal import Refused, want

DEEPEST = 8
"""How many organisations deep evidence is followed."""
Refusals = Callable[[bytes], list[tuple[str, int, str]]]
Verify = Callable[[bytes, int], dict[str, str]]


@dataclass(frozen=True)
class TakenUp:
    """The offer that is taken up."""

    offered: tuple[bytes, bytes]
    nonce: bytes
    at: int


@dataclass(frozen=True)
class Taken:
    """Kind 46."""

    organisation: bytes
    evidence: bytes
    length: int
    taken_up: TakenUp | None
    acceptance: tuple[bytes, bytes] | None


@dataclass(frozen=True)
class Part:
    """One part of evidence."""

    evidence: bytes
    place: int
    parts: int
    data: bytes


def parse(body: bytes) -> Taken:
    """The body of kind 46."""
    fields = shape.Map(cbor.decode(body))
    fields.expect({4: shape.choice(1, 2)})
    taken = Taken(
        organisation=fields.take(1, shape.hash32),
        evidence=fields.take(2, shape.hash32),
        length=fields.take(3, shape.uint),
        taken_up=fields.maybe(5, _taken_up),
        acceptance=fields.maybe(6, parse_reference),
    )
    want(taken.acceptance is None or taken.taken_up is not None, "shape", "an acceptance of no offer")
    return taken


def parse_part(data: bytes) -> Part:
    """An `evidence-part`."""
    fields = shape.Map(cbor.decode(data))
    want(fields.take(1, shape.uint) == 1, "shape", "another version")
    evidence = fields.take(2, shape.hash32)
    place, parts = shape.many(shape.uint)(shape.array(fields.take(3, shape.anything), 2))
    want(place < parts <= 16, "shape", "a place beyond the parts")
    octets = fields.take(4, shape.byte_string)
    want(1 <= len(octets) <= 1_000_000, "shape", "a part without bytes, or too long")
    return Part(evidence, place, parts, octets)


def partners(evidence: Evidence, deep: int, verify: Verify, refused: Refusals) -> str | None:
    """Whether all of it is what was signed, and intact; none where nothing was taken in."""
    lists = [(evidence.shipment, evidence.about), *evidence.earlier.items()]
    taken = [(shipment, one) for shipment, about in lists for one in about if one.entry.kind == bodies.TAKEN]
    if not taken:
        return None
    if deep == 0:
        return "cannot"
    try:
        is_open = [_one(evidence, shipment, one, verify, refused, deep - 1) for shipment, one in taken]
    except Refused:
        return "failed"
    return "cannot" if any(is_open) else "proved"


def _one(
    evidence: Evidence, shipment: bytes, one: Disclosed, verify: Verify, refused: Refusals, deep: int
) -> bool:
    """Refuses what does not hold; whether something in it lies too deep."""
    says = parse(one.body)
    data = _joined(evidence, one, says)
    outcomes = verify(data, deep)
    want("failed" not in outcomes.values(), "taken", "evidence that does not hold")
    theirs = bundle.parse(data)
    of_them = theirs.organisation == says.organisation != evidence.organisation
    want(of_them and theirs.shipment == shipment, "taken", "evidence of another organisation or shipment")
    if says.acceptance is not None and says.taken_up is not None:
        here = {(own.entry.log, own.entry.leaf) for own in evidence.about}
        want(says.taken_up.offered in here, "taken", "an offer that is not here")
        idle = {(log, sequence) for log, sequence, _ in refused(data)}
        want(_accepts(theirs, says, evidence.organisation, idle), "taken", "a receipt that takes nothing over")
    return outcomes.get("partners") == "cannot"


def _accepts(theirs: Evidence, says: Taken, own: bytes, idle: set[tuple[str, int]]) -> bool:
    """Whether the entry that is named counts in the receipt and takes up the same offer."""
    for one in theirs.about:
        entry = one.entry
        if entry.kind == bodies.TAKEN and (entry.log, entry.leaf) == says.acceptance:
            said = parse(one.body)
            same = said.acceptance is None and said.taken_up == says.taken_up and said.organisation == own
            return same and (entry.log.hex(), entry.sequence) not in idle
    return False


def _joined(evidence: Evidence, one: Disclosed, says: Taken) -> bytes:
    """The bytes out of the parts that the entry names."""
    want(all(address in evidence.batches for address in one.entry.batches), "taken", "a part that is missing")
    found = sorted((parse_part(evidence.batches[address]) for address in one.entry.batches), key=lambda part: part.place)
    fits = all((part.evidence, part.parts) == (says.evidence, len(found)) for part in found)
    want(bool(found) and fits, "taken", "parts that do not go together")
    want([part.place for part in found] == list(range(len(found))), "taken", "a part that is missing, or twice")
    data = b"".join(part.data for part in found)
    want((len(data), names.digest(data)) == (says.length, says.evidence), "taken", "other evidence")
    return data


def _taken_up(value: Any) -> TakenUp:
    fields = shape.Map(value)
    return TakenUp(fields.take(1, parse_reference), fields.take(2, shape.id16), fields.take(3, shape.integer))
