//! The recovery sheet: the organisation's root key in three shares on paper, of which any two restore it and
//! one tells nothing (docs/format.md §12).
//!
//! Shamir's scheme with a threshold of two: for each byte *s* of the key a line through (0, *s*) with a random
//! slope *a*, of which share *x* holds *y* = *s* + *ax*. **One share tells nothing**: for every *y* and every
//! *x* ≠ 0, each of the 256 possible *s* goes with exactly one slope, and slopes are uniform, zero included.

mod field;

use crate::HomeError;
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use firn_ledger::bytes::OrganisationId;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The layout of a share.
const VERSION: u8 = 1;
/// The rows of a share.
const ROWS: usize = 6;
/// The bytes of a share in each row.
const ROW: usize = 8;
/// The bytes that check a row and all before it.
const CHECK: usize = 2;
/// The characters of a row in base32.
const CHARACTERS: usize = 16;
/// What stands before a share's bytes in what checks them.
const CHECKED: &[u8] = b"firn recovery share v1";

/// The same on a preview's paper, by which that is told from a damaged one.
const CHECKED_BY_PREVIEW: &[u8] = b"firn recovery share v0";

/// A root key's bytes.
pub(crate) type Seed = Zeroizing<[u8; 32]>;

/// The three shares of one sheet.
pub struct RecoverySheet {
    /// The organisation.
    pub organisation: OrganisationId,
    /// Which sheet of the organisation's: random, the same on its three shares.
    pub sheet: [u8; 6],
    /// The shares, by number.
    pub shares: [Share; 3],
}

impl RecoverySheet {
    /// The sheet's name, in hexadecimal.
    pub fn name(&self) -> String {
        HEXLOWER.encode(&self.sheet)
    }
}

/// One share.
#[derive(Clone)]
pub struct Share {
    /// 1, 2 or 3.
    pub number: u8,
    sheet: [u8; 6],
    /// The first bytes of the organisation's id.
    organisation: [u8; 8],
    value: Seed,
}

impl Share {
    /// The rows to print: each four groups of four characters of base32 (RFC 4648 §6).
    pub fn rows(&self) -> Zeroizing<Vec<String>> {
        let bytes = self.bytes();
        let row = |index: usize| {
            let (upto, own) = (bytes.get(..(index + 1) * ROW), bytes.get(index * ROW..(index + 1) * ROW));
            let (upto, own) = (upto.unwrap_or_default(), own.unwrap_or_default());
            let text =
                Zeroizing::new(BASE32_NOPAD.encode(&Zeroizing::new([own, &check(CHECKED, upto)].concat())));
            let groups = text.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group));
            groups.collect::<Vec<_>>().join(" ")
        };
        Zeroizing::new((0..ROWS).map(row).collect())
    }

    fn bytes(&self) -> Zeroizing<Vec<u8>> {
        let head = [VERSION, self.number];
        Zeroizing::new([&head[..], &self.sheet, &self.organisation, self.value.as_slice()].concat())
    }
}

/// Which of the two shares that somebody typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typed {
    /// The first.
    First,
    /// The second.
    Second,
}

impl std::fmt::Display for Typed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Typed::First => "first",
            Typed::Second => "second",
        })
    }
}

/// Why shares do not restore a root key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    /// It has another number of characters than a share, or others.
    #[error("the {0} share is not six rows of sixteen letters and digits: {1}")]
    Malformed(Typed, String),
    /// A row is not as it was printed.
    #[error("the {0} share is damaged or mistyped in row {1} or before")]
    Damaged(Typed, usize),
    /// A preview printed it, whose format was never frozen.
    #[error("a preview of Firn printed the {0} share, for an organisation of format v0")]
    Preview(Typed),
    /// A newer release printed it.
    #[error("a newer release of Firn printed the {0} share")]
    NewerVersion(Typed),
    /// It belongs to another organisation.
    #[error("the {0} share belongs to another organisation, whose fingerprint begins with {1}")]
    Foreign(Typed, String),
    /// Both are the same share.
    #[error("both are share {0}; one share alone tells nothing")]
    Equal(u8),
    /// They stand on sheets that were made apart.
    #[error("the first share is of sheet {0} and the second of sheet {1}, which were made apart")]
    Mixed(String, String),
    /// Together they give another key than the organisation's root.
    #[error("together the two shares give another key than the organisation's root")]
    Wrong,
}

impl ShareError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            ShareError::Malformed(..) => "home/share-malformed",
            ShareError::Damaged(..) => "home/share-damaged",
            ShareError::Preview(_) => "home/share-preview",
            ShareError::NewerVersion(_) => "home/share-newer-version",
            ShareError::Foreign(..) => "home/share-foreign",
            ShareError::Equal(_) => "home/share-equal",
            ShareError::Mixed(..) => "home/share-mixed",
            ShareError::Wrong => "home/share-wrong",
        }
    }

    /// What a person can do about it.
    pub fn next_step(&self) -> &'static str {
        match self {
            ShareError::Malformed(..) => {
                "type the six rows from the paper; blanks and upper or lower case do not matter"
            }
            ShareError::Damaged(..) => {
                "compare that row with the paper, letter by letter, or take the third share"
            }
            ShareError::Preview(_) => {
                "keep the paper for the preview's home, and take the sheet of this organisation"
            }
            ShareError::NewerVersion(_) => "update Firn on this device",
            ShareError::Foreign(..) => "take the shares whose fingerprint is that of `firn id`",
            ShareError::Equal(_) => "take two shares of different numbers",
            ShareError::Mixed(..) => "take two shares of one sheet; its name stands on each",
            ShareError::Wrong => "take the third share in place of one of them; nothing was changed",
        }
    }
}

