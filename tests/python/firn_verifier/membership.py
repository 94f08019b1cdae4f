"""Who is a member, and what of a revoked log counts (docs/format.md §6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from . import cbor, log, statement
from . import entry as entries
from .entry import Entry
from .log import Genesis
from .refusal import Refused
from .statement import ADMIN, Enrolment, Overruled, Reference, Revocation, RootAdmission, RootStatement, Upheld

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


@dataclass
class Membership:
    """The fold: roles by log, and endings by log."""

    roles: dict[bytes, int] = field(default_factory=dict)
    endings: dict[bytes, Ending] = field(default_factory=dict)

    def beyond(self, entry: Entry) -> Ending | None:
        """The ending that an entry of a member lies at or beyond, if nobody upholds it (§6.7)."""
        ending = self.endings.get(entry.log) if entry.log in self.roles else None
        return ending if ending is not None and entry.sequence >= ending.upheld else None


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
        said = admission.enrolment if isinstance(admission, RootAdmission) else self.root.get(admission)
        return isinstance(said, Enrolment) and said.role == ADMIN and _fits(said, genesis)

    def _admin_counts(self, one: Stated) -> bool:
        """§6.3: below the cut that the root alone sets, and not overruled by it."""
        cuts = [said.size for said in self.root.values() if isinstance(said, Revocation) and said.log == one.log]
        overruled = any(isinstance(said, Overruled) and said.reference == one.reference for said in self.root.values())
        return one.log in self.admins and all(one.sequence < size for size in cuts) and not overruled

    def _enrolments(self) -> dict[Reference, Enrolment]:
        """§6.2, §6.4: those of the root, and admins' of those who are none."""
        found = {reference: said for reference, said in self.root.items() if isinstance(said, Enrolment)}
        for reference, said in self.by_admins.items():
            if isinstance(said, Enrolment) and said.role != ADMIN:
                found[reference] = said
        return found

    def _endings(self) -> dict[bytes, Ending]:
        """§6.5: the smallest size, with the earliest loss among those of that size; §6.7: what is upheld."""
        revocations = _of(self.root.values(), Revocation)
        revocations += [said for said in _of(self.by_admins.values(), Revocation) if said.log not in self.admins]
        upheld: dict[bytes, int] = {}
        for one in _of([*self.root.values(), *self.by_admins.values()], Upheld):
            upheld[one.log] = max(upheld.get(one.log, 0), one.size)
        endings: dict[bytes, Ending] = {}
        for said in sorted(revocations, key=lambda said: (said.size, said.lost)):
            endings.setdefault(said.log, Ending(said.size, said.lost, max(said.size, upheld.get(said.log, 0))))
        return endings

    def _coming(self) -> dict[bytes, Enrolment]:
        """Devices whose logs have not arrived, by the enrolment with the smallest reference."""
        found: dict[bytes, Enrolment] = {}
        for _, enrolment in sorted(self.enrolments.items(), key=lambda item: item[0]):
            if enrolment.log not in self.held:
                found.setdefault(enrolment.log, enrolment)
        return found

    def _admitted(self) -> dict[bytes, Enrolment]:
        """§6.4, before revoked keys are looked at."""
        found = self._coming()
        for log_id, genesis in self.geneses.items():
            admission = statement.parse_admission(genesis.admission)
            root = isinstance(admission, RootAdmission)
            enrolment = admission.enrolment if isinstance(admission, RootAdmission) else self.enrolments.get(admission)
            if enrolment is not None and (root or _fits(enrolment, genesis)):
                found[log_id] = enrolment
        return found

    def membership(self) -> Membership:
        """§6.6: a revoked key does not return, whichever came first."""
        keys = [(genesis.device_key, log_id) for log_id, genesis in self.geneses.items()]
        keys += [(one.device_key, one.log) for one in self.enrolments.values() if one.log not in self.held]
        admitted = self._admitted()
        lost = {(key, log_id) for key, log_id in keys if log_id in self.endings}
        roles = {
            log_id: enrolment.role
            for log_id, enrolment in admitted.items()
            if not any(key == enrolment.device_key and other != log_id for key, other in lost)
        }
        return Membership(roles, self.endings)


def disputed(membership: Membership, told: Sequence[Entry]) -> set[Reference]:
    """Of the entries about one subject those of revoked logs that do not count (§6.7)."""
    witnesses = [entry for entry in told if entry.log in membership.roles and membership.beyond(entry) is None]
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


def _fits(enrolment: Enrolment, genesis: Genesis) -> bool:
    return (enrolment.log, enrolment.device_key) == (genesis.log(), genesis.device_key)


def roles_and_endings(membership: Membership) -> tuple[Mapping[bytes, int], Mapping[bytes, Ending]]:
    """What the vectors compare: the members' roles, and where their logs end."""
    return membership.roles, {key: value for key, value in membership.endings.items() if key in membership.roles}
