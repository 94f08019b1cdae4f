"""Who may sign what (docs/permissions.md), as far as membership, people and roles decide it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from . import bodies
from .bodies import Person, PersonKey
from .bundle import Disclosed
from .entry import Entry
from .membership import Membership
from .refusal import Refused
from .statement import ADMIN, COURIER, PHARMACIST, QUALITY

MISSING, NOT_ENROLLED = "authority/person-missing", "authority/person-not-enrolled"
OTHER_KEY, WITHDRAWN = "authority/key-not-of-the-person", "authority/key-withdrawn"
ENDED, NOT_TRAINED = "authority/person-ended", "authority/person-not-trained"
TRUE_BUT_IDLE = (WITHDRAWN, ENDED, NOT_TRAINED)
"""What keeps a signature from counting and makes a file no less true."""

NO_DEVICE, NO_ROLE = "authority/device-not-enrolled", "authority/role-may-not-sign"
DISPUTED, PROVISIONAL = "authority/disputed", "authority/provisional"
CODES = frozenset({*TRUE_BUT_IDLE, MISSING, NOT_ENROLLED, OTHER_KEY, NO_DEVICE, NO_ROLE, DISPUTED, PROVISIONAL})
"""Every reason that lies in who signed; the others lie in what had happened before."""


class By(Enum):
    """Whose role decides a kind."""

    DEVICE = "device"
    CODE = "device, with the person's code"
    NAMED = "device, naming a person"
    EITHER = "device, or a person too"
    PERSON = "a person too"


ALL = frozenset({COURIER, PHARMACIST, QUALITY, ADMIN})
STAFF = ALL - {COURIER}
RULES: dict[int, tuple[By, frozenset[int]]] = {
    16: (By.EITHER, STAFF),
    17: (By.PERSON, frozenset({QUALITY, ADMIN})),
    20: (By.EITHER, ALL),
    21: (By.PERSON, ALL),
    22: (By.DEVICE, ALL),
    23: (By.DEVICE, ALL),
    24: (By.PERSON, ALL),
    25: (By.PERSON, ALL),
    26: (By.PERSON, ALL),
    27: (By.PERSON, ALL),
    28: (By.PERSON, STAFF),
    29: (By.PERSON, STAFF),
    30: (By.PERSON, STAFF),
    31: (By.PERSON, STAFF),
    32: (By.EITHER, STAFF),
    33: (By.EITHER, ALL),
    34: (By.DEVICE, ALL),
    35: (By.NAMED, frozenset({ADMIN})),
    36: (By.CODE, ALL),
    37: (By.DEVICE, ALL),
    38: (By.PERSON, STAFF),
    39: (By.EITHER, ALL),
    40: (By.PERSON, STAFF),
    41: (By.PERSON, STAFF),
    42: (By.PERSON, frozenset({ADMIN})),
    43: (By.EITHER, STAFF),
    44: (By.EITHER, STAFF),
    45: (By.DEVICE, ALL),
    47: (By.DEVICE, ALL),
    48: (By.PERSON, STAFF),
}


@dataclass(frozen=True)
class Version:
    """A person as one entry says."""

    entry: Entry
    person: Person


@dataclass(frozen=True)
class Bound:
    """A key as one entry binds it."""

    entry: Entry
    key: PersonKey


class People:
    """The people whom entries that count have enrolled, with their keys."""

    def __init__(self, members: Membership, records: Iterable[Disclosed]) -> None:
        self.members = members
        counting = [one for one in records if _counts(members, one.entry)]
        order = sorted(counting, key=lambda one: (one.entry.at, one.entry.log, one.entry.sequence))
        self.versions = list(_versions(order))
        self.keys = sorted(_bindings(counting), key=lambda bound: bound.entry.sequence)

    def knew_anybody(self, entry: Entry) -> bool:
        """Whether the device that signed an entry knew of any person."""
        return any(_knew(entry, version.entry) for version in self.versions)

    def against(self, entry: Entry) -> str | None:
        """What stands against the signature of the person whom an entry names; a code is asked for where it is used."""
        if RULES.get(entry.kind, (None,))[0] is By.CODE:
            return None
        if entry.person_signature is None:
            return MISSING
        person = self.as_of(entry)
        if person is None:
            return NOT_ENROLLED
        if self._bound_key(entry) != entry.person_signature.key:
            return OTHER_KEY
        if any(entry.person_signature.key in version.person.withdrawn for version in self._known(entry)):
            return WITHDRAWN
        if person.standing == bodies.ENDED:
            return ENDED
        return NOT_TRAINED if person.trained is None or person.trained > entry.at else None

    def as_of(self, entry: Entry) -> Person | None:
        """The person as the device knew them or the clocks say they stood; whoever has ended stays so.

        Where nothing lies before, it is as they were first enrolled.
        """
        known = self._known(entry) or [one for one in self.versions if one.person.id == entry.person][:1]
        ended = [version.person for version in known if version.person.standing == bodies.ENDED]
        return ended[0] if ended else known[-1].person if known else None

    def _known(self, entry: Entry) -> list[Version]:
        """Of the entry's own log what stands before it; of others what the device held or the clocks put before."""

        def lies_before(other: Entry) -> bool:
            return _knew(entry, other) or (other.log != entry.log and other.at <= entry.at)

        return [one for one in self.versions if one.person.id == entry.person and lies_before(one.entry)]

    def _bound_key(self, entry: Entry) -> bytes | None:
        """The newest key that the entry's device had bound to its person before."""
        bound = [
            one.key.key
            for one in self.keys
            if one.key.person == entry.person
            and one.entry.log == entry.log
            and one.entry.sequence < entry.sequence
            and self._is_admitted(one)
        ]
        return bound[-1] if bound else None

    def _is_admitted(self, bound: Bound) -> bool:
        """Whether a key was bound with the code of its person, here or in a log before of the same device."""
        device = self.members.first_log(bound.entry.log)
        same = [
            one
            for one in self.keys
            if one.key.person == bound.key.person
            and one.key.key == bound.key.key
            and self.members.first_log(one.entry.log) == device
        ]
        return any(self._has_code(one) for one in same)

    def _has_code(self, bound: Bound) -> bool:
        """Whether a key was bound with the code of its person that the device knew of then."""
        signature = bound.entry.person_signature
        if signature is None or bound.entry.person != bound.key.person:
            return False
        person = self.as_of(bound.entry)
        return person is not None and person.code == signature.key


