"""Proofs that a log has two histories (docs/format.md §7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import cbor, note, shape, tree
from .entry import Head
from .note import SignedHead
from .refusal import want

LIMIT = 1024


@dataclass(frozen=True)
class Fork:
    """Two signed heads of one log, and where sizes differ the root by the larger one's history."""

    smaller: SignedHead
    larger: SignedHead
    root_then: bytes | None
    proof: tuple[bytes, ...]

    def log(self) -> bytes:
        """Which log has two histories."""
        return self.smaller.head.log


def parse(data: bytes) -> Fork:
    """A fork by its bytes; anything else is refused."""
    want(len(data) <= LIMIT, "size", "a proof beyond 1024 bytes")
    fields = shape.Map(cbor.decode(data))
    log = fields.take(1, shape.hash32)
    smaller = fields.take(2, lambda value: _signed_head(log, value))
    larger = fields.take(3, lambda value: _signed_head(log, value))
    root_then = fields.maybe(4, shape.hash32)
    want(fields.has(5) == (root_then is not None), "shape", "a root without its proof, or a proof without a root")
    proof = fields.maybe(5, shape.many(shape.hash32)) or []
    return Fork(smaller, larger, root_then, tuple(proof))


def is_proven(fork: Fork, key: bytes) -> bool:
    """Whether the log's device signed two heads that cannot both be of one history."""
    smaller, larger = fork.smaller, fork.larger
    if not note.verify_checkpoint(smaller, key) or not note.verify_checkpoint(larger, key):
        return False
    if smaller.head.size == larger.head.size:
        return fork.root_then is None and smaller.head.root < larger.head.root
    if smaller.head.size > larger.head.size or fork.root_then is None:
        return False
    old, new = (smaller.head.size, fork.root_then), (larger.head.size, larger.head.root)
    return fork.root_then != smaller.head.root and tree.verify_consistency(old, new, fork.proof)


def _signed_head(log: bytes, value: Any) -> SignedHead:
    size, root, signature = shape.array(value, 3)
    return SignedHead(Head(log, shape.uint(size), shape.hash32(root)), shape.signature64(signature))
