"""The checks of an evidence file that need no rules of temperature (docs/formats.md, checks 1 to 13 and the last).

Legs, assessments, conditions and the verdict are computed by rules that stand in no format; they are left to Firn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from . import authority, bodies, bundle, existence, fork, log, membership, readings, taken
from . import entry as entries
from .authority import People
from .bundle import Disclosed, Evidence
from .entry import Head
from .log import Genesis
from .membership import Membership, Stated
from .refusal import Refused, want

PROVED, FAILED, CANNOT = "proved", "failed", "cannot"
Checks = dict[str, str]


class Reader:
    """One file, with what is asked of it more than once."""

    def __init__(self, evidence: Evidence, deep: int = taken.DEEPEST) -> None:
        self.evidence = evidence
        self.deep = deep
        self.keys: dict[bytes, bytes] = {}
        holding = [one for one in evidence.devices if self._holds(one, one.entry.kind == entries.GENESIS)]
        self.faultless = len(holding) == len(evidence.devices)
        self.trusted = membership.fold(evidence.organisation, _statements(holding))
        self.ever = membership.fold(evidence.organisation, _widening(holding))
        self.members = _told_members(evidence, _statements)
        self.people = None if self.members is None else People(self.members, evidence.people)
        self.before = _told_members(evidence, _widening)
        self.people_before = None if self.before is None else People(self.before, evidence.people)

    def _holds(self, one: Disclosed, first: bool) -> bool:
        """Whether a statement is what was signed, and can be read; geneses come first in each log."""
        try:
            if first:
                self.keys[one.entry.log] = _genesis(one, self.evidence.organisation).device_key
            else:
                key = self.keys.get(one.entry.log)
                known = one.entry.kind not in membership.LATER_KINDS
                want(known or (key is not None and one.is_whole() and one.entry.is_signed_by(key)), "signature", "")
                membership.parse(one.entry, one.body)
        except Refused:
            return False
        return True

    def is_signed(self, one: Disclosed) -> bool:
        """Check 4 of one entry: by the admitted device of its log, and by its person."""
        key = self.admitted_key(one.entry.log)
        return key is not None and one.entry.is_signed_by(key) and one.entry.person_holds()

    def member_key(self, log: bytes) -> bytes | None:
        """The key of a member's device."""
        return self.keys.get(log) if log in self.trusted.roles else None

    def admitted_key(self, log: bytes) -> bytes | None:
        """The key of a device that is a member's or was one's, before what admitted it came to count no more."""
        return self.keys.get(log) if log in self.trusted.roles or log in self.ever.roles else None

    def may_differ(self, one: Disclosed, log: bytes) -> bool:
        """Whether who signed an entry may have held another history of a log with two than the file's (check 5)."""
        parted = {proof.log(): proof.smaller.head.size for proof in self.evidence.forks}
        if one.entry.log == log or log not in parted:
            return False
        here = {head for history in self.evidence.histories if history.log == log for head in history.heads()}
        ending = None if self.members is None or log not in self.members.roles else self.members.endings.get(log)
        decided = set() if ending is None else {Head(log, ending.upheld, ending.root)}
        named = [head for head in one.entry.heads if head.log == log and head.size >= parted[log]]
        return any(head not in here | decided for head in named)


def verify(data: bytes, deep: int = taken.DEEPEST) -> Checks:
    """The outcome of each check by its name; of bytes that are no evidence file there is only `format`.

    Evidence of other organisations inside is followed so many organisations deep.
    """
    try:
        evidence = bundle.parse(data)
    except Refused:
        return {"format": FAILED}
    reader = Reader(evidence, deep)
    outcomes = {"format": PROVED}
    for name, check in _CHECKS.items():
        outcome = check(reader)
        if outcome is not None:
            outcomes[name] = outcome
    outcomes["completeness"] = CANNOT if outcomes.get("history") == FAILED else _completeness(reader)
    return outcomes


def existed(data: bytes) -> existence.Existed:
    """By when the entries about the shipment existed; asked of a file of which `history` is proved."""
    evidence = bundle.parse(data)
    return existence.existed(evidence, Reader(evidence).trusted)


