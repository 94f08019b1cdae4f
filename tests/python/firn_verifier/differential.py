"""Holds this reader against `firn verify --json`, file by file and mutation by mutation."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from . import authority, evidence, existence, mutation
from .tally import Tally

LEFT_TO_FIRN = {"legs", "assessment", "conditions", "photos", "verdict"}
"""Checks that compute by rules of temperature."""

SECONDS = 60
WORKERS = 4


def compare(firn: Path, files: Sequence[Path], amount: tuple[int, int], intact: Tally, changed: Tally) -> None:
    """Compares each file as it is, and in mutations; strangers' parts come from the file after it.

    The amount is how many single bits of each file are flipped, and how many mutations are taken at most.
    """
    with TemporaryDirectory() as folder, ThreadPoolExecutor(WORKERS) as pool:
        for file, stranger in zip(files, [*files[1:], *files[:1]], strict=True):
            data = file.read_bytes()
            mutations = list(mutation.of(data, stranger.read_bytes(), amount[0]))
            cases = [("as it is", data), *_spread(mutations, amount[1])]
            asked = [(firn, Path(folder) / f"{place}.firn", data) for place, (_, data) in enumerate(cases)]
            for (name, data), answer in zip(cases, pool.map(_ask, asked), strict=True):
                tally = intact if name == "as it is" else changed
                tally.note(f"{file.name}, {name}", _told(answer), _read(data, answer))


def _spread(cases: Sequence[tuple[str, bytes]], most: int) -> Sequence[tuple[str, bytes]]:
    """At most so many, from all over the list."""
    return [cases[place * len(cases) // most] for place in range(most)] if len(cases) > most else cases


def _ask(asked: tuple[Path, Path, bytes]) -> dict[str, Any]:
    """What `firn verify` says of some bytes."""
    firn, path, data = asked
    path.write_bytes(data)
    command = [str(firn), "--json", "verify", str(path)]
    output = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    path.unlink()
    answer: dict[str, Any] = json.loads(output.stdout)
    return answer


def _told(answer: dict[str, Any]) -> object:
    """Its checks that this reader makes too, the entries whose signers may not sign them, and by when all existed."""
    checks = {check["id"]: check["status"] for check in answer["checks"] if check["id"] not in LEFT_TO_FIRN}
    refused = [(one["log"], one["sequence"], one["code"]) for one in answer["refused"]]
    why = _why_history(answer)
    existed = None if why is None else existence.told(why)
    return checks, sorted(one for one in refused if one[2] in authority.CODES), existed


def _read(data: bytes, answer: dict[str, Any]) -> object:
    """The same by this reader; entries are judged where Firn has judged them, in files in which nothing failed."""
    judged, shown = answer["verdict"] is not None, _why_history(answer) is not None
    refused = evidence.refused(data) if judged else []
    return evidence.verify(data), refused, evidence.existed(data) if shown else None


def _why_history(answer: dict[str, Any]) -> str | None:
    """Why histories are proved, where they are."""
    whys = (check["why"] for check in answer["checks"] if (check["id"], check["status"]) == ("history", "proved"))
    return next(whys, None)
