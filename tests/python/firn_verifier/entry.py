"""One entry: COSE_Sign1 with tag 18 over a payload (docs/format.md §3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cbor2

from . import cbor, ed25519, names, shape
from .refusal import want

CONTENT_TYPE = "application/vnd.firn.entry.v1+cbor"
ENTRY_LIMIT = 65_536
BODY_LIMIT = 524_288
BATCH_LIMIT = 1_047_552
LEDGER_KINDS = range(1, 16)
GENESIS, ENROL, REVOKE, INDEX, FORK, ERASURE, PARTNER, ROOT, UPHELD = range(1, 10)


@dataclass(frozen=True)
class Head:
    """Log, size and root of a tree (§4)."""

    log: bytes
    size: int
    root: bytes


@dataclass(frozen=True)
class Subject:
    """What an entry belongs to, and its place among the entries of its log about it."""

    id: bytes
    sequence: int
    back: bytes | None


@dataclass(frozen=True)
class PersonSignature:
    """A person's key and their signature."""

    key: bytes
    signature: bytes


@dataclass(frozen=True)
class Entry:
    """An entry as it came, taken apart."""

    data: bytes
    protected: bytes
    payload: bytes
    signature: bytes
    log: bytes
    sequence: int
    back: bytes
    kind: int
    subject: Subject | None
    at: int
    monotonic: int
    boot: bytes
    heads: tuple[Head, ...]
    body: bytes
    body_length: int
    person: bytes | None
    person_signature: PersonSignature | None
    batches: tuple[bytes, ...]

    @property
    def leaf(self) -> bytes:
        """The leaf of the entry (§2)."""
        return names.leaf(self.data)

    def is_signed_by(self, key: bytes) -> bool:
        """Whether the device key's signature over the COSE Sig_structure holds (RFC 9052 §4.4)."""
        signed = cbor.encode(["Signature1", self.protected, b"", self.payload])
        return ed25519.verify(key, signed, self.signature)

    def person_holds(self) -> bool:
        """Whether the person's signature holds, or there is none (§3)."""
        if self.person_signature is None:
            return True
        payload = cbor.decode(self.payload)
        rest = cbor.encode({key: value for key, value in payload.items() if type(key) is not int or key != 14})
        signed = names.digest(b"firn person v1", self.log, rest)
        return ed25519.verify(self.person_signature.key, signed, self.person_signature.signature)

    def commits_to(self, salt: bytes, body: bytes) -> bool:
        """Whether salt and body are what was signed (§3, rule 6)."""
        return names.commitment(salt, body) == self.body and len(body) == self.body_length


def parse_head(value: Any) -> Head:
    """A `head`."""
    log, size, root = shape.array(value, 3)
    return Head(shape.hash32(log), shape.uint(size), shape.hash32(root))


def parse_reference(value: Any) -> tuple[bytes, bytes]:
    """An `entry-reference`: log and leaf."""
    log, leaf = shape.array(value, 2)
    return shape.hash32(log), shape.hash32(leaf)


def parse(data: bytes) -> Entry:
    """An entry by its bytes; anything else is refused."""
    want(len(data) <= ENTRY_LIMIT, "size", "an entry beyond 65536 bytes")
    tagged = cbor.decode(data)
    want(isinstance(tagged, cbor2.CBORTag) and tagged.tag == 18, "shape", "not a COSE_Sign1 with its tag")
    protected, unprotected, payload, signature = shape.array(tagged.value, 4)
    shape.Map(unprotected).end()
    protected, payload = shape.byte_string(protected), shape.byte_string(payload)
    return _payload(data, protected, payload, shape.signature64(signature), _kid(protected))


def _kid(protected: bytes) -> bytes:
    """The log id of a protected header, which holds nothing else that may vary."""
    header = shape.Map(cbor.decode(protected))
    want(header.take(1, shape.integer) == -8, "shape", "another algorithm than EdDSA")
    want(header.take(3, shape.text) == CONTENT_TYPE, "shape", "another content type")
    log = header.take(4, shape.hash32)
    header.end()
    return log


def _payload(data: bytes, protected: bytes, payload: bytes, signature: bytes, log: bytes) -> Entry:
    """The rules of a payload that need nothing but itself."""
    fields = shape.Map(cbor.decode(payload))
    person = fields.maybe(13, shape.id16)
    person_signature = fields.maybe(14, _person_signature)
    want(person_signature is None or person is not None, "shape", "a person's signature without the person")
    heads = _heads(fields)
    want(all(head.log != log for head in heads), "shape", "a head of its own log")
    return Entry(
        data=data,
        protected=protected,
        payload=payload,
        signature=signature,
        log=log,
        sequence=fields.take(1, lambda value: shape.integer(value, 0, 2**40 - 1)),
        back=fields.take(2, shape.hash32),
        kind=fields.take(3, shape.uint),
        subject=_subject(fields),
        at=fields.take(7, shape.integer),
        monotonic=fields.take(8, shape.uint),
        boot=fields.take(9, shape.id16),
        heads=heads,
        body=fields.take(11, shape.hash32),
        body_length=fields.take(12, lambda value: shape.integer(value, 0, BODY_LIMIT)),
        person=person,
        person_signature=person_signature,
        batches=_batches(fields),
    )


def _subject(fields: shape.Map) -> Subject | None:
    """Keys 4 to 6, together or not at all; 6 is absent at 0 alone."""
    subject = fields.maybe(4, shape.id16)
    if subject is None:
        want(not fields.has(5) and not fields.has(6), "shape", "a place within no subject")
        return None
    sequence = fields.take(5, shape.uint)
    back = fields.maybe(6, shape.hash32)
    want((sequence == 0) == (back is None), "shape", "the leaf before within the subject")
    return Subject(subject, sequence, back)


def _heads(fields: shape.Map) -> tuple[Head, ...]:
    """Key 10: heads of other logs, ascending by log id."""
    heads = fields.maybe(10, shape.many(parse_head, least=1)) or []
    want(shape.ascending([head.log for head in heads]), "shape", "heads that do not ascend")
    return tuple(heads)


def _batches(fields: shape.Map) -> tuple[bytes, ...]:
    """Key 15: addresses, ascending, none twice (rule 7)."""
    addresses = fields.maybe(15, shape.many(shape.hash32, least=1, most=64)) or []
    want(shape.ascending(addresses), "shape", "addresses that do not ascend")
    return tuple(addresses)


def _person_signature(value: Any) -> PersonSignature:
    key, signature = shape.array(value, 2)
    return PersonSignature(shape.key32(key), shape.signature64(signature))
