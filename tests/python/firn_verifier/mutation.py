"""Evidence files that are wrong in one way each."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from . import cbor, names

File = dict[int, Any]
Change = Callable[[File], object]
LISTS = (5, 6, 7, 9)
ENTRY, SALT, BODY = 0, 1, 2


def of(data: bytes, stranger: bytes, flips: int) -> Iterator[tuple[str, bytes]]:
    """Named mutations of a file; what is spliced in comes from a stranger's."""
    yield from _flips(data, flips)
    yield from _ends(data)
    file, other = _thawed(data), _thawed(stranger)
    for name, change in _changes(file, other):
        changed = copy.deepcopy(file)
        change(changed)
        yield name, cbor.encode(dict(sorted(changed.items())))


def _flips(data: bytes, count: int) -> Iterator[tuple[str, bytes]]:
    """One bit of a byte, at places spread over the file, another bit from place to place."""
    step = max(1, len(data) // count)
    for turn, place in enumerate(range(0, len(data), step)):
        yield f"byte {place}", _flipped(data, place, turn % 8)


def _ends(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Files that end early or late."""
    yield "a byte after the end", data + b"\0"
    yield "nothing", b""
    yield "the last byte missing", data[:-1]
    yield "half of it", data[: len(data) // 2]


def _changes(file: File, other: File) -> Iterator[tuple[str, Change]]:
    """Changes that leave a well-formed file, most of them."""
    yield "another organisation", partial(_put, 3, _flipped(file[3], 0, 0))
    yield "another shipment", partial(_put, 4, _flipped(file[4], 0, 0))
    yield "a key nobody knows", partial(_put, 14, 0)
    for key in LISTS:
        if key in file:
            yield from _of_list(key, file[key], other.get(key, []))
    for place in range(len(file[8])):
        yield f"batch {place} gone", partial(_remove, 8, place)
        yield f"batch {place} changed", partial(_change_batch, place)
    yield "a stranger's batches too", partial(_put, 8, _sorted_batches(file[8] + other[8]))
    for place in range(len(file.get(10, []))):
        yield f"leg {place} gone", partial(_remove, 10, place)
        yield f"leg {place} under another name", partial(_rename_leg, place)
    for place in range(len(file.get(11, []))):
        yield f"document {place} gone", partial(_remove, 11, place)
        yield f"document {place} under another salt", partial(_set, 11, place, 0, bytes(32))
    for place, history in enumerate(file.get(12, [])):
        yield f"history {place} gone", partial(_remove, 12, place)
        yield from _of_history(place, history)
    if 12 in other:
        yield "a stranger's histories", partial(_put, 12, other[12])
    if 12 in file:
        yield "no histories", partial(_drop, 12)
    for place, proof in enumerate(file.get(13, [])):
        yield f"fork {place} gone", partial(_remove, 13, place)
        yield f"fork {place} of another root", partial(_set_fork, place, _flipped(proof, -1, 0))
    if 13 in file:
        yield "no forks", partial(_drop, 13)


def _set_fork(place: int, proof: bytes, file: File) -> None:
    file[13][place] = proof


def _of_list(key: int, items: list[Any], strangers: list[Any]) -> Iterator[tuple[str, Change]]:
    """Changes of one list of disclosures."""
    for place, item in enumerate(items):
        where = f"key {key}, {place}"
        yield f"{where} gone", partial(_remove, key, place)
        yield f"{where} twice", partial(_repeat, key, place)
        yield f"{where} with another S", partial(_set, key, place, ENTRY, _flipped(item[ENTRY], -1, 0))
        yield f"{where} with another R", partial(_set, key, place, ENTRY, _flipped(item[ENTRY], -40, 0))
        yield f"{where} with another salt", partial(_set, key, place, SALT, _flipped(item[SALT], 0, 0))
        yield f"{where} with another body", partial(_set, key, place, BODY, _flipped(item[BODY], -1, 0))
        yield f"{where} without a body", partial(_set, key, place, BODY, b"\xa0")
        for target in LISTS:
            if target != key:
                yield f"{where} under key {target}", partial(_move, key, place, target)
    for place in range(len(items) - 1):
        where = f"key {key}, {place} and the next"
        yield f"{where} in another order", partial(_swap, key, place)
        yield f"{where} with each other's salts", partial(_exchange, key, place, SALT)
        yield f"{where} with each other's bodies", partial(_exchange, key, place, BODY)
        yield f"{where} with each other's signatures", partial(_exchange_signatures, key, place)
    if strangers:
        yield f"key {key} of a stranger", partial(_put, key, strangers)
        yield f"key {key} with a stranger's", partial(_put, key, _sorted([*items, *strangers]))


def _of_history(place: int, history: File) -> Iterator[tuple[str, Change]]:
    """Changes of one log's history."""
    where, seen, nodes = f"history {place}", history[1], history[2]
    yield f"{where} of another log", partial(_within, (12, place, 1, 1), _flipped(seen[1], 0, 0))
    yield f"{where} without words", partial(_within, (12, place, 1, 3), [])
    yield f"{where} without a checkpoint", partial(_without, (12, place, 1, 2))
    yield f"{where} without nodes", partial(_within, (12, place, 2), b"")
    yield f"{where} with a node more", partial(_within, (12, place, 2), nodes + bytes(32))
    if 2 in seen:
        yield f"{where} with another size", partial(_within, (12, place, 1, 2, 1), seen[2][1] + 1)
        yield f"{where} with another root", partial(_within, (12, place, 1, 2, 2), _flipped(seen[2][2], 0, 0))
        yield f"{where} with another note", partial(_within, (12, place, 1, 2, 3), _flipped(seen[2][3], 0, 0))
    for word in range(len(seen[3])):
        time, signature = seen[3][word][2][1], seen[3][word][2][2]
        yield f"{where}, word {word} at another time", partial(_within, (12, place, 1, 3, word, 2, 1), time - 1)
        wrong = _flipped(signature, 40, 0)
        yield f"{where}, word {word} by nobody", partial(_within, (12, place, 1, 3, word, 2, 2), wrong)
    for byte in range(0, len(nodes), 32):
        changed = _flipped(nodes, byte, 3)
        yield f"{where} with another node {byte // 32}", partial(_within, (12, place, 2), changed)
    if 3 in history:
        entry, salt, body, proof = history[3]
        yield f"{where} without its index", partial(_without, (12, place, 3))
        yield f"{where} with another index", partial(_within, (12, place, 3, 0), _flipped(entry, -1, 0))
        yield f"{where} with another salt", partial(_within, (12, place, 3, 1), _flipped(salt, 0, 0))
        yield f"{where} with another body", partial(_within, (12, place, 3, 2), _flipped(body, -1, 0))
        yield f"{where} absent", partial(_within, (12, place, 3, 3), [[], []])
        if len(proof) == 5:
            yield f"{where} with another count", partial(_within, (12, place, 3, 3, 1), proof[1] + 1)
            yield f"{where} with another last", partial(_within, (12, place, 3, 3, 2), _flipped(proof[2], 0, 0))
            yield f"{where} in another place", partial(_within, (12, place, 3, 3, 3), proof[3] + 1)
            yield f"{where} on another path", partial(_within, (12, place, 3, 3, 4), proof[4] + bytes(32))
        else:
            yield f"{where} with no neighbour before", partial(_within, (12, place, 3, 3, 0), [])
            yield f"{where} with no neighbour after", partial(_within, (12, place, 3, 3, 1), [])


def _thawed(data: bytes) -> File:
    """A file as lists and maps that can be changed."""

    def thaw(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: thaw(item) for key, item in value.items()}
        return [thaw(item) for item in value] if isinstance(value, (list, tuple)) else value

    return {key: thaw(value) for key, value in cbor.decode(data).items()}


def _flipped(data: bytes, place: int, bit: int) -> bytes:
    changed = bytearray(data)
    changed[place] ^= 1 << bit
    return bytes(changed)


def _put(key: int, value: Any, file: File) -> None:
    file[key] = copy.deepcopy(value)


def _set(key: int, place: int, part: int, value: bytes, file: File) -> None:
    file[key][place][part] = value


def _within(way: tuple[int, ...], value: Any, file: File) -> None:
    """Another value at the end of a way through maps and lists."""
    *way_there, last = way
    for step in way_there:
        file = file[step]
    file[last] = copy.deepcopy(value)


def _without(way: tuple[int, ...], file: File) -> None:
    """Nothing at the end of a way, where anything stands there."""
    *way_there, last = way
    for step in way_there:
        file = file[step]
    file.pop(last, None)


def _drop(key: int, file: File) -> None:
    del file[key]


def _remove(key: int, place: int, file: File) -> None:
    """Without one item; a list that may not be empty goes with its last."""
    file[key].pop(place)
    if not file[key] and key > 8:
        del file[key]


def _repeat(key: int, place: int, file: File) -> None:
    file[key].insert(place, file[key][place])


def _swap(key: int, place: int, file: File) -> None:
    file[key].insert(place, file[key].pop(place + 1))


def _order(disclosure: list[bytes]) -> tuple[bytes, int]:
    """Where a disclosure stands in a list."""
    protected, _, payload, _ = cbor.decode(disclosure[ENTRY]).value
    return cbor.decode(protected)[4], cbor.decode(payload)[1]


def _sorted(items: list[Any]) -> list[Any]:
    return sorted(items, key=_order)


def _sorted_batches(batches: list[bytes]) -> list[bytes]:
    return sorted(set(batches), key=names.digest)


def _move(key: int, place: int, target: int, file: File) -> None:
    one = file[key][place]
    _remove(key, place, file)
    file[target] = _sorted([*file.get(target, []), one])


def _exchange(key: int, place: int, part: int, file: File) -> None:
    one, other = file[key][place], file[key][place + 1]
    one[part], other[part] = other[part], one[part]


def _exchange_signatures(key: int, place: int, file: File) -> None:
    one, other = file[key][place], file[key][place + 1]
    left, right = one[ENTRY], other[ENTRY]
    one[ENTRY], other[ENTRY] = left[:-64] + right[-64:], right[:-64] + left[-64:]


def _change_batch(place: int, file: File) -> None:
    """Another value in a batch, which then stands where its new address belongs."""
    batch = dict(cbor.decode(file[8][place]))
    if 10 in batch:
        batch[10] = [batch[10][0] + 1, *batch[10][1:]]
    else:
        # The bytes of a raw session's part, else those of another organisation's evidence.
        key = 5 if 5 in batch else 4
        batch[key] = _flipped(batch[key], 0, 0)
    file[8][place] = cbor.encode(batch)
    file[8] = _sorted_batches(file[8])


def _rename_leg(place: int, file: File) -> None:
    file[10][place][0] = _flipped(file[10][place][0], 0, 0)
    file[10].sort(key=lambda leg: leg[0])
