//! What another organisation hands over: its evidence of a shipment, taken in whole (kind 46).

use super::{Address, Body, EntryReference, Kind, RecordError};
use crate::time::UtcMillis;
use data_encoding::HEXLOWER;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// The only version of a part.
const VERSION: u8 = 1;
/// The most bytes in a part, so that it is a batch as any other.
const MOST_PART_BYTES: usize = 1_000_000;
/// The most parts of one piece of evidence: an entry names no more than 64 batches, and what is taken travels in
/// evidence of one's own, which has at most 64 MiB.
const MOST_PARTS: usize = 16;

/// The most bytes of evidence that is taken from another organisation.
pub const MOST_TAKEN_BYTES: usize = MOST_PARTS * MOST_PART_BYTES;

/// An organisation's id, the hash of its root key; in JSON its fingerprint, lower-case hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub struct Fingerprint(
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub [u8; 32],
);

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&HEXLOWER.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Address::deserialize(deserializer)?.0))
    }
}

/// Whether an organisation was known when its evidence was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cbor(index_only)]
pub enum Recognition {
    /// An admin had pinned it.
    #[n(1)]
    Pinned,
    /// Nobody had: intact, organisation unknown.
    #[n(2)]
    Unknown,
}

/// The offer of custody that is taken up across organisations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct TakenUp {
    /// The offer's entry, in the giver's organisation.
    #[n(1)]
    pub offered: EntryReference,
    /// The offer's nonce.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub nonce: [u8; 16],
    /// When, by the receiver's clock.
    #[n(3)]
    pub at: UtcMillis,
}

/// Another organisation's evidence about the shipment was verified and taken in (kind 46). Its bytes are the
/// batches of the entry, as [`EvidencePart`]s.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Taken {
    /// Whose evidence.
    #[n(1)]
    pub organisation: Fingerprint,
    /// The SHA-256 of its bytes.
    #[n(2)]
    pub evidence: Address,
    /// How many bytes.
    #[n(3)]
    pub bytes: u64,
    /// Whether that organisation was known then.
    #[n(4)]
    pub recognition: Recognition,
    /// The offer that is taken up by it; absent where there was none that stood.
    #[n(5)]
    pub taken_up: Option<TakenUp>,
    /// In the giver's organisation: the receiver's own entry that took the offer up.
    #[n(6)]
    pub acceptance: Option<EntryReference>,
    /// With an acceptance: of the giver's own logs what the evidence told by which the offer was taken up, where that is
    /// more than the offer's signer held, by log; absent where none is, and in what earlier releases signed.
    #[n(7)]
    pub told: Option<Vec<LogTold>>,
}

/// How much of a log evidence told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(array)]
pub struct LogTold {
    /// The log's id.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub log: [u8; 32],
    /// How many entries, from the first to the last that it told.
    #[n(1)]
    pub size: u64,
}

impl Body for Taken {
    const KIND: Kind = Kind::Taken;

    fn to_bytes(&self) -> Vec<u8> {
        super::encode(self)
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, RecordError> {
        let taken: Self = super::decode(bytes)?;
        match (taken.acceptance, taken.taken_up, &taken.told) {
            (Some(_), None, _) => Err(RecordError("an acceptance of no offer".into())),
            (None, _, Some(_)) => Err(RecordError("told to who took nothing over".into())),
            _ => Ok(taken),
        }
    }
}

/// A stretch of another organisation's evidence; stored, synced and carried as a batch is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidencePart {
    /// The SHA-256 of the whole.
    pub evidence: Address,
    /// Its place among the parts, from 0.
    pub place: u8,
    /// How many parts there are.
    pub parts: u8,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The parts are not the evidence that an entry tells of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TakenError {
    /// None at all, or too much.
    #[error("evidence of {0} bytes is not taken: 1 to {MOST_TAKEN_BYTES} can be")]
    Length(usize),
    /// A part is missing, twice, or of other evidence.
    #[error("its parts do not go together")]
    Parts,
    /// The whole has another hash or length.
    #[error("its parts are not what was signed")]
    Other,
}

/// A part on the wire.
#[derive(Encode, Decode)]
#[cbor(map)]
struct PartBody {
    #[n(1)]
    version: u8,
    #[n(2)]
    evidence: Address,
    #[n(3)]
    place: Place,
    #[n(4)]
    bytes: minicbor::bytes::ByteVec,
}

#[derive(Encode, Decode)]
struct Place {
    #[n(0)]
    place: u8,
    #[n(1)]
    parts: u8,
}

impl EvidencePart {
    /// Evidence in parts.
    ///
    /// # Errors
    /// [`TakenError::Length`] for none, or for more than [`MOST_TAKEN_BYTES`].
    pub fn divide(evidence: &[u8]) -> Result<Vec<Self>, TakenError> {
        let chunks = evidence.chunks(MOST_PART_BYTES);
        let count =
            u8::try_from(chunks.len()).ok().filter(|count| (1..=MOST_PARTS).contains(&usize::from(*count)));
        let parts = count.ok_or(TakenError::Length(evidence.len()))?;
        let address = Address::of(evidence);
        let part =
            |(place, bytes): (u8, &[u8])| Self { evidence: address, place, parts, bytes: bytes.to_vec() };
        Ok((0..parts).zip(chunks).map(part).collect())
    }

