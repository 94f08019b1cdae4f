"""A whole log, entry after entry (docs/format.md §3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from . import cbor, ed25519, entry as entries, names, shape, statement
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
    """What a check of a log found: the entries that hold, and the first that does not."""

    entries: list[Entry]
    bad: int | None = None
    rule: str | None = None


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
        admission=fields.take(4, lambda value: value),
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
        want((named.log, named.device_key) == (genesis.log(), genesis.device_key), "genesis", "another device's admission")
        want(ed25519.is_sound(named.endpoint), "genesis", "an endpoint key that is never admitted")
        want(admission.is_signed_by(genesis.root_key), "genesis", "an admission that the root did not sign")


def check(log: bytes, disclosures: Iterable[Disclosure], holds_batch: Callable[[bytes], bool]) -> Checked:
    """Checks each entry to be the next of its log, with its own signature, and ends at the first that is not."""
    state, held = State(log), list[Entry]()
    for place, disclosure in enumerate(disclosures):
        try:
            entry = entries.parse(disclosure.entry)
            check_next(state, entry, disclosure, holds_batch)
        except Refused as refused:
            return Checked(held, place, refused.rule)
        state.take(entry)
        held.append(entry)
    return Checked(held)


def check_next(state: State, entry: Entry, disclosure: Disclosure, holds_batch: Callable[[bytes], bool]) -> None:
    """The eight rules of §3, in their order; the newest entry's signature would do for all before it."""
    want(entry.log == state.log, "log", "another log's entry")
    want(entry.sequence == state.size, "sequence", "not the number of entries before it")
    want(entry.back == (state.last or state.log), "back", "not the leaf of the entry before")
    want((entry.kind == entries.GENESIS) == (entry.sequence == 0), "genesis", "a genesis stands first, and alone")
    check_subject(state.subjects, entry)
    want(entry.commits_to(disclosure.salt, disclosure.body), "body", "another body or salt than was signed")
    want(cbor.is_deterministic(disclosure.body), "body", "a body that is not deterministic CBOR")
    want(all(holds_batch(address) for address in entry.batches), "batch", "a batch that is not held")
    if entry.kind == entries.GENESIS:
        genesis = parse_genesis(disclosure.body)
        check_genesis(genesis)
        want(genesis.log() == entry.log, "genesis", "another log's genesis")
        state.device_key = genesis.device_key
    key = state.device_key
    want(key is not None and entry.is_signed_by(key), "signature", "not signed by the log's device")
    want(entry.person_holds(), "person", "not signed by the person")


def check_subject(subjects: Mapping[bytes, tuple[int, bytes]], entry: Entry) -> None:
    """Rule 5: the entries about one subject follow each other."""
    if entry.subject is None:
        return
    count, last = subjects.get(entry.subject.id, (0, None))
    want(entry.subject.sequence == count, "subject", "not the number of entries about the subject before it")
    want(entry.subject.back == last, "subject", "not the leaf of the last entry about the subject")
