"""Who is a member, and what of a revoked log counts (docs/format.md §6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from . import cbor, log, statement, tree
from . import entry as entries
from .entry import Entry
from .log import Genesis
from .refusal import Refused
from .statement import (
    ADMIN,
    Continuation,
    Enrolment,
    Overruled,
    Reference,
    Revocation,
    RootAdmission,
    RootStatement,
    Upheld,
)

Body: TypeAlias = Genesis | Enrolment | Revocation | RootStatement | Upheld

_PARSERS: dict[int, Callable[[Any], Body]] = {
    entries.ENROL: statement.parse_enrolment,
    entries.REVOKE: statement.parse_revocation,
    entries.ROOT: statement.parse_root_statement,
    entries.UPHELD: statement.parse_upheld,
}
LATER_KINDS = frozenset(_PARSERS)


@dataclass(frozen=True)
class Stated:
    """A statement of an entry that holds, and where it stands."""

    log: bytes
    reference: Reference
    sequence: int
    body: Body


@dataclass(frozen=True)
class Ending:
    """Where a revoked log ends, since when its device is lost, and below what it counts again."""

    size: int
    lost: int
    upheld: int
    root: bytes = b""
    """Of the history that holds, at that size."""


@dataclass
class Membership:
    """The fold: roles by log, endings by log, and which logs are provisional."""

    roles: dict[bytes, int] = field(default_factory=dict)
    endings: dict[bytes, Ending] = field(default_factory=dict)
    provisional: set[bytes] = field(default_factory=set)
    predecessors: dict[bytes, bytes] = field(default_factory=dict)
    coming: dict[bytes, bytes] = field(default_factory=dict)
    """The device keys of members whose logs are not here."""

    def first_log(self, log_id: bytes) -> bytes:
        """The first log of the device that writes this one (§6.10); the least of a circle."""
        passed = [log_id]
        while (before := self.predecessors.get(passed[-1])) in self.roles and before is not None:
            if before in passed:
                return min(passed[passed.index(before) :])
            passed.append(before)
        return passed[-1]

    def beyond(self, entry: Entry) -> Ending | None:
        """The ending that an entry of a member lies at or beyond, if nobody upholds it (§6.7)."""
        ending = self.endings.get(entry.log) if entry.log in self.roles else None
        return ending if ending is not None and entry.sequence >= ending.upheld else None

    def vouches(self, log_id: bytes) -> bool:
        """Whether a log's word that it held an entry counts: a member's that is not provisional."""
        return log_id in self.roles and log_id not in self.provisional


def parse(entry: Entry, body: bytes) -> Stated | None:
    """What an entry states about membership; entries of other kinds state nothing."""
    parsed: Body
    if entry.kind == entries.GENESIS:
        parsed = log.parse_genesis(body)
    elif entry.kind in _PARSERS:
        parsed = _PARSERS[entry.kind](cbor.decode(body))
    else:
        return None
    return Stated(entry.log, (entry.log, entry.leaf), entry.sequence, parsed)


def narrows(stated: Stated) -> bool:
    """Whether a statement takes something away that counted: all but those that admit (docs/format.md §9)."""
    said = stated.body.said if isinstance(stated.body, RootStatement) else stated.body
    return not isinstance(said, (Genesis, Enrolment))


def fold(organisation: bytes, statements: Iterable[Stated]) -> Membership:
    """Judges all statements, in whatever order they came."""
    return _Fold(organisation, list(statements)).membership()


class _Fold:
    """What counts, layer by layer: the root's word, then the admins' below it."""

    def __init__(self, organisation: bytes, statements: list[Stated]) -> None:
        self.statements = statements
        self.held = {one.log for one in statements if isinstance(one.body, Genesis)}
        self.geneses = {one.log(): one for one in _of(statements, Genesis) if _is_sound(one, organisation)}
        root_keys = [genesis.root_key for genesis in self.geneses.values()]
        self.root = {
            one.reference: one.body.said
            for one in statements
            if isinstance(one.body, RootStatement) and root_keys and one.body.is_signed_by(root_keys[0])
        }
        self.admins = {log_id for log_id in self.geneses if self._is_admin(log_id)}
        self.by_admins = {one.reference: one.body for one in statements if self._admin_counts(one)}
        self.enrolments = self._enrolments()
        self.endings = self._endings()

    def _is_admin(self, log_id: bytes) -> bool:
        """§6.2: the root itself admitted it as an admin's device."""
        genesis = self.geneses[log_id]
        admission = statement.parse_admission(genesis.admission)
        said: object
        if isinstance(admission, RootAdmission):
            said = admission.enrolment
        elif isinstance(admission, Continuation):
            said = _least(self._of_root(), genesis)
        else:
            said = self.root.get(admission)
        return isinstance(said, Enrolment) and said.role == ADMIN and _fits(said, genesis)

    def _of_root(self) -> dict[Reference, Enrolment]:
        return {reference: said for reference, said in self.root.items() if isinstance(said, Enrolment)}

    def _admin_counts(self, one: Stated) -> bool:
        return self.counts(one.log, one.sequence, one.reference)

    def counts(self, log_id: bytes, sequence: int, reference: Reference) -> bool:
        """§6.3: an admin's, below the cut that the root alone sets, and not overruled by it."""
        cuts = [said.size for said in self.root.values() if isinstance(said, Revocation) and said.log == log_id]
        overruled = any(isinstance(said, Overruled) and said.reference == reference for said in self.root.values())
        return log_id in self.admins and all(sequence < size for size in cuts) and not overruled

    def _enrolments(self) -> dict[Reference, Enrolment]:
        """§6.2, §6.4: those of the root, and admins' of those who are none."""
        found = self._of_root()
        for reference, said in self.by_admins.items():
            if isinstance(said, Enrolment) and said.role != ADMIN:
                found[reference] = said
        return found

    def _endings(self) -> dict[bytes, Ending]:
        """§6.5: the smallest size, with the earliest loss among those of that size; §6.7: what is upheld."""
        revocations = _of(self.root.values(), Revocation)
        revocations += [said for said in _of(self.by_admins.values(), Revocation) if said.log not in self.admins]
        endings: dict[bytes, Ending] = {}
        for said in sorted(revocations, key=lambda said: (said.size, said.lost, said.root or tree.root([]))):
            endings.setdefault(said.log, Ending(said.size, said.lost, said.size, said.root or tree.root([])))
        upheld = _of([*self.root.values(), *self.by_admins.values()], Upheld)
        for one in sorted(upheld, key=lambda one: (-one.size, one.root)):
            ending = endings.get(one.log)
            if ending is not None and ending.upheld == ending.size < one.size:
                endings[one.log] = Ending(ending.size, ending.lost, one.size, one.root)
        return endings

    def _coming(self) -> dict[bytes, Enrolment]:
        """Devices whose logs have not arrived, by the enrolment with the smallest reference."""
        found: dict[bytes, Enrolment] = {}
        for _, enrolment in sorted(self.enrolments.items(), key=lambda item: item[0]):
            if enrolment.log not in self.held:
                found.setdefault(enrolment.log, enrolment)
        return found

    def _enrolment(self, genesis: Genesis) -> Enrolment | None:
        """§6.4 and §6.9: the one that the genesis names; of a continuation the root's least, else the admins'."""
        admission = statement.parse_admission(genesis.admission)
        if isinstance(admission, RootAdmission):
            return admission.enrolment
        if isinstance(admission, Continuation):
            return _least(self._of_root(), genesis) or _least(self.enrolments, genesis)
        enrolment = self.enrolments.get(admission)
        return enrolment if enrolment is not None and _fits(enrolment, genesis) else None

    def _returns(self, log_id: bytes, key: bytes) -> bool:
        """§6.6: whether a revoked log's key comes back in this one; an admin's word reaches no admin."""
        revoked = {log_id for log_id, genesis in self.geneses.items() if genesis.device_key == key} & set(self.endings)
        by_root = {said.log for said in self.root.values() if isinstance(said, Revocation)}
        barring = revoked & by_root if log_id in self.admins else revoked
        return log_id not in revoked and bool(barring)

    def membership(self) -> Membership:
        """Who is enrolled, then who goes on from a member's log and waits for it (§6.9)."""
        admitted = self._coming()
        for log_id, genesis in self.geneses.items():
            enrolment = self._enrolment(genesis)
            if enrolment is not None:
                admitted[log_id] = enrolment
        roles = {log_id: one.role for log_id, one in admitted.items() if not self._returns(log_id, one.device_key)}
        replaced = {log_id: one.replaces for log_id, one in admitted.items() if one.replaces is not None}
        continued = {log_id: _continued(one) for log_id, one in self.geneses.items() if _is_continuation(one)}
        coming = {log_id: one.device_key for log_id, one in self._coming().items() if log_id in roles}
        members = Membership(roles, self.endings, predecessors={**replaced, **continued}, coming=coming)
        while waiting := [log_id for log_id in self.geneses if self._waits(log_id, members)]:
            for log_id in waiting:
                old = _continued(self.geneses[log_id])
                members.roles[log_id] = members.roles[old]
                members.provisional.add(log_id)
        return members

    def _waits(self, log_id: bytes, members: Membership) -> bool:
        """Whether a log that nobody enrolled goes on from a member's that is founded and not revoked."""
        genesis = self.geneses[log_id]
        admission = statement.parse_admission(genesis.admission)
        if log_id in members.roles or not isinstance(admission, Continuation):
            return False
        old = self.geneses.get(admission.head.log)
        if old is None or admission.head.log not in members.roles or admission.head.log in self.endings:
            return False
        return not self._returns(log_id, genesis.device_key) and admission.is_signed_by(old.device_key, log_id)