    /// The deterministic CBOR of the part.
    pub fn to_bytes(&self) -> Vec<u8> {
        super::encode(&PartBody {
            version: VERSION,
            evidence: self.evidence,
            place: Place { place: self.place, parts: self.parts },
            bytes: self.bytes.clone().into(),
        })
    }

    /// Reads a part.
    ///
    /// # Errors
    /// [`RecordError`] for what is none: another layout or version, no bytes, or too many.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecordError> {
        let body: PartBody = super::decode(bytes)?;
        let Place { place, parts } = body.place;
        let fits = body.version == VERSION
            && (1..=MOST_PARTS).contains(&usize::from(parts))
            && place < parts
            && (1..=MOST_PART_BYTES).contains(&body.bytes.len());
        match fits {
            true => Ok(Self { evidence: body.evidence, place, parts, bytes: body.bytes.into() }),
            false => Err(RecordError("a part of evidence of another version, place or length".into())),
        }
    }
}

impl Taken {
    /// The evidence out of its parts, in whatever order these stand.
    ///
    /// # Errors
    /// [`TakenError`] where a part is missing, comes twice or is of other evidence, and where the whole is not
    /// what the entry says.
    pub fn join(&self, mut parts: Vec<EvidencePart>) -> Result<Vec<u8>, TakenError> {
        parts.sort_by_key(|part| part.place);
        let of_this = |(place, part): (usize, &EvidencePart)| {
            part.evidence == self.evidence
                && usize::from(part.place) == place
                && usize::from(part.parts) == parts.len()
        };
        if parts.is_empty() || !parts.iter().enumerate().all(of_this) {
            return Err(TakenError::Parts);
        }
        let bytes = parts.into_iter().flat_map(|part| part.bytes).collect::<Vec<u8>>();
        let is_it = Address::of(&bytes) == self.evidence && u64::try_from(bytes.len()) == Ok(self.bytes);
        if is_it { Ok(bytes) } else { Err(TakenError::Other) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(evidence: &[u8]) -> Taken {
        Taken {
            organisation: Fingerprint([1; 32]),
            evidence: Address::of(evidence),
            bytes: evidence.len() as u64,
            recognition: Recognition::Unknown,
            taken_up: None,
            acceptance: None,
            told: None,
        }
    }

    #[test]
    fn evidence_comes_back_out_of_its_parts_in_any_order_and_out_of_no_others() {
        let evidence: Vec<u8> = (0..2_500_000_u32).map(|n| (n % 251) as u8).collect();
        let mut parts = EvidencePart::divide(&evidence).unwrap();
        assert_eq!(parts.len(), 3);
        for part in &parts {
            assert_eq!(EvidencePart::from_bytes(&part.to_bytes()).as_ref(), Ok(part));
        }
        parts.reverse();
        assert_eq!(taken(&evidence).join(parts.clone()), Ok(evidence.clone()));
        assert_eq!(taken(&evidence).join(parts[1..].to_vec()), Err(TakenError::Parts));
        assert_eq!(taken(&evidence[1..]).join(parts.clone()), Err(TakenError::Parts));
        parts[0].bytes[7] ^= 1;
        assert_eq!(taken(&evidence).join(parts), Err(TakenError::Other));
    }

    #[test]
    fn more_than_can_be_carried_on_is_not_taken() {
        assert_eq!(EvidencePart::divide(&[]), Err(TakenError::Length(0)));
        let most = vec![0; MOST_TAKEN_BYTES];
        assert_eq!(EvidencePart::divide(&most).map(|parts| parts.len()), Ok(MOST_PARTS));
        let more = vec![0; MOST_TAKEN_BYTES + 1];
        assert_eq!(EvidencePart::divide(&more), Err(TakenError::Length(MOST_TAKEN_BYTES + 1)));
    }
}
