//! The messages of protocol version 1: docs/firn.cddl, `sync-message`.

use crate::bytes::{Hash, LogId, OrganisationId, Salt};
use crate::canonical::{Problem, Reader, Writer};
use crate::chain::Received;
use crate::entry::Head;
use crate::error::SyncError;
use crate::seen::{Mark, Seen};

use super::frame;

/// The bytes of a salt, and of all heads of items and frames around an entry or a batch.
const AROUND_AN_ENTRY: usize = 64;
/// The longest code that a message may carry, in bytes.
const MAX_CODE: usize = 64;

/// What one side tells the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// The first of each side.
    Hello {
        /// The versions that it speaks.
        versions: Vec<u64>,
        /// Whose logs these are.
        organisation: OrganisationId,
        /// What tells its frontier from any other ([`fingerprint`]).
        fingerprint: Hash,
        /// What it holds, by log id: the responder's and the writer's.
        frontier: Option<Vec<Held>>,
    },
    /// Consecutive entries of one log; the batches that they bring follow.
    Entries {
        /// The log.
        log: LogId,
        /// The first one's sequence.
        from: u64,
        /// At least one.
        entries: Vec<Received>,
    },
    /// A batch that the entries before it bring.
    Batch(Vec<u8>),
    /// A log that is not taken or not sent, and why.
    Refused {
        /// The log.
        log: LogId,
        /// The reason's code.
        code: String,
    },
    /// All has been sent; the other side's turn.
    End {
        /// Of what the sender holds now.
        fingerprint: Hash,
    },
    /// The end of the conversation, and why.
    Abort {
        /// The reason's code.
        code: String,
    },
    /// What the initiator holds, by log id.
    Frontier(Vec<Held>),
    /// What is known of a log's witnesses.
    Seen(Box<Seen>),
    /// The body of kind 5: a log has two histories.
    Fork(Vec<u8>),
    /// The responder holds what the initiator's fingerprint says; both are done.
    Same,
}

/// A log as it is held: its head, and the mark of what is known of its witnesses.
///
/// A log with two histories stands here as empty, with the mark [`FROZEN`]: its branches are not compared. Once it
/// is decided which of them holds, it has the mark [`DECIDED`] and the head of that one where it is held, and else
/// [`AWAITED`] and stands as empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Log, size and root.
    pub head: Head,
    /// [`Seen::mark`].
    pub mark: Mark,
}

/// The mark of a log with two histories.
pub const FROZEN: Mark = [0xff; 8];
/// The mark of a log with two histories, of which the one that holds is held.
pub const DECIDED: Mark = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe];
/// The mark of a log with two histories, of which the one that holds is still to come.
pub const AWAITED: Mark = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfd];

/// Whether this is the mark of a log whose two histories its holder knows of.
pub fn knows_fork(mark: &Mark) -> bool {
    [FROZEN, DECIDED, AWAITED].contains(mark)
}

/// The SHA-256 of a frontier's deterministic CBOR.
pub fn fingerprint(frontier: &[Held]) -> Hash {
    let mut writer = Writer::new();
    write_frontier(&mut writer, frontier);
    Hash::of(&[b"firn frontier v1", &writer.into_bytes()])
}

fn write_frontier(writer: &mut Writer, frontier: &[Held]) {
    writer.array(frontier.len());
    for Held { head, mark } in frontier {
        writer.array(4).bytes(head.log.as_bytes()).uint(head.size);
        writer.bytes(head.root.as_bytes()).bytes(mark);
    }
}

fn read_frontier(reader: &mut Reader<'_>) -> Result<Vec<Held>, Problem> {
    let mut frontier: Vec<Held> = Vec::new();
    for _ in 0..reader.array()? {
        reader.array_of(4)?;
        let (log, size, root) = (LogId(reader.fixed()?), reader.uint()?, Hash(reader.fixed()?));
        if frontier.last().is_some_and(|last| last.head.log >= log) {
            return Err(reader.refuse("logs that do not ascend"));
        }
        frontier.push(Held { head: Head { log, size, root }, mark: reader.fixed()? });
    }
    Ok(frontier)
}

