"""Statements about membership: bodies of kinds 1, 2, 3, 8 and 9 (docs/firn.cddl)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from . import cbor, ed25519, names, shape
from .entry import Head, parse_head, parse_reference
from .refusal import want

COURIER, PHARMACIST, QUALITY, ADMIN = 1, 2, 3, 4
ENROLMENT_KEYS = (1, 2, 3, 4, 5, 6, 7)
Reference: TypeAlias = tuple[bytes, bytes]


@dataclass(frozen=True)
class Enrolment:
    """The naming of a device."""

    log: bytes
    device_key: bytes
    endpoint: bytes
    role: int
    label: str
    not_before: int
    replaces: bytes | None


@dataclass(frozen=True)
class RootAdmission:
    """The first device's enrolment with its bytes, and the root's signature."""

    enrolment: Enrolment
    data: bytes
    signature: bytes

    def is_signed_by(self, root_key: bytes) -> bool:
        """Whether the root admitted it."""
        return ed25519.verify(root_key, b"firn root admission v1" + self.data, self.signature)


@dataclass(frozen=True)
class Continuation:
    """The head from which a log goes on, with its bytes, and the old key's signature (§6.9)."""

    head: Head
    data: bytes
    signature: bytes

    def is_signed_by(self, old_key: bytes, log: bytes) -> bool:
        """Whether the old key said that this log goes on from there."""
        return ed25519.verify(old_key, b"firn continuation v1" + log + self.data, self.signature)


@dataclass(frozen=True)
class Revocation:
    """The end of a log."""

    log: bytes
    size: int
    root: bytes | None
    lost: int
    reason: int


@dataclass(frozen=True)
class Upheld:
    """What of a revoked log counts again."""

    log: bytes
    size: int
    root: bytes


@dataclass(frozen=True)
class Overruled:
    """An admin's statement that no longer counts."""

    reference: Reference


Admission: TypeAlias = RootAdmission | Reference | Continuation
Said: TypeAlias = Enrolment | Revocation | Overruled | Upheld


@dataclass(frozen=True)
class RootStatement:
    """What an organisation's root key is to have said, with the bytes that it signed."""

    organisation: bytes
    number: int
    said: Said
    data: bytes
    signature: bytes

    def is_signed_by(self, root_key: bytes) -> bool:
        """Whether the root said it."""
        signed = b"firn root statement v1" + self.data
        return names.organisation_id(root_key) == self.organisation and ed25519.verify(root_key, signed, self.signature)


def parse_enrolment(value: Any) -> Enrolment:
    """An `enrolment`."""
    fields = shape.Map(value)
    return Enrolment(
        log=fields.take(1, shape.hash32),
        device_key=fields.take(2, shape.key32),
        endpoint=fields.take(3, shape.key32),
        role=fields.take(4, shape.choice(COURIER, PHARMACIST, QUALITY, ADMIN)),
        label=fields.take(5, shape.text),
        not_before=fields.take(6, shape.integer),
        replaces=fields.maybe(7, shape.hash32),
    )


def parse_revocation(value: Any) -> Revocation:
    """A `revocation`: without a root for no entries, and for none alone."""
    fields = shape.Map(value)
    revocation = Revocation(
        log=fields.take(1, shape.hash32),
        size=fields.take(2, shape.uint),
        root=fields.maybe(3, shape.hash32),
        lost=fields.take(4, shape.integer),
        reason=fields.take(5, shape.choice(1, 2, 3, 4, 5)),
    )
    want((revocation.size == 0) == (revocation.root is None), "shape", "a root of nothing, or a tree without one")
    return revocation


def parse_upheld(value: Any) -> Upheld:
    """An `upheld`."""
    fields = shape.Map(value)
    return Upheld(fields.take(1, shape.hash32), fields.take(2, shape.uint), fields.take(3, shape.hash32))


def parse_admission(value: Any) -> Admission:
    """An `admission`: the root's own, the entry that enrolled the device, or the old key's word."""
    if isinstance(value, (list, tuple)):
        return parse_reference(value)
    fields = shape.Map(value)
    enrolment = fields.take(1, shape.anything)
    if isinstance(enrolment, (list, tuple)):
        return Continuation(parse_head(enrolment), cbor.encode(enrolment), fields.take(2, shape.signature64))
    shape.only(enrolment, *ENROLMENT_KEYS)
    return RootAdmission(parse_enrolment(enrolment), cbor.encode(enrolment), fields.take(2, shape.signature64))


def parse_root_statement(value: Any) -> RootStatement:
    """The body of kind 8, not verified yet. What the root signs has no keys that are unknown."""
    fields = shape.Map(value)
    shape.only(value, 1, 2, 3, 4)
    return RootStatement(
        organisation=fields.take(1, shape.hash32),
        number=fields.take(2, shape.uint),
        said=fields.take(3, _said),
        data=cbor.encode({key: value[key] for key in (1, 2, 3)}),
        signature=fields.take(4, shape.signature64),
    )


def _said(value: Any) -> Said:
    which, what = shape.array(value, 2)
    shape.choice(1, 2, 3, 4)(which)
    if which == 1:
        shape.only(what, *ENROLMENT_KEYS)
        return parse_enrolment(what)
    if which == 2:
        shape.only(what, 1, 2, 3, 4, 5)
        return parse_revocation(what)
    if which == 3:
        return Overruled(parse_reference(what))
    shape.only(what, 1, 2, 3)
    return parse_upheld(what)
