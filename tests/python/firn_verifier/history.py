"""Histories: where disclosed entries stand below signed heads, and what an index counts (docs/format.md §8 and §9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import cbor, index, multiproof, note, shape
from . import entry as entries
from .entry import Entry, Head
from .index import Placed, Row
from .note import SignedHead
from .refusal import Refused, want

HASH = 32


@dataclass(frozen=True)
class Word:
    """A witness' cosignature over a head."""

    head: Head
    witness: bytes
    time: int
    signature: bytes


@dataclass(frozen=True)
class Shown:
    """An index entry, and what it shows of the subject: its row, or the neighbours of where it would stand."""

    entry: Entry
    salt: bytes
    body: bytes
    present: Placed | None
    before: Placed | None
    after: Placed | None

    def is_whole(self) -> bool:
        """Whether the body is the one that was signed, and deterministic CBOR."""
        return self.entry.commits_to(self.salt, self.body) and cbor.is_deterministic(self.body)

    def count(self, subject: bytes) -> tuple[int, bytes | None] | None:
        """How many entries are about the subject and the leaf of the last; none where nothing is shown."""
        try:
            says = index.parse(self.body)
        except Refused:
            return None
        if says.entries != self.entry.sequence:
            return None
        if self.present is not None:
            row = self.present.row
            return (row.count, row.last) if row.subject == subject and index.holds(says, self.present) else None
        return (0, None) if index.is_absent(says, subject, self.before, self.after) else None


@dataclass(frozen=True)
class History:
    """Signed heads of a log, and the nodes that lead from what is disclosed of it to them."""

    log: bytes
    checkpoint: SignedHead | None
    words: tuple[Word, ...]
    nodes: tuple[bytes, ...]
    index: Shown | None

    def heads(self) -> list[Head]:
        """Every signed head."""
        own = [] if self.checkpoint is None else [self.checkpoint.head]
        return [*own, *(word.head for word in self.words)]

    def is_signed(self, key: bytes, witness_key: Callable[[bytes], bytes | None]) -> bool:
        """Whether every signature in it holds, and the index entry's body is the one that was signed."""
        if self.checkpoint is not None and not note.verify_checkpoint(self.checkpoint, key):
            return False
        for word in self.words:
            by = None if word.witness == self.log else witness_key(word.witness)
            if by is None or not note.verify_cosignature(word.head, word.time, by, word.signature):
                return False
        return self.index is None or (self.index.entry.is_signed_by(key) and self.index.is_whole())

    def holds(self, disclosed: Mapping[int, bytes]) -> bool:
        """Whether the disclosed leaves, by place, and the index stand below every head."""
        return self.leaves(disclosed) is not None

    def leaves(self, disclosed: Mapping[int, bytes]) -> dict[int, bytes] | None:
        """All leaves that it shows, where it holds: those, and the ones that the proof is made with."""
        leaves = dict(disclosed)
        if self.index is not None:
            entry = self.index.entry
            if leaves.setdefault(entry.sequence, entry.leaf) != entry.leaf:
                return None
        if not leaves:
            return None
        heads = sorted({(head.size, head.root) for head in self.heads()})
        walked = multiproof.walk_down(leaves, [size for size, _ in heads], self.nodes)
        if walked is None or walked[0] != [root for _, root in heads]:
            return None
        return {**leaves, **walked[1]}


def parse(value: Any) -> History:
    """A `history`."""
    fields = shape.Map(value)
    log, checkpoint, words = fields.take(1, _seen)
    history = History(log, checkpoint, words, fields.take(2, hashes), fields.maybe(3, _shown))
    fields.end()
    heads = history.heads()
    roots = {(head.size, head.root) for head in heads}
    want(bool(heads) and len(roots) == len({size for size, _ in roots}), "shape", "no head, or two of one size")
    want(history.index is None or history.index.entry.log == log, "shape", "an index of another log")
    return history


def hashes(value: Any) -> tuple[bytes, ...]:
    """Hashes, one after the other."""
    data = shape.byte_string(value)
    want(len(data) % HASH == 0, "shape", "a hash that is not whole")
    return tuple(data[place : place + HASH] for place in range(0, len(data), HASH))


def _seen(value: Any) -> tuple[bytes, SignedHead | None, tuple[Word, ...]]:
    """A `seen`: witnesses ascend, none twice, and the checkpoint is of the same log."""
    fields = shape.Map(value)
    log = fields.take(1, shape.hash32)
    checkpoint = fields.maybe(2, _checkpoint)
    words = [_word(log, item) for item in fields.take(3, shape.array)]
    fields.end()
    want(checkpoint is None or checkpoint.head.log == log, "shape", "a checkpoint of another log")
    want(shape.ascending([word.witness for word in words]), "order", "witnesses that do not ascend")
    return log, checkpoint, tuple(words)


def _checkpoint(value: Any) -> SignedHead:
    log, size, root, signature = shape.array(value, 4)
    return SignedHead(Head(shape.hash32(log), shape.uint(size), shape.hash32(root)), shape.signature64(signature))


def _word(log: bytes, value: Any) -> Word:
    size, root, cosignature = shape.array(value, 3)
    witness, time, signature = shape.array(cosignature, 3)
    head = Head(log, shape.uint(size), shape.hash32(root))
    return Word(head, shape.hash32(witness), shape.uint(time), shape.signature64(signature))


def _shown(value: Any) -> Shown:
    """An index entry with its salt and body, and an `index-proof`."""
    entry, salt, body, proof = shape.array(value, 4)
    parsed = entries.parse(shape.byte_string(entry))
    want(parsed.kind == entries.INDEX, "shape", "an entry of another kind")
    present, before, after = _proof(shape.array(proof))
    return Shown(parsed, shape.octets(32)(salt), shape.byte_string(body), present, before, after)


def _proof(items: Sequence[Any]) -> tuple[Placed | None, Placed | None, Placed | None]:
    if len(items) != 2:
        return _placed(items), None, None
    before, after = ([_placed(one) for one in shape.array(side)] for side in items)
    want(len(before) <= 1 and len(after) <= 1, "shape", "more than one neighbour")
    return None, before[0] if before else None, after[0] if after else None


def _placed(value: Any) -> Placed:
    subject, count, last, place, path = shape.array(value, 5)
    row = Row(shape.id16(subject), shape.uint(count), shape.hash32(last))
    return Placed(row, shape.uint(place), hashes(path))
