//! The proofs in a file that logs have two histories, and what was decided of them (docs/format.md §7, §9).

use super::membership::{Trusted, short};
use crate::bundle::Bundle;
use firn_ledger::fork::ForkProof;
use firn_ledger::membership::Membership;

/// Proofs that do not hold under the keys of their logs' devices.
pub(super) fn faults(bundle: &Bundle, trusted: &Trusted) -> Vec<String> {
    let holds = |proof: &&ForkProof| {
        trusted.forked_key(&proof.log()).is_some_and(|device| proof.check(&device).is_ok())
    };
    let false_ones = bundle.forks.iter().filter(|proof| !holds(proof));
    false_ones
        .map(|proof| format!("The proof that log {} has two histories does not hold.", short(&proof.log())))
        .collect()
}

/// What there is to say of logs with two histories.
#[derive(Default)]
pub(super) struct Told {
    /// Of those of which a person decided which history holds, each in a sentence after a blank.
    pub decided: String,
    /// Of the first of which nobody did.
    pub undecided: Option<String>,
}

pub(super) fn told(bundle: &Bundle, membership: &Membership) -> Told {
    let mut told = Told::default();
    for log in bundle.forks.iter().map(ForkProof::log) {
        let member = membership.member(&log);
        let label = member.map_or("a device that nobody enrolled", |member| &member.enrolment.label);
        let log = format!("The log {} of {label} has two histories", short(&log));
        match member.and_then(|member| member.cut) {
            Some(cut) => {
                let holds = cut.upheld;
                told.decided += &format!(" {log}: it was decided which holds, with {holds} of its entries.");
            }
            None => drop(told.undecided.get_or_insert(format!("{log}, and nobody has decided which holds."))),
        }
    }
    told
}
