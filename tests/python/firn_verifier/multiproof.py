"""One proof for several leaves in the trees of several sizes of one log (docs/format.md §9)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence

from .names import digest, node

Subtree = tuple[int, int]
"""Level and index: the leaves from index · 2^level, 2^level of them."""


def roots(leaves: Mapping[int, bytes], sizes: Sequence[int], nodes: Sequence[bytes]) -> list[bytes] | None:
    """The roots at these sizes, ascending, of trees with these leaves by place; none where nodes lack or are left."""
    walked = walk_down(leaves, sizes, nodes)
    return None if walked is None else walked[0]


def walk_down(
    leaves: Mapping[int, bytes], sizes: Sequence[int], nodes: Sequence[bytes]
) -> tuple[list[bytes], dict[int, bytes]] | None:
    """The same, and by place the leaves that stand among the nodes."""
    if not sizes or any(place >= sizes[-1] for place in leaves):
        return None
    walk = _Walk(leaves, sizes, nodes)
    try:
        for peak in _peaks(sizes[-1]):
            walk.head(peak)
    except StopIteration:
        return None
    if walk.has_more():
        return None
    return [_root([walk.heads[peak] for peak in _peaks(size)]) for size in sizes], walk.beside


class _Walk:
    """Computes heads of subtrees from the largest down, left before right."""

    def __init__(self, leaves: Mapping[int, bytes], sizes: Sequence[int], nodes: Sequence[bytes]) -> None:
        self.leaves, self.sizes = leaves, sizes
        self.places = sorted(leaves)
        self.given = iter(nodes)
        self.heads: dict[Subtree, bytes] = {}
        self.beside: dict[int, bytes] = {}

    def has_more(self) -> bool:
        """Whether a node is left over."""
        return next(self.given, None) is not None

    def head(self, subtree: Subtree) -> bytes:
        """The head of a subtree: given where it is closed."""
        level, index = subtree
        if not self._is_open(level, index):
            hashed = next(self.given)
            if level == 0:
                self.beside[index] = hashed
        elif level == 0:
            hashed = self.leaves[index]
        else:
            left = self.head((level - 1, index * 2))
            hashed = node(left, self.head((level - 1, index * 2 + 1)))
        self.heads[subtree] = hashed
        return hashed

    def _is_open(self, level: int, index: int) -> bool:
        """Whether a disclosed leaf stands in it, or one of the trees ends within it."""
        begin, end = index << level, (index + 1) << level
        place = bisect_left(self.places, begin)
        if place < len(self.places) and self.places[place] < end:
            return True
        after = bisect_right(self.sizes, begin)
        return after < len(self.sizes) and self.sizes[after] < end


def _peaks(size: int) -> Iterator[Subtree]:
    """The perfect subtrees of a tree, largest first."""
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            yield level, (size >> level) & ~1


def _root(heads: Sequence[bytes]) -> bytes:
    """The head of a tree over the heads of its perfect subtrees."""
    if not heads:
        return digest()
    *rest, right = heads
    for left in reversed(rest):
        right = node(left, right)
    return right
