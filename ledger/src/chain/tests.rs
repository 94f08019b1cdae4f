use super::*;
use crate::entry::{Clocks, EntryDraft, InSubject, Position, Signers, sign};
use crate::key::{SecretKey, Signer};
use crate::statement::{Enrolment, Role};

fn device() -> SecretKey {
    SecretKey::from_seed(&[2; 32])
}

fn root() -> SecretKey {
    SecretKey::from_seed(&[1; 32])
}

fn log() -> LogId {
    LogId::of(&OrganisationId::of(&root().public_key()), &device().public_key(), &[4; 16])
}

fn genesis() -> Vec<u8> {
    let enrolment = Enrolment {
        log: log(),
        device: device().public_key(),
        endpoint: SecretKey::from_seed(&[3; 32]).public_key(),
        role: Role::Admin,
        label: "Dispensary".to_owned(),
        not_before_ms: 0,
        replaces: None,
    };
    Genesis::of_first_device("City Pharmacy".to_owned(), &root(), [4; 16], enrolment).unwrap().encode()
}

fn entry(n: u64, previous: Hash, in_subject: Option<InSubject>, wall_ms: i64) -> Received {
    let draft = EntryDraft {
        kind: if n == 0 { GENESIS } else { 33 },
        subject: in_subject.map(|place| place.subject),
        clocks: Clocks { wall_ms, monotonic_ms: n, boot: Id([5; 16]) },
        heads: vec![],
        body: if n == 0 { genesis() } else { vec![0xa1, 0x01, u8::try_from(n % 24).unwrap()] },
        salt: Salt([6; 32]),
        person: None,
        batches: vec![],
    };
    let position = Position { log: log(), sequence: n, previous, in_subject };
    let (record, _) = sign(draft, &position, Signers { device: &device(), person: None }).unwrap();
    Received { bytes: record.entry.bytes().to_vec(), body: record.body, salt: record.salt }
}

fn leaf(received: &Received) -> Hash {
    crate::tree::leaf(&received.bytes)
}

/// A log of six entries, of which 1, 3 and 5 are about one subject.
fn story() -> Vec<Received> {
    let subject = Id([7; 16]);
    let (mut previous, mut last, mut entries) = (Hash(log().0), None, Vec::new());
    for n in 0..6 {
        let place = InSubject { subject, sequence: n / 2, previous: last };
        let received = entry(n, previous, (n % 2 == 1).then_some(place), 1000);
        previous = leaf(&received);
        if n % 2 == 1 {
            last = Some(previous);
        }
        entries.push(received);
    }
    entries
}

fn walk(entries: Vec<Received>, depth: Depth) -> Result<Option<LogState>, BadEntry> {
    let mut walk = Walk::from_genesis(log(), depth);
    for received in entries {
        walk.push(received)?;
    }
    walk.finish()
}

fn first_bad(entries: Vec<Received>, depth: Depth) -> (u64, Fault) {
    let bad = walk(entries, depth).unwrap_err();
    (bad.sequence, bad.fault)
}

#[test]
fn a_log_as_it_was_signed_is_whole() {
    for depth in [Depth::Head, Depth::Received, Depth::Every] {
        let state = walk(story(), depth).unwrap().unwrap();
        assert_eq!(state.size(), 6);
        assert_eq!(state.device, device().public_key());
        let leaves: Vec<Hash> = story().iter().map(leaf).collect();
        assert_eq!(state.head().root, Tree::over(&leaves).root());
    }
    assert_eq!(walk(vec![], Depth::Head), Ok(None));
}

#[test]
fn whatever_byte_changes_the_entry_that_holds_it_is_named() {
    for (n, received) in story().into_iter().enumerate() {
        for part in 0..3 {
            let length = [received.bytes.len(), received.body.len(), received.salt.0.len()][part];
            for at in 0..length {
                let mut changed = story();
                match part {
                    0 => changed[n].bytes[at] ^= 1,
                    1 => changed[n].body[at] ^= 1,
                    _ => changed[n].salt.0[at] ^= 1,
                }
                let (found, fault) = first_bad(changed, Depth::Head);
                assert_eq!(found, n as u64, "byte {at} of part {part}: {fault:?}");
            }
        }
    }
}

#[test]
fn an_entry_removed_or_moved_is_noticed_where_it_should_be() {
    let mut removed = story();
    removed.remove(2);
    assert_eq!(first_bad(removed, Depth::Head), (2, Fault::Sequence));
    let mut swapped = story();
    swapped.swap(3, 4);
    assert_eq!(first_bad(swapped, Depth::Head), (3, Fault::Sequence));
    assert_eq!(first_bad(story().split_off(1), Depth::Head), (0, Fault::Sequence));
}

#[test]
fn an_entry_written_anew_with_the_key_breaks_the_next_ones_link() {
    let mut rewritten = story();
    rewritten[2] = entry(2, leaf(&rewritten[1]), None, 2000);
    assert_eq!(first_bad(rewritten, Depth::Head), (3, Fault::Backlink));
}

