"""Strict Ed25519 (docs/format.md §2) over the stock verifier.

OpenSSL compares R's bytes in the cofactorless equation (RFC 8032 §5.1.7 allows both equations). It takes keys that
encode no point canonically and keys and R of small order; these are refused here first, by RFC 8032 §5.1.3.
"""

from __future__ import annotations

from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int]
IDENTITY: Point = (0, 1)


def add(a: Point, b: Point) -> Point:
    """The complete addition of twisted Edwards curves (RFC 8032 §5.1.4, in affine coordinates)."""
    product = D * a[0] * b[0] * a[1] * b[1] % P
    x = (a[0] * b[1] + b[0] * a[1]) * pow(1 + product, -1, P) % P
    y = (a[1] * b[1] + a[0] * b[0]) * pow(1 - product, -1, P) % P
    return x, y


def decode_point(data: bytes) -> Point | None:
    """A point by its canonical encoding, and nothing else (RFC 8032 §5.1.3)."""
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if len(data) != 32 or y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return (x if x % 2 == sign else P - x), y


def is_small_order(point: Point) -> bool:
    """Whether eight times the point is the identity."""
    for _ in range(3):
        point = add(point, point)
    return point == IDENTITY


@lru_cache(maxsize=4096)
def is_sound(encoded: bytes) -> bool:
    """Whether bytes are a canonical encoding of a point that is not of small order: wanted of keys and of R."""
    point = decode_point(encoded)
    return point is not None and not is_small_order(point)


def verify(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature holds, strictly."""
    if len(signature) != 64 or int.from_bytes(signature[32:], "little") >= L:
        return False
    if not is_sound(key) or not is_sound(signature[:32]):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True
