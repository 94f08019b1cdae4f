//! Who has a shipment: hand-overs between two parties, and what was done by one side alone.

use super::chain::Holding;
use super::clocks::Looking;
use super::late;
use super::story::{Placed, SignedEntry, Story, placed};
use crate::api::Device;
use crate::authority::Refusal;
use crate::record::{Accepted, Confirmed, Fingerprint, Offered, Taken};
use crate::time::UtcMillis;

/// One hand-over; custody passes at its acceptance.
#[derive(Clone, Debug, PartialEq)]
pub struct HandOver {
    /// The giver's offer.
    pub offered: Placed<Offered>,
    /// The receiver's acceptance; of several whose signers did not know of each other the one that stands.
    pub accepted: Option<Placed<Accepted>>,
    /// Every acceptance, in the order of the story.
    pub acceptances: Vec<Placed<Accepted>>,
    /// The giver's confirmation; without it the acceptance is one-sided.
    pub confirmed: Option<Placed<Confirmed>>,
    /// The receipt of the other organisation that it was offered to, as the giver took it in; until then the
    /// hand-over is one-sided.
    pub taken: Option<Placed<Taken>>,
    /// By which holding the giver had the goods.
    pub(super) from: usize,
}

/// Who has had a shipment, and how it passed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Custody {
    /// Who has it.
    pub custodian: Option<Device>,
    /// The other organisation that has it.
    pub partner: Option<Fingerprint>,
    /// Every offer in order, with what became of it.
    pub hand_overs: Vec<HandOver>,
    /// The receipt was signed by a device that the custodian had not handed the shipment to.
    pub received_one_sided: bool,
    /// Every pick-up and acceptance, in the order of the story.
    pub(super) holdings: Vec<Holding>,
    /// The last holding of the chain that stands.
    pub(super) holder: Option<usize>,
    /// Who received it, and whether it had been handed to them as far as they knew.
    pub(super) receiver: Option<(Device, bool)>,
}

impl Custody {
    /// The offer that waits for an acceptance: the newest of who has the shipment, unless it was taken up.
    pub fn open_offer(&self) -> Option<&Placed<Offered>> {
        let newest = self.hand_overs.iter().rfind(|one| Some(one.from) == self.holder);
        newest.filter(|one| one.acceptances.is_empty() && one.taken.is_none()).map(|one| &one.offered)
    }

    /// The acceptances that wait for the giver's confirmation, the oldest first.
    pub fn unconfirmed(&self) -> impl Iterator<Item = (&Placed<Offered>, &Placed<Accepted>)> {
        let waiting = |one: &HandOver| one.accepted.is_some() && one.confirmed.is_none();
        let waiting = self.hand_overs.iter().filter(move |one| waiting(one));
        waiting.filter_map(|one| Some((&one.offered, one.accepted.as_ref()?)))
    }

    /// Whether a device has taken the shipment over and its giver has not confirmed that yet.
    pub fn awaits_confirmation(&self, device: &Device) -> bool {
        self.unconfirmed().any(|(_, accepted)| accepted.device.is(device))
    }

    /// Whether a device has given the shipment away, and has confirmed that it was taken.
    pub fn has_confirmed(&self, device: &Device) -> bool {
        let last = self.hand_overs.last();
        last.is_some_and(|last| last.confirmed.is_some() && last.offered.device.is(device))
    }
}

impl Story {
    /// Notes who has the shipment from its receipt on.
    pub(super) fn note_receiver(&mut self, entry: &SignedEntry) {
        let handed = self.custody.holdings.is_empty() || self.holding_of(entry).is_some();
        self.custody.receiver = Some((entry.device.clone(), handed));
    }

    /// An offer: after the pick-up, by who has the shipment and knew of no receipt.
    pub(super) fn follow_offer(&mut self, entry: &SignedEntry, offered: &Offered) -> Result<(), Refusal> {
        let received = self.receipts().any(|one| self.held_by(entry, one.reference));
        if self.started.is_none() || received || self.is_over_to(entry) {
            return Err(Refusal::OutOfOrder);
        }
        let from = self.holding_of(entry).ok_or(Refusal::NotTheCustodian)?;
        let offered = placed(entry, offered.clone());
        let (accepted, acceptances, confirmed, taken) = (None, Vec::new(), None, None);
        self.custody.hand_overs.push(HandOver { offered, accepted, acceptances, confirmed, taken, from });
        Ok(())
    }

    /// An acceptance, not by the giver itself, of an offer that stands: as its signer knew, nobody has taken it up,
    /// the giver has the goods and has not offered them anew.
    pub(super) fn follow_acceptance(
        &mut self,
        entry: &SignedEntry,
        accepted: &Accepted,
    ) -> Result<(), Refusal> {
        let is_it = |one: &HandOver| one.offered.reference == accepted.offered;
        let place = self.custody.hand_overs.iter().position(is_it).ok_or(Refusal::OutOfOrder)?;
        let one = self.custody.hand_overs.get(place).ok_or(Refusal::OutOfOrder)?;
        if self.is_accepted_to(place, entry) {
            return Err(Refusal::Repeated);
        }
        // What was offered to another organisation is not for a device of one's own.
        let fits = one.offered.says.partner.is_none()
            && one.offered.says.nonce == accepted.nonce
            && !one.offered.device.is(&entry.device);
        let stands = self.holds_still(one.from, entry) && !self.is_superseded_to(accepted.offered, entry);
        if !fits || !stands {
            return Err(Refusal::OutOfOrder);
        }
        if late::is_still_to_come(accepted.at, entry.at) {
            return Err(Refusal::StillToCome);
        }
        if !self.is_taken_in_time(&one.offered.says, entry, accepted.at) {
            return Err(Refusal::Expired);
        }
        self.custody.holdings.push(Holding::new(entry, Some(place)));
        if let Some(one) = self.custody.hand_overs.get_mut(place) {
            one.acceptances.push(placed(entry, accepted.clone()));
        }
        Ok(())
    }

    /// Whether an offer stands that somebody may take up who looks at it now.
    pub fn has_offer_for(&self, looking: Looking) -> bool {
        let offer = self.custody.open_offer();
        offer.is_some_and(|offer| self.is_taken_in_time(&offer.says, &self.would_sign(looking), looking.at))
    }

    /// Whether an offer stands at a time, by the clock that tells it or one that this was compared with.
    fn is_taken_in_time(&self, offered: &Offered, entry: &SignedEntry, at: UtcMillis) -> bool {
        self.by_compared(entry, at, &|other| entry.holds(other), None).earliest <= offered.expires
    }

    /// A confirmation: by the giver, once, at any later time.
    pub(super) fn follow_confirmation(
        &mut self,
        entry: &SignedEntry,
        says: &Confirmed,
    ) -> Result<(), Refusal> {
        let is_it = |one: &Placed<Accepted>| one.reference == says.accepted;
        let found = self.custody.hand_overs.iter_mut().find(|one| one.acceptances.iter().any(is_it));
        let one = found.ok_or(Refusal::OutOfOrder)?;
        if !one.offered.device.is(&entry.device) {
            return Err(Refusal::NotTheCustodian);
        }
        super::story::once(&mut one.confirmed, entry, says.clone())
    }
}
