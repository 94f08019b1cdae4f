//! Between organisations: a hand-over carries one shipment's evidence, and the receipt comes back as evidence.

use crate::append::{Appended, Happened};
use crate::bundle::bundle;
use crate::custody::{OfferTo, offered};
use crate::{App, AppError, Host};
use firn_ledger::bytes::OrganisationId;
use firn_model::api::{PartnerNamed, PartnerShown, TakenCustody};
use firn_model::id::Id;
use firn_model::record::{
    Address, EntryReference, EvidencePart, Fingerprint, ItemLine, LogTold, MOST_TAKEN_BYTES, Recognition,
    Statement, Taken, TakenUp,
};
use firn_model::shipment::{Story, Told};
use firn_report::bundle::Assessed;
use firn_report::verify::{Issuer, Status};
use firn_report::{Anchor, Beside, Bundle, Contradicts, News, Verification, evidence, verify_by};

/// The most bytes of evidence that are handed over: the receipt carries them back, with what the receiver signed.
const MOST_HANDED_OVER: usize = MOST_TAKEN_BYTES - 1_000_000;

/// A shipment that was offered to another organisation.
#[derive(Clone, Debug)]
pub struct HandedOver {
    /// To whom.
    pub partner: PartnerShown,
    /// What was signed; nothing where it stood offered to them, or they have it.
    pub entries: Vec<Appended>,
    /// That shipment's evidence: all that they get.
    pub evidence: Vec<u8>,
}

/// Evidence of another organisation that was taken in.
#[derive(Clone, Debug)]
pub struct TookIn {
    /// How it was verified.
    pub verification: Verification,
    /// Whose it is.
    pub partner: PartnerNamed,
    /// Which shipment.
    pub shipment: Id,
    /// What it is called there.
    pub reference: Option<String>,
    /// Its lines there.
    pub items: Vec<ItemLine>,
    /// The SHA-256 of the evidence.
    pub evidence: Address,
    /// What it said of custody.
    pub custody: TakenCustody,
    /// Whether any of the stock is in quarantine there: who takes it decides about it.
    pub do_not_use: bool,
    /// By how many seconds what they signed is dated after this device's clock, where that is more than 60 s.
    pub clock_difference_s: Option<i64>,
    /// What it tells beside what was taken in before.
    pub news: News,
    /// How many histories that contradict each other all that was taken in tells; one where all of it is one.
    pub histories: usize,
    /// What was signed; nothing where the same was taken in before, or what tells more.
    pub entries: Vec<Appended>,
    /// One's own evidence of having taken the shipment over, for who gave it.
    pub receipt: Option<Vec<u8>>,
}

/// What there is to sign about evidence, and what it says.
struct Found {
    says: Taken,
    custody: TakenCustody,
    is_new: bool,
}

impl<H: Host> App<H> {
    /// Offers a shipment to a pinned organisation and gathers its evidence for them.
    ///
    /// # Errors
    /// `app/not-found`, `app/ambiguous` and `app/partner-revoked` for the partner, `app/out-of-order` where the
    /// shipment is not this device's to give, `app/partner-too-large` for more evidence than the other side can
    /// take, and the ledger's.
    pub async fn hand_over_to_partner(&self, shipment: Id, partner: &str) -> Result<HandedOver, AppError> {
        let partner = self.partner(partner).await?;
        let before = self.export(shipment).await?.evidence().len();
        if before > MOST_HANDED_OVER {
            return Err(AppError::PartnerTooLarge { bytes: before, most: MOST_HANDED_OVER });
        }
        let entries = match self.offer_to_partner(shipment, partner.organisation).await? {
            OfferTo::Stands => Vec::new(),
            OfferTo::Signed(entries) => entries,
        };
        let evidence = self.export(shipment).await?.evidence();
        Ok(HandedOver { partner, entries, evidence })
    }