def refused(data: bytes) -> list[tuple[str, int, str]]:
    """Log, sequence and code of each entry whose signer may not sign it; asked of a file in which nothing failed."""
    reader = Reader(bundle.parse(data))
    evidence = reader.evidence
    if reader.members is None or reader.people is None:
        return []
    beyond = membership.disputed(reader.members, [one.entry for one in evidence.about])
    for one in evidence.loggers:
        if reader.members.beyond(one.entry) is not None:
            beyond.add((one.entry.log, one.entry.leaf))
    found = []
    for one in [*evidence.loggers, *evidence.about]:
        code = authority.refused(reader.members, reader.people, one.entry)
        if code is None and (one.entry.log, one.entry.leaf) in beyond:
            code = authority.DISPUTED
        if code is None and authority.waits(reader.members, one.entry):
            code = authority.PROVISIONAL
        if code is not None:
            found.append((one.entry.log.hex(), one.entry.sequence, code))
    return sorted(found)


def _genesis(one: Disclosed, organisation: bytes) -> Genesis:
    """A genesis that is its log's and its organisation's, at its place, with its own signature (check 3)."""
    genesis = log.parse_genesis(one.body)
    log.check_genesis(genesis)
    want(one.is_whole(), "body", "another body than was signed")
    want(genesis.organisation == organisation, "organisation", "another organisation's genesis")
    want(genesis.log() == one.entry.log == one.entry.back and one.entry.sequence == 0, "genesis", "another log's")
    want(one.entry.is_signed_by(genesis.device_key), "signature", "not signed by the log's device")
    return genesis


def _statements(records: list[Disclosed]) -> list[Stated]:
    """What these entries state about membership."""
    return [stated for one in records if (stated := membership.parse(one.entry, one.body)) is not None]


def _widening(records: list[Disclosed]) -> list[Stated]:
    """Those of them that take nothing away."""
    return [stated for stated in _statements(records) if not membership.narrows(stated)]


def _told_members(evidence: Evidence, read: Callable[[list[Disclosed]], list[Stated]]) -> Membership | None:
    """Membership as the file tells it, whether it holds or not: that is for check 3 to say."""
    try:
        return membership.fold(evidence.organisation, read(evidence.devices))
    except Refused:
        return None


def _said(holds: bool) -> str:
    return PROVED if holds else FAILED


def _organisation(reader: Reader) -> str:
    return _said(bool(reader.keys))


def _membership(reader: Reader) -> str:
    speakers = {one.entry.log for one in reader.evidence.told()}
    if not reader.faultless or any(reader.admitted_key(log) is None for log in speakers):
        return FAILED
    keys = {**reader.trusted.coming, **reader.keys}
    proofs = [(proof, keys.get(proof.log())) for proof in reader.evidence.forks]
    if not all(key is not None and fork.is_proven(proof, key) for proof, key in proofs):
        return FAILED
    if speakers & reader.trusted.provisional:
        return CANNOT
    known = {entries.GENESIS, *membership.LATER_KINDS}
    ended = set(reader.trusted.roles) & set(reader.trusted.endings)
    decided = all(proof.log() in ended for proof, _ in proofs)
    return PROVED if decided and all(one.entry.kind in known for one in reader.evidence.devices) else CANNOT


def _signatures(reader: Reader) -> str:
    return _said(all(reader.is_signed(one) for one in reader.evidence.told()))


def _chain(reader: Reader) -> str:
    evidence = reader.evidence
    lists = [(evidence.shipment, evidence.about), *evidence.earlier.items()]
    if any(bundle.has_hole(about, subject) for subject, about in lists) or not _follow_each_other(evidence):
        return FAILED
    lacking = [pair for _, about in lists for pair in bodies.lacking(about)]
    if not all(reader.may_differ(one, log) for one, (log, _) in lacking):
        return FAILED
    return CANNOT if lacking else PROVED


def _follow_each_other(evidence: Evidence) -> bool:
    """Whether each entry's backlink is the leaf of the one before it where the file shows that (docs/format.md §3)."""
    shown = [one.entry for one in evidence.disclosed()]
    disclosed: dict[bytes, dict[int, bytes]] = {}
    for entry in shown:
        disclosed.setdefault(entry.log, {})[entry.sequence] = entry.leaf
    shown += [history.index.entry for history in evidence.histories if history.index is not None]
    leaves: dict[tuple[bytes, int], set[bytes]] = {}
    for entry in shown:
        leaves.setdefault((entry.log, entry.sequence), set()).add(entry.leaf)
    for history in evidence.histories:
        beside = history.leaves(disclosed[history.log]) if history.log in disclosed else None
        for place, leaf in (beside or {}).items():
            leaves.setdefault((history.log, place), set()).add(leaf)
    for entry in shown:
        first = entry.sequence == 0
        before = {entry.log} if first else leaves.get((entry.log, entry.sequence - 1), {entry.back})
        if before != {entry.back} or first != (entry.kind == entries.GENESIS):
            return False
    return True


