//! The code that an admin gives to a person: with it they make their keys, on whichever device.

use crate::AppError;
use data_encoding::BASE32_NOPAD;
use firn_ledger::bytes::Hash;
use firn_ledger::key::{SecretKey, Signer};
use firn_model::id::Id;
use zeroize::Zeroizing;

/// Letters and digits of a group.
const GROUP: usize = 4;

/// 80 random bits, written as 16 letters and digits; wiped from memory when dropped.
#[derive(Clone)]
pub struct EnrolmentCode(Zeroizing<[u8; 10]>);

impl EnrolmentCode {
    /// A code of random bytes.
    pub fn new(random: [u8; 10]) -> Self {
        Self(Zeroizing::new(random))
    }

    /// Reads what a person typed: case, blanks and hyphens do not matter, nor 0 for O, 1 for I and 8 for B.
    ///
    /// # Errors
    /// `app/enrolment-code` for what no code is.
    pub fn parse(text: &str) -> Result<Self, AppError> {
        let letters: Zeroizing<String> = Zeroizing::new(
            text.chars()
                .filter(|letter| !letter.is_whitespace() && *letter != '-')
                .map(|letter| match letter.to_ascii_uppercase() {
                    '0' => 'O',
                    '1' => 'I',
                    '8' => 'B',
                    letter => letter,
                })
                .collect(),
        );
        let bytes = BASE32_NOPAD.decode(letters.as_bytes()).ok().map(Zeroizing::new);
        let bytes = bytes.and_then(|bytes| bytes.as_slice().try_into().ok());
        bytes.map(Self::new).ok_or(AppError::EnrolmentCode)
    }

    /// As it is printed: `MFRG-G3DF-MZTW-Q2LK`.
    pub fn text(&self) -> String {
        let letters = BASE32_NOPAD.encode(self.0.as_slice());
        let groups: Vec<&str> = (0..letters.len())
            .step_by(GROUP)
            .filter_map(|from| letters.get(from..from.saturating_add(GROUP)))
            .collect();
        groups.join("-")
    }

    /// The key that the code stands for, of this person alone.
    pub fn key(&self, person: &Id) -> SecretKey {
        let seed = Zeroizing::new(Hash::of(&[b"firn person code v1", &person.0, self.0.as_slice()]).0);
        SecretKey::from_seed(&seed)
    }

    /// The public half of [`EnrolmentCode::key`].
    pub fn public_key(&self, person: &Id) -> [u8; 32] {
        self.key(person).public_key().0
    }
}

impl std::fmt::Debug for EnrolmentCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EnrolmentCode")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_this_form_and_this_key_for_ever() {
        let code = EnrolmentCode::new([7; 10]);
        assert_eq!(code.text(), "A4DQ-OBYH-A4DQ-OBYH");
        insta::assert_snapshot!(data_encoding::HEXLOWER.encode(&code.public_key(&Id([1; 16]))));
        assert_ne!(code.public_key(&Id([1; 16])), code.public_key(&Id([2; 16])), "of one person alone");
    }

    #[test]
    fn a_code_is_read_as_people_type_it_and_nothing_else_is() {
        let read = |text: &str| {
            EnrolmentCode::parse(text).map(|code| code.text()).map_err(|error| error.code().to_owned())
        };
        assert_eq!(read(" a4dq obyh-A4DQ 0byh\n"), Ok("A4DQ-OBYH-A4DQ-OBYH".into()));
        for text in ["", "A4DQ-OBYH-A4DQ", "A4DQ-OBYH-A4DQ-OBYH-A", "A4DQ-OBYH-A4DQ-OB9H"] {
            assert_eq!(read(text), Err("app/enrolment-code".into()), "{text}");
        }
    }

    #[test]
    fn every_code_reads_back() {
        for first in 0..=u8::MAX {
            let code = EnrolmentCode::new(std::array::from_fn(|place| first.wrapping_mul(place as u8 + 3)));
            assert_eq!(EnrolmentCode::parse(&code.text()).unwrap().0, code.0);
        }
    }
}
