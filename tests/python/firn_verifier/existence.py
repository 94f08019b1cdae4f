"""By when the entries about the shipment existed, by the words of witnesses that can be true (docs/format.md §9)."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, timezone

from .bundle import Evidence
from .entry import Entry
from .history import History
from .membership import Membership

TOLERANCE = 300_000
"""By how much clocks may differ, in milliseconds."""

FIRST_BEYOND_DATETIME = 253_402_300_800
LAST_IN_CALENDAR = 8_210_266_876_799
"""The last second that Firn prints as a date."""

Place = tuple[bytes, int]
Existed = tuple[str | None, int, int]
"""The time; of entries how many only clocks have seen that cannot be right, and how many nobody else, unless all."""


def latest_followed(entries: Iterable[Entry]) -> dict[Place, int]:
    """The latest date among an entry and all that it follows: in its log, below the heads that it names, and so on."""
    at = {(entry.log, entry.sequence): entry for entry in entries}
    places: dict[bytes, list[int]] = {}
    for log, sequence in sorted(at):
        places.setdefault(log, []).append(sequence)

    def beneath(entry: Entry) -> Iterable[Place]:
        for log, size in [(entry.log, entry.sequence), *((head.log, head.size) for head in entry.heads)]:
            held = places.get(log, [])
            below = bisect_left(held, size)
            if below > 0:
                yield log, held[below - 1]

    latest = {place: entry.at for place, entry in at.items()}
    changed = True
    while changed:
        changed = False
        for place, entry in at.items():
            known = max([latest[place], *(latest[under] for under in beneath(entry))])
            changed, latest[place] = changed or known != latest[place], known
    return latest


def existed(evidence: Evidence, members: Membership) -> Existed:
    """What the histories show of when the entries about the shipment were there."""
    latest = latest_followed([one.entry for one in evidence.disclosed()])
    histories = {history.log: history for history in evidence.histories}
    times: list[int] = []
    mistimed = unseen = 0
    for one in evidence.about:
        if one.entry.log not in members.roles:
            continue
        seen = _times(histories.get(one.entry.log), one.entry.sequence, members.first_log)
        possible = [time for time in seen if time * 1000 >= latest[one.entry.log, one.entry.sequence] - TOLERANCE]
        if possible:
            times.append(min(possible))
        elif seen:
            mistimed += 1
        else:
            unseen += 1
    if not times and mistimed == 0:
        return None, 0, 0
    return _printed(max(times)) if times else None, mistimed, unseen


def _times(history: History | None, place: int, first_log: Callable[[bytes], bytes]) -> list[int]:
    """When other devices had seen an entry."""
    if history is None:
        return []
    device = first_log(history.log)
    return [word.time for word in history.words if place < word.head.size and first_log(word.witness) != device]


def _printed(seconds: int) -> str:
    if seconds > LAST_IN_CALENDAR:
        return "a time outside the calendar"
    if seconds >= FIRST_BEYOND_DATETIME:
        return "+"
    return (datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ").zfill(20)


def told(why: str) -> Existed:
    """The same out of Firn's sentence."""
    by = re.search(r"existed by (.+?) by the clock of ", why)
    time = None if by is None else by[1]
    mistimed = sum(int(number) for number in re.findall(r"(\d+) of them (?:was|were) seen by ", why))
    unseen = re.search(r"(\d+) of them no other device has seen", why)
    return "+" if time is not None and time.startswith("+") else time, mistimed, int(unseen[1]) if unseen else 0