#[test]
fn a_bad_signature_inside_is_seen_by_the_link_and_at_full_depth_by_itself() {
    let mut changed = story();
    let last = changed[2].bytes.len() - 1;
    changed[2].bytes[last] ^= 1;
    assert_eq!(first_bad(changed.clone(), Depth::Head), (2, Fault::Signature));
    assert_eq!(first_bad(changed, Depth::Every), (2, Fault::Signature));
}

#[test]
fn an_entry_of_another_log_is_refused() {
    let mut walk = Walk::from_genesis(LogId([0; 32]), Depth::Head);
    assert_eq!(walk.push(story().remove(0)).unwrap_err().fault, Fault::WrongLog);
}

#[test]
fn a_hole_within_a_subject_is_noticed() {
    let subject = Id([7; 16]);
    let mut entries = story();
    entries.truncate(2);
    let place = InSubject { subject, sequence: 2, previous: Some(leaf(&entries[1])) };
    entries.push(entry(2, leaf(&entries[1]), Some(place), 1000));
    assert_eq!(first_bad(entries, Depth::Head), (2, Fault::Subject));
}

#[test]
fn a_run_goes_on_from_what_is_held_and_shows_a_fork() {
    let all = story();
    let held = Run::verify(log(), None, all[..3].to_vec()).unwrap();
    assert_eq!((held.start(), held.records().len()), (0, 3));
    let more = Run::verify(log(), Some(held.end().clone()), all[3..].to_vec()).unwrap();
    assert_eq!((more.start(), more.end().size()), (3, 6));
    let fork = entry(3, leaf(&entry(2, leaf(&all[1]), None, 2000)), None, 1000);
    let fault = |received| Run::verify(log(), Some(held.end().clone()), received).unwrap_err().fault;
    assert_eq!(fault(vec![fork.clone()]), Fault::Fork);
    let mut unsigned = fork;
    let last = unsigned.bytes.len() - 1;
    unsigned.bytes[last] ^= 1;
    assert_eq!(fault(vec![unsigned]), Fault::Backlink);
    assert_eq!(fault(vec![]), Fault::Malformed);
}

/// A log long enough that its signatures are verified many at a time; of the entries at `forged` the signature is
/// another's, and what follows is signed over them as they are.
fn long(length: u64, forged: &[u64]) -> Vec<Received> {
    let (mut previous, mut entries) = (Hash(log().0), Vec::new());
    for n in 0..length {
        let mut received = match n {
            0 => entry(0, previous, None, 1000),
            n => entry(n, previous, None, 1000 + i64::try_from(n).unwrap()),
        };
        if forged.contains(&n) {
            *received.bytes.last_mut().unwrap() ^= 1;
        }
        previous = leaf(&received);
        entries.push(received);
    }
    entries
}

#[test]
fn at_full_depth_the_first_bad_signature_is_named_wherever_it_stands() {
    let length = 2 * u64::try_from(pending::AT_ONCE).unwrap() + 10;
    assert_eq!(walk(long(length, &[]), Depth::Every).unwrap().unwrap().size(), length);
    for forged in [1, 100, 255, 256, 257, 511, 512, length - 1] {
        let found = first_bad(long(length, &[forged, length - 1]), Depth::Every);
        assert_eq!(found, (forged, Fault::Signature));
    }
}

#[test]
fn a_bad_signature_is_named_before_a_broken_link_that_comes_later() {
    let mut entries = long(40, &[7]);
    entries.remove(20);
    assert_eq!(first_bad(entries, Depth::Every), (7, Fault::Signature));
}

fn bare(entries: &[Received], growing: Growing) -> Result<Head, BadEntry> {
    let bytes = entries.iter().map(|received| received.bytes.as_slice());
    verify_bare(log(), &device().public_key(), bytes, growing)
}

#[test]
fn entries_without_their_bodies_still_prove_the_log() {
    let head = walk(story(), Depth::Head).unwrap().unwrap().head();
    assert_eq!(bare(&story(), Growing::Tree), Ok(head));
    assert_eq!(bare(&story(), Growing::Nothing).unwrap().size, head.size);
    assert_eq!(bare(&[], Growing::Nothing).unwrap_err().fault, Fault::Malformed);
}

#[test]
fn without_bodies_whatever_byte_changes_an_entry_the_log_is_refused() {
    for n in 0..story().len() {
        for at in 0..story()[n].bytes.len() {
            let mut changed = story();
            changed[n].bytes[at] ^= 1;
            let bad = bare(&changed, Growing::Nothing).unwrap_err();
            // Where the entry still has its form, the next one's link tells.
            assert!(bad.sequence == n as u64 || bad.sequence == n as u64 + 1, "byte {at} of {n}: {bad:?}");
        }
    }
    let mut removed = story();
    removed.remove(2);
    assert_eq!(bare(&removed, Growing::Nothing).unwrap_err().fault, Fault::Sequence);
}
