//! Other organisations: one's own card, the cards of others that an admin pins, and what is known of an issuer.

use crate::append::Appended;
use crate::joining::must_be_admin;
use crate::{App, AppError, Host, names, read_model};
use firn_ledger::bytes::{LogId, OrganisationId};
use firn_ledger::error::{Fault, LedgerError};
use firn_ledger::membership::KnownPartner;
use firn_ledger::statement::{Genesis, PARTNER, Partner, PartnerCard, PartnerStanding, Role};
use firn_ledger::store::View;
use firn_model::api::{Occurrence, PartnerKnown, PartnerNamed, PartnerShown, ShipmentDetail};
use firn_model::gs1;
use firn_model::record::Fingerprint;
use firn_model::time::UtcMillis;
use firn_model::unseen::is_unseen;
use std::collections::BTreeMap;

/// The longest name on a card, in characters: one line of a screen or a report.
const LONGEST_NAME: usize = 100;

/// A card as it was read, before anybody says that it is the right one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardRead {
    /// What stands on it.
    pub card: PartnerCard,
    /// How its organisation stands here, where anything was said of it.
    pub known: Option<PartnerShown>,
}

/// A partner after an admin's act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartnerSaid {
    /// How it stands.
    pub partner: PartnerShown,
    /// The entry; none where the same was said before.
    pub entry: Option<Appended>,
}

