//! Why an entry changes what stood before: one key that bodies of four kinds may hold behind their own.

use super::canonical::is_canonical;
use super::{Body, Kind, Logger, Person, Policy, RecordError};
use crate::profile::Profile;
use minicbor::{Decoder, Encoder};

/// The key of the reason, behind every key that these bodies have of their own.
const KEY: u8 = 30;
/// The same as it stands in a map.
const KEY_BYTES: [u8; 2] = [0x18, KEY];

/// Why somebody changes what stood before; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeReason(String);

impl ChangeReason {
    /// What a person gave, without blanks around it; nothing where nothing is left.
    pub fn parse(text: &str) -> Option<Self> {
        Some(text.trim()).filter(|text| !text.is_empty()).map(|text| Self(text.to_owned()))
    }

    /// The words.
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// A body that may say why it changes what stood before (21 CFR 11.10(e)).
pub trait Changing: Body {
    /// The deterministic CBOR of the body, with the reason.
    ///
    /// # Errors
    /// Where the body has a key behind that of the reason.
    fn to_bytes_because(&self, reason: Option<&ChangeReason>) -> Result<Vec<u8>, RecordError> {
        match reason {
            Some(reason) => with_reason(&self.to_bytes(), reason),
            None => Ok(self.to_bytes()),
        }
    }
}

impl Changing for Logger {}
impl Changing for Profile {}
impl Changing for Person {}
impl Changing for Policy {}

/// Why an entry of this kind changes what stood before, where its body says so.
pub fn change_reason(kind: u64, body: &[u8]) -> Option<String> {
    let changes = [Logger::KIND, Profile::KIND, Person::KIND, Policy::KIND];
    Kind::from_number(kind).filter(|kind| changes.contains(kind))?;
    let mut decoder = Decoder::new(body);
    for _ in 0..decoder.map().ok()?? {
        let start = decoder.position();
        decoder.skip().ok()?;
        let is_reason = body.get(start..decoder.position())? == KEY_BYTES;
        if is_reason {
            return decoder.str().ok().map(str::to_owned);
        }
        decoder.skip().ok()?;
    }
    None
}

fn with_reason(body: &[u8], reason: &ChangeReason) -> Result<Vec<u8>, RecordError> {
    let mut decoder = Decoder::new(body);
    let pairs = decoder.map().ok().flatten().and_then(|pairs| pairs.checked_add(1));
    let own = body.get(decoder.position()..);
    let (Some(pairs), Some(own)) = (pairs, own) else { return Err(RecordError("no map".into())) };
    let mut encoder = Encoder::new(Vec::new());
    let written = encoder.map(pairs).map(drop).and_then(|()| {
        encoder.writer_mut().extend_from_slice(own);
        encoder.u8(KEY)?.str(reason.text()).map(drop)
    });
    written.map_err(|error| RecordError(error.to_string()))?;
    let bytes = encoder.into_writer();
    match is_canonical(&bytes) {
        true => Ok(bytes),
        false => Err(RecordError("a key behind that of the reason".into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Id;
    use crate::profile::preset;
    use crate::record::{PersonStanding, SinglePersonRelease, Statement};
    use crate::role::Role;
    use data_encoding::HEXLOWER;

    fn reason() -> ChangeReason {
        ChangeReason::parse(" QA asked ").unwrap()
    }

    /// The body says why, and is else what it is without a reason, also to a reader that knows of none.
    fn kept<B: Changing + PartialEq + std::fmt::Debug>(body: &B, frozen: &str) {
        let bytes = body.to_bytes_because(Some(&reason())).unwrap();
        let kind = u64::from(B::KIND.number());
        assert_eq!(HEXLOWER.encode(&bytes), frozen.replace(' ', ""));
        assert_eq!(change_reason(kind, &bytes).as_deref(), Some("QA asked"));
        assert_eq!((&B::from_bytes(&bytes).unwrap(), change_reason(kind, &body.to_bytes())), (body, None));
        assert!(Statement::parse(B::KIND, &bytes).is_ok());
        assert_eq!(body.to_bytes_because(None).unwrap(), body.to_bytes());
    }

    #[test]
    fn the_bytes_of_a_reason_for_a_change_are_frozen_and_the_rest_of_the_body_stays_as_it_was() {
        let policy = Policy { single_person_release: SinglePersonRelease::Allowed };
        kept(&policy, "a2 01 02 18 1e 68 51412061736b6564");
        let person = Person {
            id: Id([6; 16]),
            name: "Ana".into(),
            title: None,
            role: Role::Quality,
            trained: None,
            standing: PersonStanding::Ended,
            withdrawn: None,
            enrolment_key: None,
        };
        kept(
            &person,
            "a5 01 50 06060606060606060606060606060606 02 63 416e61 04 03 06 02 18 1e 68 51412061736b6564",
        );
        let logger = Logger {
            id: Id([3; 16]),
            family: "file".into(),
            label: "B".into(),
            address: None,
            serial: None,
            interval_s: None,
            accuracy_mc: None,
            certificate: None,
            offset_mc: Some(-100),
        };
        kept(
            &logger,
            "a5 01 50 03030303030303030303030303030303 02 64 66696c65 03 61 42 09 38 63 18 1e 68 51412061736b6564",
        );
        let mut profile = preset("cdc-refrigerator").unwrap().profile.clone();
        profile.name = "Own".into();
        let bytes = profile.to_bytes_because(Some(&reason())).unwrap();
        assert_eq!(change_reason(17, &bytes).as_deref(), Some("QA asked"));
        assert_eq!(Profile::from_bytes(&bytes).unwrap(), profile);
        let end = HEXLOWER.decode(b"181e6851412061736b6564").unwrap();
        assert_eq!(bytes.strip_suffix(&end[..]).unwrap()[1..], profile.to_bytes()[1..]);
    }

    #[test]
    fn a_reason_of_blanks_is_none_and_what_is_no_text_or_stands_in_another_kind_says_none() {
        assert_eq!((ChangeReason::parse(" \t"), ChangeReason::parse("")), (None, None));
        for (kind, body) in [
            (42, "a20102181e05"),
            (42, "a10102"),
            (43, "a20102181e6161"),
            (42, "a2"),
            (42, "80"),
            (999, "a0"),
        ] {
            let body = HEXLOWER.decode(body.as_bytes()).unwrap();
            assert_eq!(change_reason(kind, &body), None, "{kind}");
        }
    }
}
