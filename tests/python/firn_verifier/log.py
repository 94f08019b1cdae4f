"""A whole log, entry after entry (docs/format.md §3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from . import cbor, ed25519, names, shape, statement
from . import entry as entries
from .entry import Entry
from .refusal import Refused, want


@dataclass(frozen=True)
class Disclosure:
    """An entry with its body and salt, as they came."""

    entry: bytes
    salt: bytes
    body: bytes


@dataclass(frozen=True)
class Genesis:
    """The body of kind 1, but for its admission."""

    organisation: bytes
    root_key: bytes
    name: str
    device_key: bytes
    random: bytes
    admission: object

    def log(self) -> bytes:
        """The log that this begins (§2)."""
        return names.log_id(self.organisation, self.device_key, self.random)


@dataclass(frozen=True)
class Checked:
    """What a check of a log found: the entries that hold, and the first that does not, with the rules it breaks."""

    entries: list[Entry]
    bad: int | None = None
    broken: frozenset[str] = frozenset()


@dataclass
class State:
    """What of a log the next entry depends on."""

    log: bytes
    device_key: bytes | None = None
    size: int = 0
    last: bytes = b""
    subjects: dict[bytes, tuple[int, bytes]] = field(default_factory=dict)

    def take(self, entry: Entry) -> None:
        """Moves past an entry that holds."""
        self.size, self.last = self.size + 1, entry.leaf
        if entry.subject is not None:
            self.subjects[entry.subject.id] = (entry.subject.sequence + 1, entry.leaf)


def parse_genesis(body: bytes) -> Genesis:
    """The body of a genesis."""
    fields = shape.Map(cbor.decode(body))
    organisation = fields.take(1, shape.Map)
    genesis = Genesis(
        organisation=organisation.take(1, shape.hash32),
        root_key=organisation.take(2, shape.key32),
        name=organisation.take(3, shape.text),
        device_key=fields.take(2, shape.key32),
        random=fields.take(3, shape.id16),
        admission=fields.take(4, shape.anything),
    )
    statement.parse_admission(genesis.admission)
    return genesis


def check_genesis(genesis: Genesis) -> None:
    """What a genesis shows by itself: sound keys, ids that are the hashes they should be, the root's signature."""
    want(names.organisation_id(genesis.root_key) == genesis.organisation, "genesis", "another organisation's id")
    for key in (genesis.device_key, genesis.root_key):
        want(ed25519.is_sound(key), "genesis", "a key that is never admitted")
    admission = statement.parse_admission(genesis.admission)
    if isinstance(admission, statement.RootAdmission):
        named = admission.enrolment
        own = (named.log, named.device_key) == (genesis.log(), genesis.device_key)
        want(own, "genesis", "another device's admission")
        want(ed25519.is_sound(named.endpoint), "genesis", "an endpoint key that is never admitted")
        want(admission.is_signed_by(genesis.root_key), "genesis", "an admission that the root did not sign")


def check(log: bytes, disclosures: Iterable[Disclosure], holds_batch: Callable[[bytes], bool]) -> Checked:
    """Checks each entry to be the next of its log, with its own signature, and ends at the first that is not."""
    state, held = State(log), list[Entry]()
    for place, disclosure in enumerate(disclosures):
        try:
            entry = entries.parse(disclosure.entry)
        except Refused:
            return Checked(held, place, frozenset({"form"}))
        broken = frozenset(_broken(state, entry, disclosure, holds_batch))
        if broken:
            return Checked(held, place, broken)
        state.take(entry)
        held.append(entry)
    return Checked(held)


def _broken(state: State, entry: Entry, disclosure: Disclosure, holds_batch: Callable[[bytes], bool]) -> Iterator[str]:
    """Every rule of §3 that an entry breaks; the newest entry's signature would do for all before it."""
    first, genesis = state.size == 0, entry.kind == entries.GENESIS
    if first and genesis:
        state.device_key = _founder(state.log, disclosure.body)
    rules = {
        "log": entry.log == state.log,
        "sequence": entry.sequence == state.size,
        "back": first or entry.back == state.last,
        "genesis": first == genesis and (not first or (entry.back == state.log and state.device_key is not None)),
        "subject": _follows(state.subjects, entry),
        "body": entry.commits_to(disclosure.salt, disclosure.body),
        "form": cbor.is_deterministic(disclosure.body),
        "batch": all(holds_batch(address) for address in entry.batches),
        "signature": state.device_key is not None and entry.is_signed_by(state.device_key),
        "person": entry.person_holds(),
    }
    return (rule for rule, holds in rules.items() if not holds)


def _founder(log: bytes, body: bytes) -> bytes | None:
    """The device key of a genesis that begins the log."""
    try:
        genesis = parse_genesis(body)
        check_genesis(genesis)
    except Refused:
        return None
    return genesis.device_key if genesis.log() == log else None


def _follows(subjects: Mapping[bytes, tuple[int, bytes]], entry: Entry) -> bool:
    """Rule 5: the entries about one subject follow each other."""
    if entry.subject is None:
        return True
    return subjects.get(entry.subject.id, (0, None)) == (entry.subject.sequence, entry.subject.back)
