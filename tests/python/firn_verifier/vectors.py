"""Vectors that Firn's own code made with fixed keys: JSON, bytes in hexadecimal."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from . import cbor, ed25519, fork, history, index, log, membership, multiproof, note, partner, tree
from . import entry as entries
from .entry import Head
from .index import Index, Placed, Row
from .log import Disclosure
from .note import SignedHead
from .refusal import Refused
from .tally import Tally

Case = dict[str, Any]


def check(folder: Path, tally: Tally) -> None:
    """Checks every case of every file in the folder against what Firn says of it."""
    for path in sorted(folder.glob("*.json")):
        suite = json.loads(path.read_bytes())
        read = _READERS[suite["reader"]]
        for case in suite["cases"]:
            tally.note(f"{path.stem}, {case['name']}", case["says"], _answer(read, suite, case))


def _answer(read: Callable[[Case, Case], object], suite: Case, case: Case) -> object:
    """What this reader says; what it refuses is false."""
    try:
        return read(suite, case)
    except Refused:
        return False


def _hex(text: str) -> bytes:
    return bytes.fromhex(text)


def _hashes(texts: Sequence[str]) -> list[bytes]:
    return [_hex(text) for text in texts]


def _head(value: Sequence[Any]) -> Head:
    return Head(_hex(value[0]), int(value[1]), _hex(value[2]))


def _cbor(_: Case, case: Case) -> object:
    return cbor.is_deterministic(_hex(case["bytes"]))


def _signature(_: Case, case: Case) -> object:
    return ed25519.verify(_hex(case["key"]), _hex(case["message"]), _hex(case["signature"]))


def _disclosures(suite: Case, case: Case) -> list[Disclosure]:
    """A log's entries, by their places among the suite's records."""
    records = [suite["records"][place] for place in case["entries"]]
    return [Disclosure(*_hashes(record)) for record in records]


def _log(suite: Case, case: Case) -> object:
    """Size and root; or the first entry that is not the next of its log, and a rule that it breaks.

    An entry may break several; Firn names the first that it looks at.
    """
    batches = set(_hashes(case["batches"]))
    checked = log.check(_hex(case["log"]), _disclosures(suite, case), batches.__contains__)
    if checked.bad is not None:
        named = case["says"].get("rule")
        return {"bad": checked.bad, "rule": named if named in checked.broken else sorted(checked.broken)}
    return {"size": len(checked.entries), "root": tree.root([entry.leaf for entry in checked.entries]).hex()}


def _membership(suite: Case, case: Case) -> object:
    """Roles, endings, and the entries of one subject that are disputed."""
    told, statements = [], []
    for disclosure in _disclosures(suite, case):
        entry = entries.parse(disclosure.entry)
        told.append(entry)
        stated = membership.parse(entry, disclosure.body)
        statements += [stated] if stated is not None else []
    members = membership.fold(_hex(suite["organisation"]), statements)
    roles, endings = membership.roles_and_endings(members)
    return {
        "roles": {log_id.hex(): role for log_id, role in roles.items()},
        "endings": {log_id.hex(): [one.size, one.lost, one.upheld] for log_id, one in endings.items()},
        "provisional": sorted(log_id.hex() for log_id in members.provisional),
        "disputed": sorted(leaf.hex() for _, leaf in membership.disputed(members, told)),
    }


def _tree(_: Case, case: Case) -> object:
    """The root of a tree, and each proof that is asked for."""
    leaves = _hashes(case["leaves"])
    return {
        "root": tree.root(leaves).hex(),
        "inclusion": [[one.hex() for one in tree.inclusion_proof(leaves, place)] for place in range(len(leaves))],
        "consistency": [
            [one.hex() for one in tree.consistency_proof(leaves, old)] for old in range(1, len(leaves) + 1)
        ],
    }


def _inclusion(_: Case, case: Case) -> object:
    proof = _hashes(case["proof"])
    return tree.verify_inclusion(_hex(case["leaf"]), case["index"], case["size"], proof, _hex(case["root"]))


def _consistency(_: Case, case: Case) -> object:
    old, new = ((int(one[0]), _hex(one[1])) for one in (case["old"], case["new"]))
    return tree.verify_consistency(old, new, _hashes(case["proof"]))


def _note(_: Case, case: Case) -> object:
    """Whether checkpoint and cosignature hold, and the note that they make."""
    signed, key = SignedHead(_head(case["head"]), _hex(case["signature"])), _hex(case["key"])
    witness, witness_key = _hex(case["witness"]), _hex(case["witness_key"])
    time, cosignature = int(case["time"]), _hex(case["cosignature"])
    lines = note.checkpoint_line(signed, key) + note.cosignature_line(witness, witness_key, time, cosignature)
    return {
        "checkpoint": note.verify_checkpoint(signed, key),
        "cosignature": note.verify_cosignature(signed.head, time, witness_key, cosignature),
        "note": f"{note.checkpoint_text(signed.head).decode()}\n{lines}",
    }


def _fork(_: Case, case: Case) -> object:
    return fork.is_proven(fork.parse(_hex(case["proof"])), _hex(case["key"]))


def _placed(value: Case | None) -> Placed | None:
    if value is None:
        return None
    row = Row(_hex(value["subject"]), value["count"], _hex(value["last"]))
    return Placed(row, value["place"], tuple(_hashes(value["path"])))


def _index(_: Case, case: Case) -> object:
    """How many entries are about a subject by an index, if the proof shows it."""
    body: Index = index.parse(_hex(case["body"]))
    subject, present = _hex(case["subject"]), _placed(case.get("present"))
    if present is not None:
        return present.row.count if index.holds(body, present) and present.row.subject == subject else False
    absent = index.is_absent(body, subject, _placed(case.get("before")), _placed(case.get("after")))
    return "none" if absent else False


def _multiproof(_: Case, case: Case) -> object:
    """The roots of the trees, or that there are none."""
    leaves = {int(place): _hex(leaf) for place, leaf in case["leaves"]}
    computed = multiproof.roots(leaves, case["sizes"], _hashes(case["nodes"]))
    return False if computed is None else [root.hex() for root in computed]


def _history(suite: Case, case: Case) -> object:
    """What a history shows of entries and of a subject."""
    read = history.parse(cbor.decode(_hex(case["bytes"])))
    keys = {_hex(log_id): _hex(key) for log_id, key in suite["keys"]}
    leaves = {int(place): _hex(leaf) for place, leaf in case["leaves"]}
    shown = read.index.count(_hex(suite["subject"])) if read.index is not None else None
    return {
        "signed": read.is_signed(keys[_hex(suite["log"])], keys.get),
        "holds": read.holds(leaves),
        "count": None if shown is None else shown[0],
    }


def _card(_: Case, case: Case) -> object:
    card = partner.parse(case["text"])
    return {"organisation": card.organisation.hex(), "name": card.name, "gln": card.gln}


def _partners(suite: Case, case: Case) -> object:
    """The last word about each other organisation."""
    statements, pins = [], []
    for disclosure in _disclosures(suite, case):
        entry = entries.parse(disclosure.entry)
        stated = membership.parse(entry, disclosure.body)
        statements += [stated] if stated is not None else []
        if entry.kind == entries.PARTNER:
            try:
                pins.append(partner.parse_pin(entry, disclosure.body))
            except Refused:
                continue
    known = partner.known(_hex(suite["organisation"]), statements, pins)
    words = {partner.PINNED: "pinned", partner.REVOKED: "revoked"}
    return {key.hex(): [pin.card.name, pin.card.gln, words[pin.standing]] for key, pin in known.items()}


_READERS: dict[str, Callable[[Case, Case], object]] = {
    "cbor": _cbor,
    "signature": _signature,
    "log": _log,
    "membership": _membership,
    "tree": _tree,
    "inclusion": _inclusion,
    "consistency": _consistency,
    "note": _note,
    "fork": _fork,
    "index": _index,
    "multiproof": _multiproof,
    "history": _history,
    "card": _card,
    "partners": _partners,
}
