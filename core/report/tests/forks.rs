//! Evidence of a shipment of which a device signed two stories: what of it still holds, and what is no excuse.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Scene, at, journey};
use firn_ledger::checkpoint::Checkpoint;
use firn_ledger::entry::{Head, Record};
use firn_ledger::fork::ForkProof;
use firn_ledger::statement::{REVOKE, Revocation, RevocationReason};
use firn_report::verify::{Check, CheckId, Status};
use firn_report::{Bundle, evidence, verify};

/// A journey after which the van's phone was cloned: both tell of it once more, and the dock's device, which got the
/// clone's story, assesses after that.
struct Forked {
    one: Scene,
    two: Scene,
}

fn forked() -> Forked {
    let (mut one, mut two) = (journey(), journey());
    one.assess(false, 612);
    two.assess(false, 613);
    two.assess(true, 614);
    Forked { one, two }
}

impl Forked {
    fn proof(&self) -> ForkProof {
        let signed = |scene: &Scene| Checkpoint::sign(scene.van.head(), &scene.van.key).unwrap();
        ForkProof::between(signed(&self.one), signed(&self.two), &self.two.van.leaves).unwrap()
    }

    /// What a device holds that has the van's own story, and the dock's log.
    fn bundle(&self) -> Bundle {
        let of_dock = self.two.bundle.records.last().unwrap().clone();
        let mut bundle = self.one.bundle.clone();
        bundle.records.push(of_dock);
        bundle.forks = vec![self.proof()];
        bundle
    }
}

/// The dock's word that the van's log is that of a head.
fn decided(dock: &mut common::Writer, holds: Head) -> Record {
    let Head { log, size, root } = holds;
    let lost_ms = at(620).0;
    let says = Revocation { log, size, root: Some(root), lost_ms, reason: RevocationReason::Forked };
    dock.sign(620, REVOKE, None, says.encode(), vec![], vec![]).0
}

fn checked(bundle: &Bundle, id: CheckId) -> Check {
    let verification = verify(&evidence::write(bundle), None);
    let found = verification.checks.iter().find(|check| check.id == id);
    found.unwrap_or_else(|| panic!("{id:?}: {verification:#?}")).clone()
}

fn status(bundle: &Bundle, id: CheckId) -> Status {
    checked(bundle, id).status
}

#[test]
fn what_was_signed_upon_the_other_story_of_a_cloned_phone_fails_no_evidence_and_is_told() {
    let mut forked = forked();
    let bundle = forked.bundle();
    let read = evidence::read(&evidence::write(&bundle)).unwrap();
    assert_eq!(read.forks, bundle.forks);
    let undecided = checked(&bundle, CheckId::Membership);
    assert_eq!(undecided.status, Status::Cannot, "{undecided:?}");
    assert!(undecided.why.contains("nobody has decided"), "{undecided:?}");

    let mut bundle = forked.bundle();
    let holds = forked.one.van.head();
    bundle.statements.push(decided(&mut forked.two.dock, holds));
    let verification = verify(&evidence::write(&bundle), None);
    assert!(verification.ok, "{verification:#?}");
    let (chain, decision) = (checked(&bundle, CheckId::Chain), checked(&bundle, CheckId::Membership));
    assert_eq!((chain.status, decision.status), (Status::Cannot, Status::Proved), "{chain:?} {decision:?}");
    assert!(chain.why.contains("an earlier assessment") && chain.why.contains("two histories"), "{chain:?}");
    assert!(decision.why.contains("has two histories: it was decided"), "{decision:?}");
    let assessment = checked(&bundle, CheckId::Assessment);
    assert_eq!(assessment.status, Status::Cannot, "{assessment:?}");
    assert!(assessment.why.contains("of a log that has two"), "{assessment:?}");
    assert!(verification.verdict.is_some(), "what the file holds is judged all the same");
}

#[test]
fn whoever_holds_nothing_of_a_forked_log_has_its_key_from_its_enrolment() {
    let forked = forked();
    let van = forked.one.van.log;
    let mut bundle = forked.bundle();
    bundle.statements.retain(|record| record.entry.log() != van);
    bundle.records.retain(|record| record.entry.log() != van);
    bundle.batches.clear();
    let membership = checked(&bundle, CheckId::Membership);
    assert_eq!(membership.status, Status::Cannot, "{membership:?}");
    // What others signed upon it before it forked is not there.
    assert_eq!(status(&bundle, CheckId::Chain), Status::Failed);
}

#[test]
fn without_a_proof_of_the_fork_an_earlier_assessment_that_is_not_in_the_file_was_left_out() {
    let mut bundle = forked().bundle();
    bundle.forks.clear();
    assert_eq!(status(&bundle, CheckId::Chain), Status::Failed);
    // A proof of another log's excuses nothing, and one that nobody signed fails by itself.
    let whole = forked().proof().encode();
    let mut false_proof = whole.clone();
    *false_proof.last_mut().unwrap() ^= 1;
    bundle.forks = vec![ForkProof::decode(&false_proof).unwrap()];
    let membership = checked(&bundle, CheckId::Membership);
    assert_eq!(membership.status, Status::Failed, "{membership:?}");
    assert!(membership.why.contains("two histories does not hold"), "{membership:?}");
}

#[test]
fn a_device_that_tells_two_stories_afterwards_hides_nothing_of_what_others_had_signed_before() {
    let (mut one, mut two) = (journey(), journey());
    for scene in [&mut one, &mut two] {
        scene.assess(false, 612);
        scene.assess(true, 614);
    }
    // The van's phone is cloned after that: both stories go on from what the dock's assessment names.
    one.van.sign(700, 99, None, vec![1], vec![], vec![]);
    two.van.sign(700, 99, None, vec![2], vec![], vec![]);
    let mut bundle = one.bundle.clone();
    bundle.forks = vec![Forked { one, two }.proof()];
    assert_eq!(status(&bundle, CheckId::Chain), Status::Proved);
    let van = bundle.forks[0].log();
    let last = bundle.records.iter().rposition(|record| record.entry.log() == van).unwrap();
    bundle.records.remove(last);
    assert_eq!(status(&bundle, CheckId::Chain), Status::Failed);
}

#[test]
fn whoever_signed_upon_the_story_that_holds_is_excused_from_nothing() {
    let mut forked = forked();
    let holds = forked.one.van.head();
    // The dock's device held that story, and its assessment names the van's last one, which is left out.
    forked.one.assess(true, 614);
    let mut bundle = forked.one.bundle.clone();
    bundle.forks = vec![forked.proof()];
    bundle.statements.push(decided(&mut forked.one.dock, holds));
    assert_eq!(status(&bundle, CheckId::Chain), Status::Proved);
    let last = bundle.records.iter().rposition(|record| record.entry.log() == holds.log).unwrap();
    bundle.records.remove(last);
    assert_eq!(status(&bundle, CheckId::Chain), Status::Failed);
    // What stands in the forked log itself follows its own story.
    let mut bundle = forked.bundle();
    bundle.statements.push(decided(&mut forked.two.dock, holds));
    bundle.records.retain(|record| record.entry.log() == holds.log);
    assert_eq!(status(&bundle, CheckId::Chain), Status::Failed, "the dock's assessment is left out");
}
