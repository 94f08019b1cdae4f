//! A finding as an act about stock: it holds what was released without knowing what it tells.

use super::{Act, What};
use crate::record::EntryReference;
use crate::shipment::release::SignedVerdict;
use crate::shipment::story::{SignedEntry, Story};
use std::collections::BTreeSet;

/// What a finding says of stock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) lines: Vec<u32>,
    /// The signed verdict that it rests on.
    assessment: EntryReference,
    /// The decisions whose signers knew all that this verdict asks for, whether they knew of the finding or not.
    settled_by: Vec<EntryReference>,
}

impl Act {
    /// Whether it is a finding of what each of these decisions knew.
    pub(super) fn is_settled_by(&self, decisions: &[EntryReference]) -> bool {
        match &self.what {
            What::Found(found) => decisions.iter().all(|decision| found.settled_by.contains(decision)),
            _ => false,
        }
    }
}

impl Story {
    /// Notes what was found, and which of the decisions told before it knew all of that.
    pub(in crate::shipment) fn note_found(
        &mut self,
        entry: &SignedEntry,
        lines: Vec<u32>,
        assessed: &SignedVerdict,
    ) {
        let decisions = self.stock.decisions.iter().map(|one| one.reference);
        let decisions = decisions.filter_map(|one| self.told_as(one).map(|told| &told.entry));
        let knew = decisions.filter(|decided| self.knew_all_of(decided, assessed));
        let settled_by = knew.map(|decided| decided.reference).collect();
        let found = Found { lines, assessment: assessed.reference, settled_by };
        self.note(Act::new(entry, What::Found(found)));
    }

    /// Notes of every finding told before a decision whether who decided knew all of it.
    pub(super) fn note_known(&mut self, entry: &SignedEntry) {
        let knew = |reference: EntryReference| {
            let assessed = self.verdicts.iter().find(|one| one.reference == reference);
            assessed.is_some_and(|assessed| self.knew_all_of(entry, assessed))
        };
        let found = self.stock.findings.iter().map(|finding| finding.says.assessment);
        let known: BTreeSet<EntryReference> = found.filter(|assessment| knew(*assessment)).collect();
        for act in self.stock.acts.iter_mut().chain(&mut self.stock.shown) {
            if let What::Found(found) = &mut act.what
                && known.contains(&found.assessment)
            {
                found.settled_by.push(entry.reference);
            }
        }
    }

    /// Whether a signed verdict asks for nothing that the signer of a decision did not decide by.
    fn knew_all_of(&self, decision: &SignedEntry, assessed: &SignedVerdict) -> bool {
        let signed = self.told_as(assessed.reference).map(|told| &told.entry);
        let held = |other: &SignedEntry| signed.is_some_and(|signed| signed.holds(other));
        !self.is_worse_than_decided(decision, &assessed.against(&held))
    }
}
