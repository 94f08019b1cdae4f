"""Public test suites: Wycheproof's Ed25519, and transparency-dev's proofs over trees and subtrees."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import ed25519, tree
from .names import node
from .tally import Tally

Case = dict[str, Any]


def check(folder: Path, tally: Tally) -> None:
    """Checks what of the suites lies in the folder."""
    wycheproof = folder / "ed25519" / "wycheproof-ed25519.json"
    if wycheproof.is_file():
        _wycheproof(json.loads(wycheproof.read_bytes()), tally)
    for kind, judge in _PROOFS.items():
        for path in sorted((folder / "merkle" / kind).rglob("*.json")):
            case = json.loads(path.read_bytes())
            tally.note(f"{kind} {path.stem}", not case["wantErr"], judge(case))


def _wycheproof(suite: Case, tally: Tally) -> None:
    for group in suite["testGroups"]:
        key = bytes.fromhex(group["publicKey"]["pk"])
        for case in group["tests"]:
            said = ed25519.verify(key, bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"]))
            tally.note(f"wycheproof {case['tcId']}", case["result"] == "valid", said)


def _bytes(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def _proof(case: Case) -> list[bytes] | None:
    """A proof, if it is made of hashes."""
    proof = [_bytes(text) for text in case["proof"] or []]
    return proof if all(len(one) == 32 for one in proof) else None


def _inclusion(case: Case) -> bool:
    proof, index, size = _proof(case), case["leafIdx"], case["treeSize"]
    leaf, root = _bytes(case["leafHash"]), _bytes(case["root"])
    return proof is not None and tree.verify_inclusion(leaf, index, size, proof, root)


def _consistency(case: Case) -> bool:
    proof = _proof(case)
    old, new = (case["size1"], _bytes(case["root1"])), (case["size2"], _bytes(case["root2"]))
    return proof is not None and tree.verify_consistency(old, new, proof)


def _subtree_inclusion(case: Case) -> bool:
    """A subtree is a tree of its own (draft-ietf-plants-merkle-tree-certs §4.3)."""
    proof, start, end = _proof(case), case["start"], case["end"]
    if proof is None or not _is_subtree(start, end):
        return False
    leaf, root = _bytes(case["leafHash"]), _bytes(case["root"])
    return tree.verify_inclusion(leaf, case["leafIdx"] - start, end - start, proof, root)


def _is_subtree(start: int, end: int) -> bool:
    """§4.1: the start is a multiple of the power of two that is not less than the size."""
    return 0 <= start < end and start % (1 << (end - start - 1).bit_length()) == 0


def _subtree_consistency(case: Case) -> bool:
    """That a tree holds a subtree (§4.4): RFC 9162's algorithm with a beginning other than 0."""
    proof, start, end, size = _proof(case), case["start"], case["end"], case["size"]
    if start == end:
        return proof == [] and _bytes(case["root1"]) == tree.root([])
    if proof is None or not _is_subtree(start, end) or end > size:
        return False
    first, last, whole = start, end - 1, size - 1
    while first != last and (last & 1 or last == whole):
        first, last, whole = first >> 1, last >> 1, whole >> 1
    return _climb(first, last, whole, proof, _bytes(case["root1"]), _bytes(case["root2"]))


def _climb(first: int, last: int, whole: int, proof: list[bytes], subtree: bytes, root: bytes) -> bool:
    """From where the two trees part up to both roots."""
    path = [subtree, *proof] if first == last else proof
    if not path:
        return False
    inner = outer = path[0]
    for sibling in path[1:]:
        if whole == 0:
            return False
        if last & 1 or last == whole:
            inner = node(sibling, inner) if first < last else inner
            outer = node(sibling, outer)
            while last and not last & 1:
                first, last, whole = first >> 1, last >> 1, whole >> 1
        else:
            outer = node(outer, sibling)
        first, last, whole = first >> 1, last >> 1, whole >> 1
    return whole == 0 and inner == subtree and outer == root


_PROOFS: dict[str, Callable[[Case], bool]] = {
    "inclusion": _inclusion,
    "consistency": _consistency,
    "subtreeinclusion": _subtree_inclusion,
    "subtreeconsistency": _subtree_consistency,
}