impl<H: Host> App<H> {
    /// The card of one's own organisation, with the head of an admin's log, if one is held.
    ///
    /// # Errors
    /// `gs1/…` for a number that is no GLN, `app/partner-card` for a name that no card can carry, and the store's.
    pub async fn partner_card(&self, gln: Option<String>) -> Result<PartnerCard, AppError> {
        let own = self.host.identity();
        let of_home = move |view: &mut View<'_>| {
            let first = view.entry(&own.log, 0)?.ok_or(Fault::NoLog).map_err(LedgerError::from)?;
            let organisation = Genesis::decode(&first.body)?.organisation;
            let membership = read_model::membership(view, &own.organisation)?;
            let is_admin = |log: &LogId| {
                membership
                    .member(log)
                    .is_some_and(|one| one.enrolment.role == Role::Admin && one.cut.is_none())
            };
            let heads: Vec<_> = view.heads().into_iter().filter(|head| is_admin(&head.log)).collect();
            let admin = heads.iter().find(|head| head.log == own.log).or(heads.first()).copied();
            Ok::<_, AppError>(PartnerCard { name: organisation.name, gln, root: organisation.root, admin })
        };
        let card = self.host.with_store(move |store| store.read(of_home)).await?;
        checked(&card)?;
        Ok(card)
    }

    /// Reads the text of a card and tells how its organisation stands here.
    ///
    /// # Errors
    /// `ledger/preview` and `ledger/newer-version` for a card of another format, `app/partner-card` for what is none, `gs1/…` for a GLN that is none, `app/partner-own` for one's own,
    /// and the store's.
    pub async fn read_card(&self, text: &str) -> Result<CardRead, AppError> {
        let card = PartnerCard::from_text(text).map_err(no_card)?;
        checked(&card)?;
        if card.organisation() == self.host.identity().organisation {
            return Err(AppError::PartnerOwn);
        }
        let organisation = Fingerprint(card.organisation().0);
        let known = self.partners().await?.into_iter().find(|known| known.organisation == organisation);
        Ok(CardRead { card, known })
    }

    /// Pins the organisation of a card, whose fingerprint somebody compared. What is pinned so already signs
    /// nothing; another name or number takes the place of the one before.
    ///
    /// # Errors
    /// As [`App::read_card`]; `app/partner-fingerprint` where another one was given, `app/role-may-not`, and the
    /// ledger's.
    pub async fn pin_partner(
        &self,
        text: &str,
        fingerprint: &OrganisationId,
    ) -> Result<PartnerSaid, AppError> {
        let CardRead { card, .. } = self.read_card(text).await?;
        if card.organisation() != *fingerprint {
            let (card, given) = (card.organisation().to_string(), fingerprint.to_string());
            return Err(AppError::PartnerFingerprint { card, given });
        }
        self.say_of_partner(Partner { card, standing: PartnerStanding::Pinned }).await
    }

    /// Revokes a partner: what its organisation signs is again by an unknown one.
    ///
    /// # Errors
    /// `app/not-found`, `app/ambiguous`, `app/role-may-not`, and the ledger's.
    pub async fn revoke_partner(&self, name: &str) -> Result<PartnerSaid, AppError> {
        let known = self.known_partners().await?;
        let organisation = names::partner(name, &known.iter().map(shown).collect::<Vec<_>>())?.organisation;
        let found = known.into_iter().find(|one| one.card.organisation().0 == organisation.0);
        let missing = || AppError::NotFound { what: "partner", name: name.to_owned() };
        let card = found.ok_or_else(missing)?.card;
        self.say_of_partner(Partner { card, standing: PartnerStanding::Revoked }).await
    }

    /// Signs what an admin says of a partner, unless it stands so.
    async fn say_of_partner(&self, says: Partner) -> Result<PartnerSaid, AppError> {
        let mut pen = self.pen().await?;
        let own = self.host.identity();
        let said = move |store: &mut firn_ledger::store::Store| {
            store.write(|transaction| {
                let membership = read_model::membership(transaction, &own.organisation)?;
                must_be_admin(&membership, &own.log)?;
                let stands = |known: &KnownPartner| {
                    known.standing == says.standing
                        && known.card.root == says.card.root
                        && (&known.card.name, &known.card.gln) == (&says.card.name, &says.card.gln)
                };
                let entry = match partners(transaction, &own.organisation)?.iter().any(stands) {
                    true => None,
                    false => {
                        let record = pen.append_own(transaction, PARTNER, says.encode())?;
                        pen.follow(transaction, std::slice::from_ref(&record))?;
                        Some(Appended::from(&record))
                    }
                };
                let now = partners(transaction, &own.organisation)?;
                let partner = now.iter().find(|known| known.card.root == says.card.root).map(shown);
                let missing = || AppError::Record("a partner that was just signed".into());
                Ok(PartnerSaid { partner: partner.ok_or_else(missing)?, entry })
            })
        };
        self.host.with_store(said).await
    }

    /// Every organisation that an admin pinned or revoked, by name.
    ///
    /// # Errors
    /// The store's.
    pub async fn partners(&self) -> Result<Vec<PartnerShown>, AppError> {
        let mut all: Vec<PartnerShown> = self.known_partners().await?.iter().map(shown).collect();
        all.sort_by(|one, other| (&one.name, one.organisation).cmp(&(&other.name, other.organisation)));
        Ok(all)
    }

    /// The pinned organisation of this name or fingerprint, or of a unique prefix of it.
    ///
    /// # Errors
    /// `app/not-found`, `app/ambiguous`, `app/partner-revoked`, and the store's.
    pub async fn partner(&self, name: &str) -> Result<PartnerShown, AppError> {
        let found = names::partner(name, &self.partners().await?)?.clone();
        match found.standing {
            PartnerKnown::Pinned => Ok(found),
            PartnerKnown::Revoked => Err(AppError::PartnerRevoked(found.name)),
        }
    }

    /// The organisations whose evidence is confirmed here, by their names: one's own and those pinned.
    ///
    /// # Errors
    /// The store's.
    pub async fn known_organisations(&self) -> Result<BTreeMap<OrganisationId, String>, AppError> {
        let own = (self.host.identity().organisation, self.organisation().await?.name);
        let pinned = self.known_partners().await?.into_iter();
        let pinned = pinned.filter(|known| known.standing == PartnerStanding::Pinned);
        Ok(pinned.map(|known| (known.card.organisation(), known.card.name)).chain([own]).collect())
    }

    async fn known_partners(&self) -> Result<Vec<KnownPartner>, AppError> {
        let organisation = self.host.identity().organisation;
        self.host.with_store(move |store| store.read(|view| partners(view, &organisation))).await
    }

    /// A shipment with the names of the partners that it tells of.
    pub(crate) async fn with_partners(&self, mut detail: ShipmentDetail) -> Result<ShipmentDetail, AppError> {
        if partners_of(&mut detail).is_empty() {
            return Ok(detail);
        }
        let known = self.known_organisations().await?;
        for partner in partners_of(&mut detail) {
            partner.name = known.get(&OrganisationId(partner.organisation.0)).cloned();
        }
        Ok(detail)
    }
}

