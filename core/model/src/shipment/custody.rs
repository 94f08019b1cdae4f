//! Who has a shipment: hand-overs between two parties, and what was done by one side alone.

use super::late;
use super::story::{Placed, SignedEntry, Story, placed};
use crate::api::Device;
use crate::authority::Refusal;
use crate::record::{Accepted, Confirmed, Fingerprint, Offered, Taken};

/// One hand-over; custody passes at its acceptance.
#[derive(Clone, Debug, PartialEq)]
pub struct HandOver {
    /// The giver's offer.
    pub offered: Placed<Offered>,
    /// The receiver's acceptance.
    pub accepted: Option<Placed<Accepted>>,
    /// The giver's confirmation; without it the acceptance is one-sided.
    pub confirmed: Option<Placed<Confirmed>>,
    /// The receipt of the other organisation that it was offered to, as the giver took it in; until then the
    /// hand-over is one-sided.
    pub taken: Option<Placed<Taken>>,
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
}

impl Custody {
    /// The offer that waits for an acceptance: the newest, unless it was taken up.
    pub fn open_offer(&self) -> Option<&Placed<Offered>> {
        let is_open = |last: &&HandOver| last.accepted.is_none() && last.taken.is_none();
        self.hand_overs.last().filter(is_open).map(|last| &last.offered)
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

    /// Notes who has the shipment from its receipt on.
    pub(super) fn receive(&mut self, receiver: &Device) {
        let handed = self.custodian.as_ref().is_none_or(|custodian| custodian.is(receiver));
        self.received_one_sided = !handed || self.partner.take().is_some();
        self.custodian = Some(receiver.clone());
    }
}

impl Story {
    /// An offer: after the pick-up, before the receipt, by who has the shipment.
    pub(super) fn follow_offer(&mut self, entry: &SignedEntry, offered: &Offered) -> Result<(), Refusal> {
        if self.started.is_none() || self.received.is_some() || self.closing.is_some() {
            return Err(Refusal::OutOfOrder);
        }
        let elsewhere = self.custody.custodian.as_ref().is_some_and(|custodian| !custodian.is(&entry.device));
        if elsewhere || self.custody.partner.is_some() {
            return Err(Refusal::NotTheCustodian);
        }
        let offered = placed(entry, offered.clone());
        self.custody.hand_overs.push(HandOver { offered, accepted: None, confirmed: None, taken: None });
        Ok(())
    }

    /// An acceptance: of the newest offer, once, while that stands, and not by the giver itself.
    pub(super) fn follow_acceptance(
        &mut self,
        entry: &SignedEntry,
        accepted: &Accepted,
    ) -> Result<(), Refusal> {
        let hand_overs = &mut self.custody.hand_overs;
        let newest = hand_overs.len().saturating_sub(1);
        let found =
            hand_overs.iter_mut().enumerate().find(|(_, one)| one.offered.reference == accepted.offered);
        let (index, one) = found.ok_or(Refusal::OutOfOrder)?;
        if one.accepted.is_some() {
            return Err(Refusal::Repeated);
        }
        // What was offered to another organisation is not for a device of one's own.
        if one.offered.says.partner.is_some() {
            return Err(Refusal::OutOfOrder);
        }
        if index != newest || one.offered.says.nonce != accepted.nonce || one.offered.device.is(&entry.device)
        {
            return Err(Refusal::OutOfOrder);
        }
        if late::is_still_to_come(accepted.at, entry.at) {
            return Err(Refusal::StillToCome);
        }
        if accepted.at > one.offered.says.expires {
            return Err(Refusal::Expired);
        }
        one.accepted = Some(placed(entry, accepted.clone()));
        if self.received.is_none() {
            self.custody.custodian = Some(entry.device.clone());
        }
        Ok(())
    }

    /// A confirmation: by the giver, once, at any later time.
    pub(super) fn follow_confirmation(
        &mut self,
        entry: &SignedEntry,
        says: &Confirmed,
    ) -> Result<(), Refusal> {
        let is_it = |one: &Placed<Accepted>| one.reference == says.accepted;
        let found = self.custody.hand_overs.iter_mut().find(|one| one.accepted.as_ref().is_some_and(is_it));
        let one = found.ok_or(Refusal::OutOfOrder)?;
        if !one.offered.device.is(&entry.device) {
            return Err(Refusal::NotTheCustodian);
        }
        super::story::once(&mut one.confirmed, entry, says.clone())
    }
}
