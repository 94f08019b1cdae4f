//! Another organisation: its card, which people compare by fingerprint, and the pin, the body of kind 7.

use data_encoding::BASE32_NOPAD;

use super::pairs;
use crate::bytes::{Hash, LogId, OrganisationId, PublicKey};
use crate::canonical::{Problem, ProblemKind, Reader, Writer};
use crate::entry::Head;
use crate::error::{Fault, LedgerError};

/// What a card's text begins with.
const CARD_SCHEME: &str = "firn-partner:";
/// The only version of a card.
const CARD_VERSION: u64 = 1;
/// The most bytes of a card.
const MAX_CARD: usize = 1024;

/// What an organisation gives another to be known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerCard {
    /// Its name.
    pub name: String,
    /// Its Global Location Number (GS1 General Specifications §3.4.2): 13 digits.
    pub gln: Option<String>,
    /// Its root key, whose hash is its id and fingerprint.
    pub root: PublicKey,
    /// The head of an admin's log when the card was made.
    pub admin: Option<Head>,
}

/// An admin's word that an organisation is known, or no longer: the body of kind 7.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partner {
    /// What was pinned.
    pub card: PartnerCard,
    /// Whether it still is.
    pub standing: PartnerStanding,
}

/// Whether a partner is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartnerStanding {
    /// It is.
    Pinned,
    /// It was.
    Revoked,
}

impl PartnerCard {
    /// The organisation's id.
    pub fn organisation(&self) -> OrganisationId {
        OrganisationId::of(&self.root)
    }

    /// The text that people send or show as a QR code.
    pub fn text(&self) -> String {
        let mut writer = Writer::new();
        writer.map(3 + self.optional()).uint(1).uint(CARD_VERSION);
        self.write(&mut writer);
        let card = writer.into_bytes();
        let check = check(&card);
        format!("{CARD_SCHEME}{}", BASE32_NOPAD.encode(&[card.as_slice(), &check].concat()))
    }

    fn optional(&self) -> usize {
        usize::from(self.gln.is_some()) + usize::from(self.admin.is_some())
    }

    /// The pairs 2 to 5, which a card and a pin share.
    fn write(&self, writer: &mut Writer) {
        writer.uint(2).bytes(self.root.as_bytes()).uint(3).text(&self.name);
        if let Some(gln) = &self.gln {
            writer.uint(4).text(gln);
        }
        if let Some(head) = &self.admin {
            writer.uint(5).array(3).bytes(head.log.as_bytes()).uint(head.size).bytes(head.root.as_bytes());
        }
    }

    /// Reads a card's text; case and white space do not matter.
    ///
    /// # Errors
    /// [`Fault::Malformed`] for other text, [`Fault::Key`] for a root key that may not be one.
    pub fn from_text(text: &str) -> Result<Self, Fault> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let (scheme, rest) = text.split_at_checked(CARD_SCHEME.len()).ok_or(Fault::Malformed)?;
        if !scheme.eq_ignore_ascii_case(CARD_SCHEME) || rest.len() > 2 * MAX_CARD {
            return Err(Fault::Malformed);
        }
        let bytes =
            BASE32_NOPAD.decode(rest.to_ascii_uppercase().as_bytes()).map_err(|_| Fault::Malformed)?;
        let (card, sum) = bytes.split_at_checked(bytes.len().saturating_sub(4)).ok_or(Fault::Malformed)?;
        if sum != check(card) {
            return Err(Fault::Malformed);
        }
        let card = Self::read(card)?;
        card.root.check()?;
        Ok(card)
    }

    fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let mut reader = Reader::new(bytes);
        let (mut version, mut fields) = (None, Fields::default());
        pairs(&mut reader, |key, reader| match key {
            1 => {
                version = Some(reader.uint()?);
                Ok(())
            }
            _ => fields.take(key, reader),
        })?;
        reader.end()?;
        match (version, fields.card()) {
            (Some(CARD_VERSION), Some(card)) => Ok(card),
            (Some(0), _) => Err(of_version(&reader, ProblemKind::Preview)),
            (Some(2..), _) => Err(of_version(&reader, ProblemKind::Newer)),
            _ => Err(reader.refuse("a card with a field missing")),
        }
    }
}

fn of_version(reader: &Reader<'_>, kind: ProblemKind) -> Problem {
    Problem { kind, ..reader.refuse("a card of another version") }
}

/// What a card and a pin share, while it is read.
#[derive(Default)]
struct Fields {
    root: Option<PublicKey>,
    name: Option<String>,
    gln: Option<String>,
    admin: Option<Head>,
}

impl Fields {
    fn take(&mut self, key: u64, reader: &mut Reader<'_>) -> Result<(), Problem> {
        match key {
            2 => self.root = Some(PublicKey(reader.fixed()?)),
            3 => self.name = Some(reader.text()?.to_owned()),
            4 => self.gln = Some(read_gln(reader)?),
            5 => self.admin = Some(read_head(reader)?),
            _ => drop(reader.skip()?),
        }
        Ok(())
    }

    fn card(self) -> Option<PartnerCard> {
        Some(PartnerCard { name: self.name?, gln: self.gln, root: self.root?, admin: self.admin })
    }
}

impl Partner {
    /// Its deterministic CBOR.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.map(4 + self.card.optional()).uint(1).bytes(self.card.organisation().as_bytes());
        self.card.write(&mut writer);
        writer.uint(6).uint(self.standing.number());
        writer.into_bytes()
    }

    /// Reads a body of kind 7.
    ///
    /// # Errors
    /// [`LedgerError::Format`].
    pub fn decode(body: &[u8]) -> Result<Self, LedgerError> {
        Self::read(&mut Reader::new(body)).map_err(LedgerError::format("partner"))
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        let (mut organisation, mut standing, mut fields) = (None, None, Fields::default());
        pairs(reader, |key, reader| {
            match key {
                1 => organisation = Some(OrganisationId(reader.fixed()?)),
                6 => standing = PartnerStanding::from_number(reader.uint()?),
                _ => return fields.take(key, reader),
            }
            Ok(())
        })?;
        reader.end()?;
        match (organisation, fields.card(), standing) {
            (Some(organisation), Some(card), Some(standing)) if card.organisation() == organisation => {
                Ok(Self { card, standing })
            }
            _ => Err(reader.refuse("a partner with a field missing, or an id that is not its key's")),
        }
    }
}

impl PartnerStanding {
    fn number(self) -> u64 {
        match self {
            Self::Pinned => 1,
            Self::Revoked => 2,
        }
    }

    fn from_number(number: u64) -> Option<Self> {
        [Self::Pinned, Self::Revoked].into_iter().find(|standing| standing.number() == number)
    }
}

fn check(card: &[u8]) -> [u8; 4] {
    let [a, b, c, d, ..] = Hash::of(&[b"firn partner v1", card]).0;
    [a, b, c, d]
}

fn read_gln(reader: &mut Reader<'_>) -> Result<String, Problem> {
    let gln = reader.text()?;
    if gln.len() == 13 && gln.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(gln.to_owned())
    } else {
        Err(reader.refuse("a GLN that is not 13 digits"))
    }
}

fn read_head(reader: &mut Reader<'_>) -> Result<Head, Problem> {
    reader.array_of(3)?;
    Ok(Head { log: LogId(reader.fixed()?), size: reader.uint()?, root: Hash(reader.fixed()?) })
}