def _bodies(reader: Reader) -> str:
    return _said(all(one.is_whole() for one in reader.evidence.told()))


def _batches(reader: Reader) -> str:
    return _said(readings.batches_hold(reader.evidence))


def _loggers(reader: Reader) -> str:
    evidence = reader.evidence
    about_loggers = all(one.entry.kind in bodies.ORGANISATION_KINDS for one in evidence.loggers)
    about_profiles = all(one.entry.kind == bodies.PROFILE for one in evidence.profiles)
    if not about_loggers or not about_profiles:
        return FAILED
    enrolled: set[bytes] = set()
    for members, people in [(reader.members, reader.people), (reader.before, reader.people_before)]:
        if members is None or people is None:
            return FAILED
        enrolled |= _enrolled_loggers(evidence, members, people)
    return _said(readings.speaking(evidence) <= enrolled)


def _enrolled_loggers(evidence: Evidence, members: Membership, people: People) -> set[bytes]:
    beyond = membership.disputed(members, [one.entry for one in evidence.loggers])
    counting = [
        one
        for one in evidence.loggers
        if authority.refused(members, people, one.entry) is None
        and (one.entry.log, one.entry.leaf) not in beyond
        and not authority.waits(members, one.entry)
    ]
    return bodies.enrolled_loggers(counting)


def _people(reader: Reader) -> str | None:
    about = [*reader.evidence.of_shipments(), *reader.evidence.loggers, *reader.evidence.profiles]
    named = [one.entry for one in about if one.entry.person]
    if not reader.evidence.people and not named:
        return None
    members, people, before = reader.members, reader.people, reader.people_before
    if members is None or people is None or before is None:
        return CANNOT
    about_people = all(one.entry.kind in bodies.PEOPLE_KINDS for one in reader.evidence.people)
    true = {None, *authority.TRUE_BUT_IDLE}
    of_members = [entry for entry in named if entry.log in members.roles]
    hold = all(people.against(entry) in true or before.against(entry) in true for entry in of_members)
    return _said(about_people and hold)


def _downloads(reader: Reader) -> str | None:
    return readings.downloads(reader.evidence)


def _positions(reader: Reader) -> str | None:
    return readings.positions(reader.evidence)


def _history(reader: Reader) -> str | None:
    """Whether every entry stands in its log's history (docs/format.md §9)."""
    evidence = reader.evidence
    if not evidence.histories:
        return None
    logs: dict[bytes, dict[int, bytes]] = {}
    for one in evidence.disclosed():
        entry = one.entry
        if logs.setdefault(entry.log, {}).setdefault(entry.sequence, entry.leaf) != entry.leaf:
            return FAILED
    for history in evidence.histories:
        key, disclosed = reader.admitted_key(history.log), logs.get(history.log)
        if key is None or disclosed is None or not history.is_signed(key, reader.member_key):
            return FAILED
        if not history.holds(disclosed):
            return FAILED
    shown = {history.log for history in evidence.histories}
    return PROVED if all(log in shown for log in logs if log in reader.trusted.roles) else CANNOT


def _completeness(reader: Reader) -> str:
    """Whether the file holds what the logs' indexes count of the shipment (docs/format.md §8)."""
    evidence = reader.evidence
    speaking: dict[bytes, dict[int, bytes]] = {}
    for one in evidence.about:
        speaking.setdefault(one.entry.log, {})[one.entry.sequence] = one.entry.leaf
    counted: set[bytes] = set()
    for history in evidence.histories:
        if history.index is None:
            continue
        shown = history.index.count(evidence.shipment)
        held = speaking.get(history.log, {})
        below = [place for place in sorted(held) if place < history.index.entry.sequence]
        if shown != (len(below), held[below[-1]] if below else None):
            return FAILED
        if below:
            counted.add(history.log)
    shown = {history.log for history in evidence.histories}
    asked = {log for log in speaking if log in shown or log in reader.trusted.roles}
    return PROVED if counted and asked <= counted else CANNOT


def _partners(reader: Reader) -> str | None:
    return taken.partners(reader.evidence, reader.deep, verify, refused)


_CHECKS: Mapping[str, Callable[[Reader], str | None]] = {
    "organisation": _organisation,
    "membership": _membership,
    "signatures": _signatures,
    "chain": _chain,
    "bodies": _bodies,
    "batches": _batches,
    "loggers": _loggers,
    "people": _people,
    "downloads": _downloads,
    "positions": _positions,
    "history": _history,
    "partners": _partners,
}