    /// Takes in another organisation's evidence: verified whole, kept whole, and signed for in one entry. Where it
    /// offers the shipment to this organisation, custody is taken with it; where it is the receipt of a shipment
    /// that this organisation offered, custody shows as taken over. What was told before signs nothing.
    ///
    /// # Errors
    /// `app/partner-too-large`, `report/preview` and `report/unknown-version` for evidence of another format,
    /// `app/partner-evidence` where a check fails, `app/partner-own`,
    /// `app/partner-shipment` where it speaks of a shipment of one's own without taking it over or another
    /// organisation spoke of it before, and the ledger's.
    pub async fn take_in_evidence(&self, bytes: Vec<u8>) -> Result<TookIn, AppError> {
        if bytes.len() > MOST_TAKEN_BYTES {
            return Err(AppError::PartnerTooLarge { bytes: bytes.len(), most: MOST_TAKEN_BYTES });
        }
        if let Err(error) = evidence::read(&bytes)
            && error.is_of_another_version()
        {
            return Err(error.into());
        }
        let known = self.known_organisations().await?;
        let verification = verify_by(&bytes, Anchor::Known(&known), &[]);
        if let Some(failed) = verification.checks.iter().find(|check| check.status == Status::Failed) {
            return Err(AppError::PartnerEvidence(failed.why.clone()));
        }
        let theirs = evidence::read(&bytes)?;
        let own = self.host.identity().organisation;
        if theirs.organisation == own {
            return Err(AppError::PartnerOwn);
        }
        let here = self.story(theirs.shipment).await?;
        let says = self.taken(&theirs, &bytes, verification.issuer);
        let beside = self.beside(&here, &theirs, &says).await?;
        let with_it = beside.with_it.iter().map(Bundle::assess).collect::<Result<Vec<_>, _>>()?;
        let without_it = beside.without_it.iter().map(Bundle::assess).collect::<Result<Vec<_>, _>>()?;
        let histories = with_it.len().saturating_add(without_it.len());
        let held = |assessed: &Assessed| assessed.story.stock_now(&assessed.judgement).do_not_use();
        let do_not_use = with_it.iter().chain(&without_it).any(held);
        let told: Vec<Story> = with_it.into_iter().map(|assessed| assessed.story).collect();
        let found = match here.created {
            Some(_) => receipt_of(&here, (&theirs, &told), says, &own)?,
            None => evidence_of(&here, (&told, beside.news), says, &own, self.host.now().utc),
        };
        let clock_difference_s = theirs.dated_ahead_s(self.host.now().utc)?;
        let entries = self.sign_taken(theirs.shipment, &found, &bytes).await?;
        let receipt = match found.custody {
            TakenCustody::Taken => Some(self.export(theirs.shipment).await?.evidence()),
            TakenCustody::Given | TakenCustody::None => None,
        };
        let created = told.into_iter().find_map(|told| told.created).map(|created| created.says);
        let name = known.get(&theirs.organisation).cloned();
        Ok(TookIn {
            verification,
            partner: PartnerNamed { organisation: found.says.organisation, name },
            shipment: theirs.shipment,
            reference: created.as_ref().map(|created| created.reference.clone()),
            items: created.map(|created| created.items).unwrap_or_default(),
            evidence: found.says.evidence,
            custody: found.custody,
            do_not_use,
            clock_difference_s,
            news: beside.news,
            histories,
            entries,
            receipt,
        })
    }

    /// Evidence beside what was taken in of its organisation about that shipment before, told together.
    async fn beside(&self, here: &Story, theirs: &Bundle, says: &Taken) -> Result<Beside, AppError> {
        if here.created.is_some() || here.taken.is_empty() {
            return Ok(Beside { with_it: vec![theirs.clone()], without_it: Vec::new(), news: News::New });
        }
        if here.taken.iter().any(|one| one.placed.says.organisation != says.organisation) {
            return Err(AppError::PartnerShipment(
                "evidence of this shipment was taken in before, and another organisation's",
            ));
        }
        let (own, shipment) = (self.host.identity().organisation, theirs.shipment);
        let held = self.host.with_store(move |store| store.read(|view| bundle(view, &own, shipment))).await?;
        held.beside(here, theirs).map_err(|why| {
            AppError::PartnerShipment(match why {
                Contradicts::NotHeld => "evidence of this shipment that was taken in before cannot be read any more",
                Contradicts::TooOften => {
                    "it contradicts all evidence of this shipment that was taken in before, which contradicts itself: \
                     one log has more than four histories"
                }
            })
        })
    }

