//! The messages of protocol version 0: docs/firn.cddl, `sync-message`.

use crate::bytes::{LogId, OrganisationId, Salt};
use crate::canonical::{Problem, Reader, Writer};
use crate::chain::Received;
use crate::entry::{Head, read_heads, write_heads};
use crate::error::SyncError;

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
        /// What it holds, by log id.
        frontier: Vec<Head>,
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
        /// What the sender holds now, by log id.
        frontier: Vec<Head>,
    },
    /// The end of the conversation, and why.
    Abort {
        /// The reason's code.
        code: String,
    },
}

impl Message {
    /// Its deterministic CBOR.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        match self {
            Self::Hello { versions, organisation, frontier } => {
                writer.array(4).uint(0).array(versions.len());
                for version in versions {
                    writer.uint(*version);
                }
                write_heads(writer.bytes(organisation.as_bytes()), frontier);
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
            Self::End { frontier } => write_heads(writer.array(2).uint(4), frontier),
            Self::Abort { code } => {
                writer.array(2).uint(5).text(code);
            }
        }
        writer.into_bytes()
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
            (4, 0) => Ok(Self::Hello {
                versions: read_versions(reader)?,
                organisation: OrganisationId(reader.fixed()?),
                frontier: read_heads(reader, 0)?,
            }),
            (4, 1) => Ok(Self::Entries {
                log: LogId(reader.fixed()?),
                from: reader.uint()?,
                entries: read_entries(reader)?,
            }),
            (2, 2) => Ok(Self::Batch(reader.bytes()?.to_vec())),
            (3, 3) => Ok(Self::Refused { log: LogId(reader.fixed()?), code: read_code(reader)? }),
            (2, 4) => Ok(Self::End { frontier: read_heads(reader, 0)? }),
            (2, 5) => Ok(Self::Abort { code: read_code(reader)? }),
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
    use crate::bytes::Hash;

    fn hex(message: &Message) -> String {
        data_encoding::HEXLOWER.encode(&message.encode())
    }

    fn each() -> Vec<Message> {
        let head = Head { log: LogId([1; 32]), size: 300, root: Hash([2; 32]) };
        let entry = Received { bytes: vec![7, 8], body: vec![0xa0], salt: Salt([3; 32]) };
        vec![
            Message::Hello { versions: vec![0], organisation: OrganisationId([4; 32]), frontier: vec![head] },
            Message::Entries { log: LogId([1; 32]), from: 5, entries: vec![entry] },
            Message::Batch(vec![0xa0]),
            Message::Refused { log: LogId([1; 32]), code: "ledger/fork".to_owned() },
            Message::End { frontier: vec![] },
            Message::Abort { code: "sync/version".to_owned() },
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
        fn a_damaged_message_is_refused_or_reads_as_itself(which in 0usize..6, at in any::<prop::sample::Index>(), bit in 0u8..8) {
            let mut content = each()[which].encode();
            let at = at.index(content.len());
            content[at] ^= 1 << bit;
            if let Ok(message) = Message::decode(&content) {
                prop_assert_eq!(message.encode(), content);
            }
        }
    }
}