def refused(members: Membership, people: People, entry: Entry) -> str | None:
    """The code of the reason for which an entry does not count by its signers, or none."""
    role, rule = members.roles.get(entry.log), RULES.get(entry.kind)
    if rule is None:
        return None
    by, allowed = rule
    if role is None:
        return NO_DEVICE
    if by not in (By.NAMED, By.CODE):
        if entry.person is None and by is By.PERSON and people.knew_anybody(entry):
            return MISSING
        against = None if entry.person is None else people.against(entry)
        if against is not None:
            return against
        person = people.as_of(entry) if entry.person is not None and by is not By.DEVICE else None
        role = role if person is None else person.role
    return None if role in allowed else NO_ROLE


def _counts(members: Membership, entry: Entry) -> bool:
    """Whether an entry about a person counts: by its device's role, within its log's end."""
    role, rule = members.roles.get(entry.log), RULES.get(entry.kind)
    if role is None or rule is None or role not in rule[1]:
        return False
    return members.beyond(entry) is None and not waits(members, entry)


def waits(members: Membership, entry: Entry) -> bool:
    """Whether an entry counts only once its provisional log is enrolled: all but what devices do by themselves."""
    rule = RULES.get(entry.kind)
    return entry.log in members.provisional and rule is not None and rule[0] not in (By.DEVICE, By.CODE)


def _knew(entry: Entry, other: Entry) -> bool:
    """Whether the device that signed an entry held another: its own earlier ones, and those below its heads."""
    if other.log == entry.log:
        return other.sequence < entry.sequence
    return any(head.log == other.log and head.size > other.sequence for head in entry.heads)


def _versions(records: Iterable[Disclosed]) -> Iterator[Version]:
    for one in records:
        if one.entry.kind == bodies.PERSON:
            try:
                yield Version(one.entry, bodies.parse_person(one.body))
            except Refused:
                continue


def _bindings(records: Iterable[Disclosed]) -> Iterator[Bound]:
    for one in records:
        if one.entry.kind == bodies.PERSON_KEY:
            try:
                yield Bound(one.entry, bodies.parse_person_key(one.body))
            except Refused:
                continue
