//! What an organisation's root says after its foundation: the body of kind 8, signed by the root itself.

use super::{Enrolment, EntryReference, Revocation, Upheld, pairs};
use crate::bytes::{Hash, LogId, OrganisationId, PublicKey, Signature};
use crate::canonical::{Problem, Reader, Writer};
use crate::error::{Fault, LedgerError};
use crate::key::Signer;

/// A statement of the root, in any member's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootStatement {
    /// Whose root.
    pub organisation: OrganisationId,
    /// Its number, from 1: a missing one shows that a statement is not held.
    pub number: u64,
    /// What it says.
    pub says: RootSays,
    /// Over "firn root statement v1" ‖ the map of the above.
    pub signature: Signature,
}

/// What a root can say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RootSays {
    /// Admits a device, in any role.
    Admits(Enrolment),
    /// Revokes any log.
    Revokes(Revocation),
    /// Overrules an admin's statement.
    Overrules(EntryReference),
    /// Upholds what lies below a head.
    Upholds(Upheld),
}

impl RootSays {
    fn write(&self, writer: &mut Writer) {
        writer.array(2);
        match self {
            Self::Admits(enrolment) => {
                writer.uint(1).raw(&enrolment.encode());
            }
            Self::Revokes(revocation) => revocation.write(writer.uint(2)),
            Self::Overrules(entry) => {
                writer.uint(3).array(2).bytes(entry.log.as_bytes()).bytes(entry.leaf.as_bytes());
            }
            Self::Upholds(upheld) => upheld.write(writer.uint(4)),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        reader.array_of(2)?;
        Ok(match reader.uint()? {
            1 => Self::Admits(Enrolment::read(reader)?),
            2 => Self::Revokes(Revocation::read(reader)?),
            3 => {
                reader.array_of(2)?;
                let (log, leaf) = (LogId(reader.fixed()?), Hash(reader.fixed()?));
                Self::Overrules(EntryReference { log, leaf })
            }
            4 => Self::Upholds(Upheld::read(reader)?),
            _ => return Err(reader.refuse("a statement of the root that is not known")),
        })
    }
}

impl RootStatement {
    /// Signs the statement of this number.
    ///
    /// # Errors
    /// [`LedgerError::Signer`].
    pub fn sign(number: u64, says: RootSays, root: &dyn Signer) -> Result<Self, LedgerError> {
        let organisation = OrganisationId::of(&root.public_key());
        let signature = root.sign(&message(&organisation, number, &says))?;
        Ok(Self { organisation, number, says, signature })
    }

    /// Verifies it strictly under the organisation's root key.
    ///
    /// # Errors
    /// [`Fault::Organisation`], [`Fault::Signature`], [`Fault::Key`].
    pub fn verify(&self, root: &PublicKey) -> Result<(), Fault> {
        if OrganisationId::of(root) != self.organisation {
            return Err(Fault::Organisation);
        }
        root.verify(&message(&self.organisation, self.number, &self.says), &self.signature)
    }

    /// Its deterministic CBOR: the body of kind 8.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        fields(writer.map(4), &self.organisation, self.number, &self.says);
        writer.uint(4).bytes(self.signature.as_bytes());
        writer.into_bytes()
    }

    /// Reads a body of kind 8; it is not verified yet.
    ///
    /// # Errors
    /// [`LedgerError::Format`].
    pub fn decode(body: &[u8]) -> Result<Self, LedgerError> {
        let read = |mut reader: Reader<'_>| {
            let statement = Self::read(&mut reader)?;
            // What the root signs holds nothing that this release does not know.
            let whole = statement.encode() == body;
            if whole { Ok(statement) } else { Err(reader.refuse("an unknown key that the root signed")) }
        };
        read(Reader::new(body)).map_err(LedgerError::format("statement of the root"))
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        let (mut organisation, mut number, mut says, mut signature) = (None, None, None, None);
        pairs(reader, |key, reader| {
            match key {
                1 => organisation = Some(OrganisationId(reader.fixed()?)),
                2 => number = Some(reader.uint()?),
                3 => says = Some(RootSays::read(reader)?),
                4 => signature = Some(Signature(reader.fixed()?)),
                _ => drop(reader.skip()?),
            }
            Ok(())
        })?;
        reader.end()?;
        match (organisation, number, says, signature) {
            (Some(organisation), Some(number), Some(says), Some(signature)) => {
                Ok(Self { organisation, number, says, signature })
            }
            _ => Err(reader.refuse("a statement of the root with a field missing")),
        }
    }
}

fn fields(writer: &mut Writer, organisation: &OrganisationId, number: u64, says: &RootSays) {
    writer.uint(1).bytes(organisation.as_bytes()).uint(2).uint(number).uint(3);
    says.write(writer);
}

/// What the root key signs.
fn message(organisation: &OrganisationId, number: u64, says: &RootSays) -> Vec<u8> {
    let mut writer = Writer::new();
    fields(writer.map(3), organisation, number, says);
    [b"firn root statement v1".as_slice(), &writer.into_bytes()].concat()
}