impl Message {
    /// Its deterministic CBOR.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        self.write(&mut writer);
        writer.into_bytes()
    }

    /// A frame of it, written in place.
    pub(super) fn frame(&self) -> Result<Vec<u8>, SyncError> {
        let mut writer = Writer::with_room(self.room());
        self.write(writer.raw(&[0; 4]));
        let mut frame = writer.into_bytes();
        if let Some((length, content)) = frame.split_first_chunk_mut::<4>() {
            *length = frame::length(content.len())?;
        }
        Ok(frame)
    }

    /// About how many bytes a frame of it takes, where that is many.
    fn room(&self) -> usize {
        let of_entry = |one: &Received| one.bytes.len() + one.body.len() + AROUND_AN_ENTRY;
        match self {
            Self::Entries { entries, .. } => entries.iter().map(of_entry).sum::<usize>() + AROUND_AN_ENTRY,
            Self::Batch(bytes) => bytes.len() + AROUND_AN_ENTRY,
            _ => 0,
        }
    }

    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Hello { versions, organisation, fingerprint, frontier } => {
                writer.array(if frontier.is_some() { 5 } else { 4 }).uint(0).array(versions.len());
                for version in versions {
                    writer.uint(*version);
                }
                writer.bytes(organisation.as_bytes()).bytes(fingerprint.as_bytes());
                if let Some(frontier) = frontier {
                    write_frontier(writer, frontier);
                }
            }
            Self::Entries { log, from, entries } => {
                writer.array(4).uint(1).bytes(log.as_bytes()).uint(*from).array(entries.len());
                for entry in entries {
                    writer.array(3).bytes(&entry.bytes).bytes(&entry.body).bytes(entry.salt.as_bytes());
                }
            }
            Self::Batch(bytes) => {
                writer.array(2).uint(2).bytes(bytes);
            }
            Self::Refused { log, code } => {
                writer.array(3).uint(3).bytes(log.as_bytes()).text(code);
            }
            Self::End { fingerprint } => {
                writer.array(2).uint(4).bytes(fingerprint.as_bytes());
            }
            Self::Abort { code } => {
                writer.array(2).uint(5).text(code);
            }
            Self::Frontier(frontier) => write_frontier(writer.array(2).uint(6), frontier),
            Self::Seen(seen) => seen.write(writer.array(2).uint(7)),
            Self::Fork(proof) => {
                writer.array(2).uint(8).bytes(proof);
            }
            Self::Same => {
                writer.array(1).uint(9);
            }
        }
    }

    /// Reads a frame's content.
    ///
    /// # Errors
    /// [`SyncError::Protocol`].
    pub fn decode(content: &[u8]) -> Result<Self, SyncError> {
        let mut reader = Reader::new(content);
        let read = |reader: &mut Reader<'_>| {
            let message = Self::read(reader)?;
            reader.end().map(|()| message)
        };
        read(&mut reader).map_err(|problem: Problem| SyncError::Protocol { what: problem.reason })
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        let unknown = reader.refuse("an unknown message");
        match (reader.array()?, reader.uint()?) {
            (length @ (4 | 5), 0) => Ok(Self::Hello {
                versions: read_versions(reader)?,
                organisation: OrganisationId(reader.fixed()?),
                fingerprint: Hash(reader.fixed()?),
                frontier: if length == 5 { Some(read_frontier(reader)?) } else { None },
            }),
            (4, 1) => Ok(Self::Entries {
                log: LogId(reader.fixed()?),
                from: reader.uint()?,
                entries: read_entries(reader)?,
            }),
            (2, 2) => Ok(Self::Batch(reader.bytes()?.to_vec())),
            (3, 3) => Ok(Self::Refused { log: LogId(reader.fixed()?), code: read_code(reader)? }),
            (2, 4) => Ok(Self::End { fingerprint: Hash(reader.fixed()?) }),
            (2, 5) => Ok(Self::Abort { code: read_code(reader)? }),
            (2, 6) => Ok(Self::Frontier(read_frontier(reader)?)),
            (2, 7) => Ok(Self::Seen(Box::new(Seen::read(reader)?))),
            (2, 8) => Ok(Self::Fork(reader.bytes()?.to_vec())),
            (1, 9) => Ok(Self::Same),
            _ => Err(unknown),
        }
    }
}