/// Every place of a shipment where another organisation is told of.
fn partners_of(detail: &mut ShipmentDetail) -> Vec<&mut PartnerNamed> {
    let handed = detail.hand_overs.iter_mut().filter_map(|one| one.to_partner.as_mut());
    let legs = detail.lines.iter_mut().flat_map(|line| &mut line.foreign_legs).map(|leg| &mut leg.partner);
    let told = detail.history.iter_mut().filter_map(|event| match &mut event.occurrence {
        Occurrence::Taken { partner, .. } => Some(partner),
        _ => None,
    });
    handed.chain(legs).chain(told).chain(detail.with_partner.as_mut()).collect()
}

/// What the admins of an organisation say of others.
fn partners(view: &mut View<'_>, organisation: &OrganisationId) -> Result<Vec<KnownPartner>, AppError> {
    Ok(view.statements()?.partners(organisation))
}

fn shown(known: &KnownPartner) -> PartnerShown {
    PartnerShown {
        organisation: Fingerprint(known.card.organisation().0),
        name: known.card.name.clone(),
        gln: known.card.gln.clone(),
        standing: match known.standing {
            PartnerStanding::Pinned => PartnerKnown::Pinned,
            PartnerStanding::Revoked => PartnerKnown::Revoked,
        },
        since: UtcMillis(known.at_ms),
    }
}

/// Refuses a name that could feign something on a screen, and a number that is no GLN.
fn checked(card: &PartnerCard) -> Result<(), AppError> {
    let name = &card.name;
    if name.trim().is_empty() {
        return Err(AppError::PartnerCard("it names no organisation"));
    }
    if name.trim() != name || name.chars().any(is_unseen) || name.chars().count() > LONGEST_NAME {
        return Err(AppError::PartnerCard(
            "its name is longer than 100 characters, spaced at an end, or holds characters that nobody sees",
        ));
    }
    if let Some(gln) = &card.gln {
        // The application identifier of a party's GLN, whose check digit is looked at (GS1 General Specifications
        // §3.4.2).
        gs1::read(&format!("(414){gln}"))?;
    }
    Ok(())
}

fn no_card(fault: Fault) -> AppError {
    match fault {
        Fault::Preview | Fault::NewerVersion => LedgerError::from(fault).into(),
        Fault::Key => AppError::PartnerCard("its root key may not be one"),
        _ => AppError::PartnerCard("it was cut, mistyped, or is no card"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firn_ledger::bytes::PublicKey;

    #[test]
    fn no_card_feigns_a_line_or_a_number() {
        let card = |name: &str, gln: Option<&str>| PartnerCard {
            name: name.into(),
            gln: gln.map(str::to_owned),
            root: PublicKey([1; 32]),
            admin: None,
        };
        let code = |card: &PartnerCard| checked(card).map_err(|error| error.code().to_owned());
        assert_eq!(code(&card("Klinik Süd, سليم", Some("4012345000009"))), Ok(()));
        let long = "x".repeat(101);
        for name in ["", "  ", " North", "North\n", "No\u{1b}[31mrth", "\u{202e}htroN", long.as_str()] {
            assert_eq!(code(&card(name, None)), Err("app/partner-card".into()), "{name:?}");
        }
        assert!(code(&card("North", Some("4012345000008"))).is_err_and(|code| code.starts_with("gs1/")));
    }
}
