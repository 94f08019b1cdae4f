//! The seal: a fixed-length attachment that signs the report it lies in (docs/formats.md, "The seal").

use crate::error::ReportError;
use firn_ledger::bytes::{Hash, LogId, PublicKey, Signature};
use firn_ledger::canonical::{self, Key, Map, Problem, Reader, Writer};
use firn_ledger::key::Signer;
use firn_model::time::{UtcMillis, UtcOffset};
#[cfg(feature = "pdf")]
use sha2::{Digest, Sha256};

/// The length of every seal in bytes.
pub const LENGTH: usize = 448;

/// The media type of a seal.
pub const MEDIA_TYPE: &str = "application/vnd.firn.seal.v1+cbor";

/// The version of the report's layout; each change of template, fonts, words or typst raises it.
pub const LAYOUT: u32 = 2;

/// The longest name of a time zone or of a writer in bytes: longer ones would not leave room.
pub const LONGEST_NAME: usize = 64;

#[cfg(feature = "pdf")]
pub(crate) const PLACEHOLDER_SEED: &[u8] = b"firn pdf seal placeholder v1";

/// The media type of a preview's seal.
pub(crate) const PREVIEW_MEDIA_TYPE: &str = "application/vnd.firn.seal.v0+cbor";

const NAME: &str = "firn pdf seal";
const VERSION: u64 = 1;
const SIGNED: &[u8] = b"firn pdf seal v1";

/// What a seal says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// Which release wrote the report; only that one is bound to print the same bytes.
    pub writer: String,
    /// When it was written.
    pub created: UtcMillis,
    /// The offset that its times are printed in.
    pub offset: UtcOffset,
    /// The name of that time zone.
    pub zone: String,
    /// The log of the device that sealed it.
    pub log: LogId,
    /// SHA-256 of the evidence file attached to it.
    pub evidence: Hash,
    /// SHA-256 of the report with the seal's bytes zeroed.
    pub report: Hash,
}

/// This release, as a seal names it.
pub fn writer() -> String {
    format!(
        "firn-report {} layout {LAYOUT} {}-{}",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::ARCH,
        std::env::consts::OS
    )
}

/// What stands in the seal's place while the report is set: bytes that deflate cannot shorten, so that
/// the attachment is stored as it is and can be overwritten in place.
#[cfg(feature = "pdf")]
pub(crate) fn placeholder(seed: &[u8]) -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    for (count, part) in (0_u32..).zip(bytes.chunks_mut(32)) {
        let block = Sha256::new().chain_update(seed).chain_update(count.to_be_bytes()).finalize();
        part.iter_mut().zip(block).for_each(|(byte, random)| *byte = random);
    }
    bytes
}

impl Seal {
    /// The seal's bytes, signed.
    ///
    /// # Errors
    /// The signer refuses, or a name is too long.
    pub fn sign(&self, signer: &dyn Signer) -> Result<[u8; LENGTH], ReportError> {
        let signature = signer.sign(&self.message())?;
        let mut writer = Writer::new();
        self.write(&mut writer, 11);
        writer.uint(10).bytes(signature.as_bytes()).uint(11);
        let mut bytes = writer.into_bytes();
        // Two bytes of head name every length of padding that the longest and shortest names leave.
        let padding = LENGTH.checked_sub(bytes.len() + 2).filter(|padding| (24..=255).contains(padding));
        let padding = padding.ok_or_else(|| ReportError::MalformedSeal("a name is too long".into()))?;
        let mut tail = Writer::new();
        tail.bytes(&vec![0; padding]);
        bytes.extend(tail.into_bytes());
        // What cannot be read back is not handed out: a name may fit and yet be too long.
        Sealed::read(&bytes)?;
        bytes.try_into().map_err(|_| ReportError::MalformedSeal("of another length".into()))
    }

    fn message(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        self.write(&mut writer, 9);
        let mut message = SIGNED.to_vec();
        message.extend(writer.into_bytes());
        message
    }

    fn write(&self, writer: &mut Writer, pairs: usize) {
        writer.map(pairs);
        writer.uint(1).text(NAME).uint(2).uint(VERSION);
        writer.uint(3).text(&self.writer);
        writer.uint(4).int(self.created.0);
        writer.uint(5).int(i64::from(self.offset.0));
        writer.uint(6).text(&self.zone);
        writer.uint(7).bytes(self.log.as_bytes());
        writer.uint(8).bytes(self.evidence.as_bytes());
        writer.uint(9).bytes(self.report.as_bytes());
    }
}

/// A seal as it was read, with its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// What it says.
    pub seal: Seal,
    signature: Signature,
}