/// Splits a root key; `slope` are 32 fresh random bytes, `sheet` six.
pub(crate) fn split(
    seed: &Seed,
    organisation: OrganisationId,
    sheet: [u8; 6],
    slope: &Seed,
) -> RecoverySheet {
    let share = |number: u8| {
        let mut value = Zeroizing::new([0; 32]);
        for (value, (secret, slope)) in value.iter_mut().zip(seed.iter().zip(slope.iter())) {
            *value = secret ^ field::times(*slope, number);
        }
        Share { number, sheet, organisation: beginning(&organisation), value }
    };
    RecoverySheet { organisation, sheet, shares: [share(1), share(2), share(3)] }
}

/// Puts two typed shares of the organisation together; whether the key is its root is for the caller to check.
pub(crate) fn join(texts: [&str; 2], organisation: &OrganisationId) -> Result<Seed, ShareError> {
    let [first, second] = texts;
    let (first, second) = (read(first, Typed::First)?, read(second, Typed::Second)?);
    for (share, which) in [(&first, Typed::First), (&second, Typed::Second)] {
        if share.organisation != beginning(organisation) {
            return Err(ShareError::Foreign(which, HEXLOWER.encode(&share.organisation)));
        }
    }
    if first.sheet != second.sheet {
        return Err(ShareError::Mixed(HEXLOWER.encode(&first.sheet), HEXLOWER.encode(&second.sheet)));
    }
    if first.number == second.number {
        return Err(ShareError::Equal(first.number));
    }
    Ok(at_zero(&first, &second))
}

/// Where the line through both shares meets zero: (y₁x₂ + y₂x₁) / (x₁ + x₂).
fn at_zero(first: &Share, second: &Share) -> Seed {
    let width = field::inverse(first.number ^ second.number);
    let mut seed = Zeroizing::new([0; 32]);
    for (seed, (one, two)) in seed.iter_mut().zip(first.value.iter().zip(second.value.iter())) {
        let both = field::times(*one, second.number) ^ field::times(*two, first.number);
        *seed = field::times(both, width);
    }
    seed
}

/// The first bytes of an organisation's id, as they stand on its shares.
fn beginning(organisation: &OrganisationId) -> [u8; 8] {
    let mut beginning = [0; 8];
    beginning.iter_mut().zip(organisation.as_bytes()).for_each(|(to, from)| *to = *from);
    beginning
}

/// What checks a row: of everything up to its end.
fn check(domain: &[u8], upto: &[u8]) -> [u8; CHECK] {
    let hash: [u8; 32] = Sha256::new().chain_update(domain).chain_update(upto).finalize().into();
    let [first, second, ..] = hash;
    [first, second]
}

/// Reads a typed share. What base32 has no digits for is taken for the letter it looks like.
fn read(text: &str, which: Typed) -> Result<Share, ShareError> {
    let letter = |letter: char| match letter.to_ascii_uppercase() {
        '0' => 'O',
        '1' => 'I',
        '8' => 'B',
        letter => letter,
    };
    let typed = text.chars().filter(|letter| !letter.is_whitespace() && *letter != '-').map(letter);
    let typed = Zeroizing::new(typed.collect::<String>());
    let count = typed.chars().count();
    if count != ROWS * CHARACTERS {
        let expected = ROWS * CHARACTERS;
        return Err(ShareError::Malformed(which, format!("{count} characters in place of {expected}")));
    }
    let mut bytes = Zeroizing::new(Vec::new());
    let mut fits = [(CHECKED, true), (CHECKED_BY_PREVIEW, true)];
    for (index, row) in typed.as_bytes().chunks(CHARACTERS).enumerate() {
        let row = BASE32_NOPAD.decode(row).map(Zeroizing::new);
        let row = row
            .map_err(|_| ShareError::Malformed(which, format!("a strange character in row {}", index + 1)))?;
        let (data, checked) = row.split_at_checked(ROW).unwrap_or_default();
        bytes.extend_from_slice(data);
        fits.iter_mut().for_each(|(domain, fits)| *fits = *fits && check(domain, &bytes) == checked);
        if fits.iter().all(|(_, fits)| !fits) {
            return Err(ShareError::Damaged(which, index + 1));
        }
    }
    if let [(_, false), _] = fits {
        return Err(ShareError::Preview(which));
    }
    let malformed = || ShareError::Malformed(which, "it is too short".into());
    let (head, rest) = bytes.split_first_chunk::<2>().ok_or_else(malformed)?;
    let (sheet, rest) = rest.split_first_chunk::<6>().ok_or_else(malformed)?;
    let (organisation, value) = rest.split_first_chunk::<8>().ok_or_else(malformed)?;
    let value = <[u8; 32]>::try_from(value).map(Zeroizing::new).map_err(|_| malformed())?;
    match *head {
        [VERSION, number @ 1..=3] => Ok(Share { number, sheet: *sheet, organisation: *organisation, value }),
        [VERSION, _] => Err(ShareError::Malformed(which, "its number is none of 1, 2 and 3".into())),
        _ => Err(ShareError::NewerVersion(which)),
    }
}

impl From<ShareError> for HomeError {
    fn from(error: ShareError) -> Self {
        HomeError::Share(error)
    }
}

#[cfg(test)]
mod tests;