def admin_counts(organisation: bytes, statements: Iterable[Stated]) -> Callable[[Entry], bool]:
    """Whether an entry is an admin's statement that counts (§6.3), whatever it states."""
    folded = _Fold(organisation, list(statements))

    def counts(entry: Entry) -> bool:
        return folded.counts(entry.log, entry.sequence, (entry.log, entry.leaf))

    return counts


def disputed(membership: Membership, told: Sequence[Entry]) -> set[Reference]:
    """Of the entries about one subject those of revoked logs that do not count (§6.7)."""
    witnesses = [entry for entry in told if membership.vouches(entry.log) and membership.beyond(entry) is None]
    found = set()
    for entry in told:
        ending = membership.beyond(entry)
        if ending is not None and not any(_vouches(witness, entry, ending) for witness in witnesses):
            found.add((entry.log, entry.leaf))
    return found


def _vouches(witness: Entry, entry: Entry, ending: Ending) -> bool:
    """Whether another log's entry of before the loss names a head that holds the entry."""
    sees = any(head.log == entry.log and head.size > entry.sequence for head in witness.heads)
    return sees and witness.log != entry.log and witness.at < ending.lost


def _of(items: Iterable[Any], kind: type[Any]) -> list[Any]:
    """The items of a type, statements by their bodies."""
    bodies = (item.body if isinstance(item, Stated) else item for item in items)
    return [body for body in bodies if isinstance(body, kind)]


def _is_sound(genesis: Genesis, organisation: bytes) -> bool:
    try:
        log.check_genesis(genesis)
    except Refused:
        return False
    return genesis.organisation == organisation


def _least(enrolments: Mapping[Reference, Enrolment], genesis: Genesis) -> Enrolment | None:
    """Of the enrolments that fit a genesis the one in the least role."""
    fitting = [one for one in enrolments.values() if _fits(one, genesis)]
    return min(fitting, key=lambda one: one.role, default=None)


def _is_continuation(genesis: Genesis) -> bool:
    return isinstance(statement.parse_admission(genesis.admission), Continuation)


def _continued(genesis: Genesis) -> bytes:
    """The log that a genesis continues."""
    admission = statement.parse_admission(genesis.admission)
    assert isinstance(admission, Continuation)
    return admission.head.log


def _fits(enrolment: Enrolment, genesis: Genesis) -> bool:
    return (enrolment.log, enrolment.device_key) == (genesis.log(), genesis.device_key)


def roles_and_endings(membership: Membership) -> tuple[Mapping[bytes, int], Mapping[bytes, Ending]]:
    """What the vectors compare: the members' roles, and where their logs end."""
    return membership.roles, {key: value for key, value in membership.endings.items() if key in membership.roles}
