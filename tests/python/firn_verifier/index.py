"""Index entries: how many entries of a log speak about a subject (docs/format.md §8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from . import cbor, names, shape, tree


@dataclass(frozen=True)
class Index:
    """The body of an index entry."""

    entries: int
    root: bytes
    subjects: int


@dataclass(frozen=True)
class Row:
    """One subject: how many entries, and the leaf of the last of them."""

    subject: bytes
    count: int
    last: bytes

    @property
    def leaf(self) -> bytes:
        """The leaf in the tree over subjects."""
        return names.leaf(cbor.encode([self.subject, self.count, self.last]))


@dataclass(frozen=True)
class Placed:
    """A row with its place in the tree and the proof of it."""

    row: Row
    place: int
    proof: tuple[bytes, ...]


def parse(body: bytes) -> Index:
    """The body of kind 4."""
    fields = shape.Map(cbor.decode(body))
    return Index(fields.take(1, shape.uint), fields.take(2, shape.hash32), fields.take(3, shape.uint))


def root(rows: Sequence[Row]) -> bytes:
    """The root over rows that ascend by subject."""
    return tree.root([row.leaf for row in rows])


def holds(index: Index, placed: Placed) -> bool:
    """Whether the row stands in the index."""
    return tree.verify_inclusion(placed.row.leaf, placed.place, index.subjects, placed.proof, index.root)


def is_absent(index: Index, subject: bytes, before: Placed | None, after: Placed | None) -> bool:
    """Whether the neighbours of where a subject would stand show that it has no entry."""
    if before is None and after is None:
        return index.subjects == 0
    if before is not None and not (holds(index, before) and before.row.subject < subject):
        return False
    if after is not None and not (holds(index, after) and subject < after.row.subject):
        return False
    place = -1 if before is None else before.place
    following = index.subjects if after is None else after.place
    return place + 1 == following
