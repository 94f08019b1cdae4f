"""Checkpoints and cosignatures as C2SP signed notes (docs/format.md §5)."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from . import ed25519, names
from .entry import Head


@dataclass(frozen=True)
class SignedHead:
    """A head and the signature of its checkpoint's note."""

    head: Head
    signature: bytes


def origin(log: bytes) -> str:
    """The first line of a log's checkpoints, and the name of its key."""
    return f"firn/log/{log.hex()}"


def checkpoint_text(head: Head) -> bytes:
    """What a checkpoint's signature is over (c2sp.org/tlog-checkpoint)."""
    root = base64.b64encode(head.root).decode()
    return f"{origin(head.log)}\n{head.size}\n{root}\n".encode()


def cosigned_text(head: Head, time: int) -> bytes:
    """What a cosignature is over (c2sp.org/tlog-cosignature, `cosignature/v1`)."""
    return f"cosignature/v1\ntime {time}\n".encode() + checkpoint_text(head)


def verify_checkpoint(signed: SignedHead, key: bytes) -> bool:
    """Whether the log's device signed the head."""
    return ed25519.verify(key, checkpoint_text(signed.head), signed.signature)


def verify_cosignature(head: Head, time: int, witness_key: bytes, signature: bytes) -> bool:
    """Whether the witness signed that it had seen the head by then."""
    return ed25519.verify(witness_key, cosigned_text(head, time), signature)


def checkpoint_line(signed: SignedHead, key: bytes) -> str:
    """The signature line of the log's own key, of type 01."""
    return _line(origin(signed.head.log), 1, key, signed.signature)


def cosignature_line(witness: bytes, key: bytes, time: int, signature: bytes) -> str:
    """The signature line of a witness, of type 04: the time as eight bytes, then the signature."""
    return _line(origin(witness), 4, key, time.to_bytes(8, "big") + signature)


def _line(name: str, kind: int, key: bytes, signature: bytes) -> str:
    """A line of a signed note (c2sp.org/signed-note): key id and signature in base64."""
    key_id = names.digest(name.encode(), b"\n", bytes([kind]), key)[:4]
    return f"— {name} {base64.b64encode(key_id + signature).decode()}\n"