    fn taken(&self, theirs: &Bundle, bytes: &[u8], issuer: Issuer) -> Taken {
        Taken {
            organisation: Fingerprint(theirs.organisation.0),
            evidence: Address::of(bytes),
            bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            recognition: match issuer {
                Issuer::Pinned => Recognition::Pinned,
                Issuer::Unconfirmed => Recognition::Unknown,
            },
            taken_up: None,
            acceptance: None,
            told: None,
        }
    }

    async fn sign_taken(&self, shipment: Id, found: &Found, bytes: &[u8]) -> Result<Vec<Appended>, AppError> {
        if !found.is_new {
            return Ok(Vec::new());
        }
        let parts = EvidencePart::divide(bytes)
            .map_err(|_| AppError::PartnerTooLarge { bytes: bytes.len(), most: MOST_TAKEN_BYTES })?;
        let batches = parts.iter().map(EvidencePart::to_bytes).collect();
        let happened = Happened { batches, ..Happened::new(Some(shipment), &found.says) };
        self.step(shipment, happened, |_| Ok(())).await
    }
}

/// A receipt of a shipment that was offered to the organisation whose evidence it is.
fn receipt_of(
    here: &Story,
    (theirs, told): (&Bundle, &[Story]),
    says: Taken,
    own: &OrganisationId,
) -> Result<Found, AppError> {
    let taken_over = |one: &Told| match (&one.statement, one.refused) {
        (Some(Statement::Taken(theirs)), None)
            if theirs.organisation.0 == own.0 && theirs.acceptance.is_none() =>
        {
            Some((theirs.taken_up?, one.entry.reference))
        }
        _ => None,
    };
    let offered = |taken_up: &TakenUp| {
        here.custody.hand_overs.iter().find(|one| {
            one.offered.reference == taken_up.offered
                && one.offered.says.nonce == taken_up.nonce
                && one.offered.says.partner == Some(says.organisation)
        })
    };
    let found = told.iter().flat_map(|told| &told.told).filter_map(taken_over);
    let mut found =
        found.filter_map(|(taken_up, reference)| Some((taken_up, reference, offered(&taken_up)?)));
    let (taken_up, reference, hand_over) = found.next_back().ok_or(AppError::PartnerShipment(
        "it is about a shipment of this organisation, and takes up no offer of it to theirs",
    ))?;
    let told = beyond_offer(here, taken_up.offered, theirs.told_to(reference, own));
    let says = Taken { taken_up: Some(taken_up), acceptance: Some(reference), told, ..says };
    Ok(Found { says, custody: TakenCustody::Given, is_new: hand_over.taken.is_none() })
}

/// What was told of one's own logs beyond what the signer of an offer held, if anything was.
fn beyond_offer(here: &Story, offered: EntryReference, mut told: Vec<LogTold>) -> Option<Vec<LogTold>> {
    let offer = here.told.iter().map(|told| &told.entry).find(|entry| entry.reference == offered)?;
    let held = |log: [u8; 32]| match log == offered.log {
        true => offer.sequence.saturating_add(1),
        false => offer.heads.iter().filter(|head| head.log == log).map(|head| head.size).max().unwrap_or(0),
    };
    told.retain(|one| one.size > held(one.log));
    (!told.is_empty()).then_some(told)
}

/// Evidence of a shipment of theirs, with the offer to this organisation that stands in all that they told.
fn evidence_of(
    here: &Story,
    (told, news): (&[Story], News),
    says: Taken,
    own: &OrganisationId,
    now: firn_model::time::UtcMillis,
) -> Found {
    // An offer is taken up once, whatever evidence follows.
    let before = here.taken.iter().rev().find_map(|one| one.placed.says.taken_up);
    let now_up = told.iter().find_map(|told| offered(told, own, now));
    let taken_up = match (before, now_up) {
        (Some(before), Some(new)) if before.offered != new.offered => Some(new),
        (before, new) => before.or(new),
    };
    let says = Taken { taken_up, ..says };
    let is_told = news != News::New;
    let stands = here.foreign().is_some_and(|newest| {
        let newest = &newest.placed.says;
        let as_before = newest.taken_up == says.taken_up && newest.recognition == says.recognition;
        *newest == says || (is_told && as_before)
    });
    let custody = if taken_up.is_some() { TakenCustody::Taken } else { TakenCustody::None };
    Found { says, custody, is_new: !stands }
}