impl Sealed {
    /// Reads a seal; nothing is verified yet.
    ///
    /// # Errors
    /// `report/malformed-seal`, `report/preview`, `report/unknown-version`.
    pub fn read(bytes: &[u8]) -> Result<Self, ReportError> {
        if bytes.len() != LENGTH {
            return Err(ReportError::MalformedSeal(format!("{} bytes long", bytes.len())));
        }
        canonical::check(bytes).map_err(malformed)?;
        let mut fields = Fields::begin(bytes)?;
        if fields.at(1)?.text().map_err(malformed)? != NAME {
            return Err(ReportError::MalformedSeal("it does not say that it is a seal".into()));
        }
        let version = fields.at(2)?.uint().map_err(malformed)?;
        match version {
            VERSION => {}
            0 => return Err(ReportError::Preview),
            version => return Err(ReportError::UnknownVersion { version }),
        }
        let seal = Seal {
            writer: name(fields.at(3)?)?,
            created: UtcMillis(fields.at(4)?.int().map_err(malformed)?),
            offset: UtcOffset(offset(fields.at(5)?.int().map_err(malformed)?)?),
            zone: name(fields.at(6)?)?,
            log: LogId(fields.at(7)?.fixed().map_err(malformed)?),
            evidence: Hash(fields.at(8)?.fixed().map_err(malformed)?),
            report: Hash(fields.at(9)?.fixed().map_err(malformed)?),
        };
        let signature = Signature(fields.at(10)?.fixed().map_err(malformed)?);
        if fields.at(11)?.bytes().map_err(malformed)?.iter().any(|byte| *byte != 0) {
            return Err(ReportError::MalformedSeal("its padding is not zero".into()));
        }
        Ok(Self { seal, signature })
    }

    /// Whether `device` signed it.
    pub fn is_signed_by(&self, device: &PublicKey) -> bool {
        device.verify(&self.seal.message(), &self.signature).is_ok()
    }
}

/// The pairs of a seal, in the one order that they may stand in.
struct Fields<'a> {
    reader: Reader<'a>,
    map: Map,
}

impl<'a> Fields<'a> {
    fn begin(bytes: &'a [u8]) -> Result<Self, ReportError> {
        let mut reader = Reader::new(bytes);
        let map = reader.map().map_err(malformed)?;
        Ok(Self { reader, map })
    }

    fn at(&mut self, key: u64) -> Result<&mut Reader<'a>, ReportError> {
        match self.reader.key(&mut self.map).map_err(malformed)? {
            Some(Key::Uint(found)) if found == key => Ok(&mut self.reader),
            _ => Err(ReportError::MalformedSeal(format!("key {key} is missing"))),
        }
    }
}

fn name(reader: &mut Reader<'_>) -> Result<String, ReportError> {
    let text = reader.text().map_err(malformed)?;
    if text.len() > LONGEST_NAME {
        return Err(ReportError::MalformedSeal("a name is too long".into()));
    }
    Ok(text.to_owned())
}

/// An offset from UTC of less than a day (RFC 3339 §5.6).
fn offset(seconds: i64) -> Result<i32, ReportError> {
    i32::try_from(seconds)
        .ok()
        .filter(|seconds| seconds.unsigned_abs() < 86_400)
        .ok_or_else(|| ReportError::MalformedSeal("its offset is a day or more".into()))
}

fn malformed(problem: Problem) -> ReportError {
    ReportError::MalformedSeal(format!("byte {}: {}", problem.offset, problem.reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use firn_ledger::key::SecretKey;
    use proptest::prelude::*;

    fn seal(zone: &str) -> Seal {
        Seal {
            writer: "firn-report 0.1.0 layout 1 x86_64-linux".into(),
            created: UtcMillis(1_795_341_000_000),
            offset: UtcOffset(3600),
            zone: zone.into(),
            log: LogId([1; 32]),
            evidence: Hash([2; 32]),
            report: Hash([3; 32]),
        }
    }

    #[test]
    fn a_seal_has_one_length_whatever_it_says_and_comes_back() {
        let key = SecretKey::from_seed(&[7; 32]);
        for zone in ["", "UTC", "Europe/Lisbon", &"z".repeat(LONGEST_NAME)] {
            let mut seal = seal(zone);
            seal.writer =
                seal.writer.chars().chain("w".repeat(24).chars()).take(40 + zone.len() / 3).collect();
            let sealed = Sealed::read(&seal.sign(&key).unwrap()).unwrap();
            assert_eq!(sealed.seal, seal);
            assert!(sealed.is_signed_by(&key.public_key()));
            assert!(!sealed.is_signed_by(&SecretKey::from_seed(&[8; 32]).public_key()));
        }
    }

    #[test]
    fn a_seal_of_frozen_input_has_frozen_bytes() {
        let bytes = seal("Europe/Lisbon").sign(&SecretKey::from_seed(&[7; 32])).unwrap();
        insta::assert_snapshot!(data_encoding::HEXLOWER.encode(&bytes));
    }

    #[test]
    fn a_name_that_leaves_no_room_is_refused() {
        let key = SecretKey::from_seed(&[7; 32]);
        assert_eq!(seal(&"z".repeat(300)).sign(&key).unwrap_err().code(), "report/malformed-seal");
    }

    #[test]
    fn any_changed_byte_of_a_seal_breaks_it() {
        let key = SecretKey::from_seed(&[7; 32]);
        let whole = seal("Europe/Lisbon").sign(&key).unwrap();
        for at in 0..whole.len() {
            let mut bytes = whole;
            bytes[at] ^= 1;
            let good = Sealed::read(&bytes).is_ok_and(|sealed| sealed.is_signed_by(&key.public_key()));
            assert!(!good, "byte {at}");
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_are_refused_and_never_panic(bytes in prop::collection::vec(any::<u8>(), LENGTH)) {
            prop_assert!(Sealed::read(&bytes).is_err());
        }
    }
}