fn read_versions(reader: &mut Reader<'_>) -> Result<Vec<u64>, Problem> {
    let count = reader.array()?;
    (0..count).map(|_| reader.uint()).collect()
}

fn read_entries(reader: &mut Reader<'_>) -> Result<Vec<Received>, Problem> {
    let none = reader.refuse("no entries");
    let count = reader.array()?;
    if count == 0 {
        return Err(none);
    }
    let mut entries = Vec::new();
    for _ in 0..count {
        reader.array_of(3)?;
        let (bytes, body) = (reader.bytes()?.to_vec(), reader.bytes()?.to_vec());
        entries.push(Received { bytes, body, salt: Salt(reader.fixed()?) });
    }
    Ok(entries)
}

/// A code is shown to people: short, and of the characters that codes have.
fn read_code(reader: &mut Reader<'_>) -> Result<String, Problem> {
    let bad = reader.refuse("no code");
    let code = reader.text()?;
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '/';
    if code.len() <= MAX_CODE && code.chars().all(fits) { Ok(code.to_owned()) } else { Err(bad) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hex(message: &Message) -> String {
        data_encoding::HEXLOWER.encode(&message.encode())
    }

    fn each() -> Vec<Message> {
        let held = Held { head: Head { log: LogId([1; 32]), size: 300, root: Hash([2; 32]) }, mark: [6; 8] };
        let (organisation, fingerprint) = (OrganisationId([4; 32]), fingerprint(&[held]));
        let hello = |frontier| Message::Hello { versions: vec![1], organisation, fingerprint, frontier };
        let entry = Received { bytes: vec![7, 8], body: vec![0xa0], salt: Salt([3; 32]) };
        vec![
            hello(None),
            hello(Some(vec![held])),
            Message::Entries { log: LogId([1; 32]), from: 5, entries: vec![entry] },
            Message::Batch(vec![0xa0]),
            Message::Refused { log: LogId([1; 32]), code: "ledger/fork".to_owned() },
            Message::End { fingerprint },
            Message::Abort { code: "sync/version".to_owned() },
            Message::Frontier(vec![held]),
            Message::Seen(Box::new(Seen::nothing(LogId([1; 32])))),
            Message::Fork(vec![0xa0]),
            Message::Same,
        ]
    }

    #[test]
    fn the_messages_have_these_bytes() {
        let frozen: Vec<String> = each().iter().map(hex).collect();
        insta::assert_snapshot!(frozen.join("\n"));
    }

    #[test]
    fn a_message_reads_back_as_it_was_written() {
        for message in each() {
            assert_eq!(Message::decode(&message.encode()), Ok(message));
        }
    }

    #[test]
    fn a_code_cannot_carry_anything_else() {
        for code in ["Ledger/Fork", "a b", "\u{1b}[2J", &"x".repeat(65)] {
            let message = Message::Abort { code: code.to_owned() };
            assert!(Message::decode(&message.encode()).is_err(), "{code}");
        }
    }

    proptest! {
        #[test]
        fn hostile_content_never_panics(content in prop::collection::vec(any::<u8>(), 0..120)) {
            prop_assert!(Message::decode(&content).map_or(true, |message| message.encode() == content));
        }

        #[test]
        fn a_damaged_message_is_refused_or_reads_as_itself(which in 0usize..11, at in any::<prop::sample::Index>(), bit in 0u8..8) {
            let mut content = each()[which].encode();
            let at = at.index(content.len());
            content[at] ^= 1 << bit;
            if let Ok(message) = Message::decode(&content) {
                prop_assert_eq!(message.encode(), content);
            }
        }
    }
}
