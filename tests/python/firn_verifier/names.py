"""Names made of hashes (docs/format.md §2)."""

from __future__ import annotations

from hashlib import sha256


def digest(*parts: bytes) -> bytes:
    """SHA-256 of the parts joined."""
    return sha256(b"".join(parts)).digest()


def organisation_id(root_key: bytes) -> bytes:
    """An organisation's id, its fingerprint in hexadecimal."""
    return digest(b"firn organisation v1", root_key)


def log_id(organisation: bytes, device_key: bytes, random: bytes) -> bytes:
    """A log's id, which binds it to its organisation and device."""
    return digest(b"firn log v1", organisation, device_key, random)


def leaf(entry: bytes) -> bytes:
    """A leaf of a tree over these bytes (RFC 6962 §2.1)."""
    return digest(b"\0", entry)


def node(left: bytes, right: bytes) -> bytes:
    """A node of a tree (RFC 6962 §2.1)."""
    return digest(b"\1", left, right)


def commitment(salt: bytes, body: bytes) -> bytes:
    """What an entry says of its body."""
    return digest(b"body/v1", b"\0", salt, body)
