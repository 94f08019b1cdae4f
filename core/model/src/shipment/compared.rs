//! Clocks that devices compared when they synced, and the times of a shipment that they bear on.

use super::late::CLOCK_TOLERANCE_MS;
use super::organisation::Compared;
use super::story::{SignedEntry, Story, Told};
use crate::api::{ClockDifference, Device};
use crate::record::Statement;
use crate::time::UtcMillis;

/// From here on a difference of clocks is shown, in milliseconds: 60 s (DESIGN §3.1).
const SHOWN_MS: u64 = 60_000;
/// How long before and after a comparison it bears on the times that either device signs, in milliseconds: 24 h.
const BEARS_MS: u64 = 86_400_000;
/// How old the last comparison is before the same difference is signed again, in milliseconds: 12 h, so that a clock
/// that stays wrong is known of at any time.
const REPEATED_MS: u64 = 43_200_000;

/// A difference of clocks as it is shown, in seconds; `None` up to 60 s.
pub fn shown_clock_difference_s(difference_ms: i64) -> Option<i64> {
    (difference_ms.unsigned_abs() > SHOWN_MS).then_some(difference_ms / 1000)
}

/// Whether a comparison is to be signed: a difference of more than 5 min that was not signed before, or is another
/// one by more than 60 s; and once that it is so no longer. `last` is the one signed last, with its time.
pub fn is_comparison_due(last: Option<(i64, UtcMillis)>, difference_ms: i64, now: UtcMillis) -> bool {
    let differs = is_wrong(difference_ms);
    let Some((before, at)) = last.filter(|(before, _)| is_wrong(*before)) else { return differs };
    !differs || before.abs_diff(difference_ms) > SHOWN_MS || now.0.abs_diff(at.0) > REPEATED_MS
}

fn is_wrong(difference_ms: i64) -> bool {
    difference_ms.unsigned_abs() > CLOCK_TOLERANCE_MS.unsigned_abs()
}

/// A comparison, of the two devices of which one signed a time of the shipment.
#[derive(Clone, Copy)]
struct Bearing<'a> {
    on: &'a SignedEntry,
    comparison: &'a Compared,
}

impl Bearing<'_> {
    /// Whether who signed `signed` held all of this, or it is that entry itself.
    fn is_known_to(&self, signed: &SignedEntry) -> bool {
        let held = |one: &SignedEntry| one.reference == signed.reference || signed.holds(one);
        held(self.on) && held(&self.comparison.entry)
    }

    /// Whether it was to be expected by another of the same two devices, of no more than clocks may differ further.
    fn follows_from(&self, known: &Self) -> bool {
        let most = known.comparison.difference_ms.unsigned_abs();
        self.comparison.is_of_same_devices(known.comparison)
            && self.comparison.difference_ms.unsigned_abs()
                <= most.saturating_add(CLOCK_TOLERANCE_MS.unsigned_abs())
    }
}

impl Compared {
    fn is_of(&self, log: &[u8; 32]) -> bool {
        self.entry.reference.log == *log || self.peer == *log
    }

    fn is_of_same_devices(&self, other: &Self) -> bool {
        self.is_of(&other.peer) && self.is_of(&other.entry.reference.log)
    }

    /// Whether it tells that the difference of another one is over.
    fn ends(&self, other: &Self) -> bool {
        let later = match self.entry.reference.log == other.entry.reference.log {
            true => self.entry.sequence > other.entry.sequence,
            false => self.entry.at >= other.entry.at,
        };
        later && self.is_of_same_devices(other) && !is_wrong(self.difference_ms)
    }
}

impl Story {
    /// Whether a device signed a time of the shipment near to a comparison of its clock that showed a difference.
    pub(super) fn has_compared_clocks(&self) -> bool {
        self.bearings().next().is_some()
    }

    /// The same as a front end shows it, each two devices once, where they differ most.
    pub(super) fn compared_clocks(&self) -> Vec<ClockDifference> {
        let mut most: Vec<&Compared> = Vec::new();
        for Bearing { comparison, .. } in self.bearings() {
            match most.iter_mut().find(|one| one.is_of_same_devices(comparison)) {
                Some(one) if one.difference_ms.unsigned_abs() < comparison.difference_ms.unsigned_abs() => {
                    *one = comparison;
                }
                Some(_) => {}
                None => most.push(comparison),
            }
        }
        most.into_iter().map(|one| self.shown(one)).collect()
    }

    fn shown(&self, one: &Compared) -> ClockDifference {
        let own = (one.entry.device.clone(), one.entry.at);
        let peer_at = UtcMillis(one.entry.at.0.saturating_add(one.difference_ms));
        let peer = (self.device_of(&one.peer), peer_at);
        let (behind, ahead) = if one.difference_ms > 0 { (own, peer) } else { (peer, own) };
        ClockDifference {
            behind: behind.0,
            behind_at: behind.1,
            ahead: ahead.0,
            ahead_at: ahead.1,
            difference_s: one.difference_ms.saturating_abs() / 1000,
        }
    }

    fn device_of(&self, log: &[u8; 32]) -> Device {
        let entries = self.told.iter().map(|told| &told.entry);
        let all = entries.chain(self.organisation.compared.iter().map(|one| &one.entry));
        let known = all.filter(|entry| entry.reference.log == *log).map(|entry| entry.device.clone()).next();
        known.unwrap_or_else(|| {
            let hex: String = log.iter().map(|byte| format!("{byte:02x}")).collect();
            Device { label: hex.chars().take(12).collect(), log: hex, ..Device::default() }
        })
    }

    /// Whether, of what is known, a comparison bears on the shipment that who signed an entry could not expect by
    /// what they held.
    pub(super) fn clocks_compared_anew(
        &self,
        signed: &SignedEntry,
        known: &dyn Fn(&SignedEntry) -> bool,
    ) -> bool {
        let expected: Vec<Bearing<'_>> = self.bearings().filter(|one| one.is_known_to(signed)).collect();
        let mut all = self.bearings().filter(|one| known(one.on) && known(&one.comparison.entry));
        all.any(|one| !expected.iter().any(|before| one.follows_from(before)))
    }

    fn bearings(&self) -> impl Iterator<Item = Bearing<'_>> {
        let compared = &self.organisation.compared;
        let acts = self.told.iter().filter(|told| !compared.is_empty() && signs_a_time(told));
        acts.flat_map(move |told| {
            let on = &told.entry;
            let near = compared.iter().filter(move |one| {
                is_wrong(one.difference_ms)
                    && one.is_of(&on.reference.log)
                    && one.entry.at.0.abs_diff(on.at.0) <= BEARS_MS
            });
            // One that its signer knew to be over before bears on it no more.
            let standing = near
                .filter(move |one| !compared.iter().any(|other| on.holds(&other.entry) && other.ends(one)));
            standing.map(move |comparison| Bearing { on, comparison })
        })
    }
}

/// Whether an entry that counts gives the shipment a time by its device's clock.
fn signs_a_time(told: &Told) -> bool {
    let gives = matches!(
        told.statement,
        Some(
            Statement::Started(_)
                | Statement::Offered(_)
                | Statement::Accepted(_)
                | Statement::Confirmed(_)
                | Statement::Received(_)
                | Statement::ArrivalMoved(_)
                | Statement::PickUpMoved(_)
        )
    );
    gives && told.refused.is_none()
}
