"""Cards of partner organisations, and pins (docs/format.md §10)."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from . import cbor, ed25519, membership, names, shape
from .entry import Entry, Head, parse_head
from .refusal import Refused, want

PREFIX = "firn-partner:"
WHITE_SPACE = frozenset(map(chr, [*range(9, 14), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B)]))
WHITE_SPACE |= frozenset("\u2028\u2029\u202f\u205f\u3000")
"""The Unicode property White_Space (PropList.txt)."""


@dataclass(frozen=True)
class Card:
    """What an organisation shows of itself."""

    root_key: bytes
    name: str
    gln: str | None
    head: Head | None

    @property
    def organisation(self) -> bytes:
        """Its id (§2)."""
        return names.organisation_id(self.root_key)


def parse(text: str) -> Card:
    """A card by its text, whatever its case and white space; anything else is refused."""
    text = "".join(letter for letter in text if letter not in WHITE_SPACE)
    want(text.isascii(), "card", "a letter beyond ASCII")
    text = text.upper()
    want(text.startswith(PREFIX.upper()), "card", "another beginning")
    data = _base32(text.removeprefix(PREFIX.upper()))
    card, check = data[:-4], data[-4:]
    want(names.digest(b"firn partner v1", card)[:4] == check, "card", "a check value that does not fit")
    fields = shape.Map(cbor.decode(card))
    want(fields.take(1, shape.uint) == 1, "card", "another version")
    parsed = Card(
        root_key=fields.take(2, shape.key32),
        name=fields.take(3, shape.text),
        gln=fields.maybe(4, shape.text),
        head=fields.maybe(5, parse_head),
    )
    want(parsed.gln is None or re.fullmatch("[0-9]{13}", parsed.gln) is not None, "card", "no GLN")
    want(ed25519.is_sound(parsed.root_key), "card", "a root key that is never admitted")
    return parsed


PINNED, REVOKED = 1, 2


@dataclass(frozen=True)
class Pin:
    """An admin's word about an organisation, with the entry that holds it."""

    entry: Entry
    card: Card
    standing: int

    def knew(self, other: Pin) -> bool:
        """Whether its signer held the other."""
        if self.entry.log == other.entry.log:
            return other.entry.sequence < self.entry.sequence
        return any(head.log == other.entry.log and other.entry.sequence < head.size for head in self.entry.heads)


def parse_pin(entry: Entry, body: bytes) -> Pin:
    """The body of kind 7: its id is that of its key."""
    fields = shape.Map(cbor.decode(body))
    organisation = fields.take(1, shape.hash32)
    card = Card(
        root_key=fields.take(2, shape.key32),
        name=fields.take(3, shape.text),
        gln=fields.maybe(4, shape.text),
        head=fields.maybe(5, parse_head),
    )
    want(card.gln is None or re.fullmatch("[0-9]{13}", card.gln) is not None, "pin", "no GLN")
    want(card.organisation == organisation, "pin", "an id that is not its key's")
    return Pin(entry, card, fields.take(6, shape.choice(PINNED, REVOKED)))


def known(organisation: bytes, statements: list[membership.Stated], pins: list[Pin]) -> dict[bytes, Pin]:
    """The last word about each other organisation, in whatever order all of it came."""
    counts = membership.admin_counts(organisation, statements)
    said: dict[bytes, list[Pin]] = {}
    for pin in pins:
        if pin.card.organisation != organisation and counts(pin.entry):
            said.setdefault(pin.card.organisation, []).append(pin)
    return {partner: _last_word(all_said) for partner, all_said in said.items()}


def _last_word(pins: list[Pin]) -> Pin:
    last = [one for one in pins if not any(other is not one and other.knew(one) for other in pins)]
    return max(last or pins, key=lambda pin: (pin.standing == REVOKED, pin.entry.at, pin.entry.log, pin.entry.leaf))


def _base32(text: str) -> bytes:
    """RFC 4648 §6 without padding, and no other way to write the same bytes."""
    try:
        data = base64.b32decode(text + "=" * (-len(text) % 8))
    except (binascii.Error, ValueError) as cause:
        raise Refused("card", "no base32") from cause
    want(base64.b32encode(data).decode().rstrip("=") == text, "card", "bits left over")
    return data
