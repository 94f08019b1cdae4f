//! Homes that never meet by network carry files to each other: they agree, and nobody else learns anything.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::organisation::{Device, organisation};
use common::{NOW, bounded, key, seed};
use firn_ledger::bytes::OrganisationId;
use firn_peer::carry::{self, Extent, Letter, Taken};
use firn_peer::error::PeerError;
use firn_peer::sync::SyncHome;
use std::sync::atomic::{AtomicU8, Ordering};
use zeroize::Zeroizing;

static DRAWN: AtomicU8 = AtomicU8::new(1);

/// The file that `device`, of this number, writes for all others that it knows.
async fn wrote(device: &Device, number: u8, extent: Extent) -> Result<Vec<u8>, PeerError> {
    let organisation = device.organisation();
    let others = device
        .on_store(move |store| carry::addressees(store, &organisation, &key(number)))
        .await
        .unwrap()
        .unwrap();
    let letter = Letter {
        log: device.log(),
        signer: device.key(),
        written_ms: NOW,
        addressees: others,
        extent,
        entropy: Zeroizing::new([DRAWN.fetch_add(1, Ordering::SeqCst); 64]),
    };
    bounded(carry::write(device, &letter, Vec::new())).await.map(|(file, _)| file)
}

async fn written(device: &Device, number: u8) -> Vec<u8> {
    wrote(device, number, Extent::Lacking).await.unwrap()
}

async fn take(device: &Device, number: u8, file: &[u8]) -> Result<Taken, PeerError> {
    bounded(carry::take_in(device, &seed(number), file)).await
}

async fn taken(device: &Device, number: u8, file: &[u8]) -> Taken {
    let taken = take(device, number, file).await.unwrap();
    assert_eq!(taken.failure, None);
    taken
}

/// A pharmacy (1), a courier (2) and a clinic (3) that it enrolled; none has synced.
fn three() -> (Device, Device, Device) {
    let (pharmacy, courier, clinic) = (Device::new(1).found(), Device::new(2), Device::new(3));
    pharmacy.enrol(&courier);
    pharmacy.enrol(&clinic);
    (pharmacy, courier, clinic)
}

fn stored(taken: &Taken) -> u64 {
    taken.report.summary.stored.values().sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_homes_that_never_meet_agree_once_a_file_went_each_way() {
    let (pharmacy, courier, _) = three();
    pharmacy.observe("from the dock", 1000);
    courier.observe("from the road", 200_000);
    // The courier's home knows of nobody yet but itself: the file brings the proof of its writer.
    assert_eq!(wrote(&courier, 2, Extent::Lacking).await.unwrap_err().code(), "peer/file-nobody");
    let there = taken(&courier, 2, &written(&pharmacy, 1).await).await;
    assert_eq!((there.writer.log, there.writer.written_ms), (pharmacy.log(), NOW));
    assert_eq!(stored(&there), 4);
    let back = taken(&pharmacy, 1, &written(&courier, 2).await).await;
    assert_eq!(stored(&back), 2);
    assert!(back.report.summary.agreed);
    assert_eq!(pharmacy.heads(), courier.heads());
    // Taken in twice it brings nothing more.
    let again = taken(&pharmacy, 1, &written(&courier, 2).await).await;
    assert!(again.report.summary.agreed && stored(&again) == 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_leaves_out_what_the_other_has_signed_that_it_holds() {
    let (pharmacy, courier) = (Device::new(1).found(), Device::new(2));
    pharmacy.enrol(&courier);
    for number in 0..40 {
        pharmacy.observe(&format!("dock {number}"), 10_000);
    }
    let whole = written(&pharmacy, 1).await;
    taken(&courier, 2, &whole).await;
    courier.observe("from the road", 10);
    let answer = written(&courier, 2).await;
    assert!(answer.len() < 4096, "{} bytes for one entry", answer.len());
    assert_eq!(stored(&taken(&pharmacy, 1, &answer).await), 2);
    pharmacy.observe("one more", 10);
    let next = written(&pharmacy, 1).await;
    assert!(next.len() < 4096 && whole.len() > 400_000, "{} and {} bytes", next.len(), whole.len());
    assert_eq!(stored(&taken(&courier, 2, &next).await), 1);
    assert!(wrote(&pharmacy, 1, Extent::Whole).await.unwrap().len() > 400_000);
    assert_eq!(pharmacy.heads(), courier.heads());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_third_home_learns_of_two_others_from_one_file_and_may_pass_it_on() {
    let (pharmacy, courier, clinic) = three();
    courier.observe("from the road", 5000);
    taken(&courier, 2, &written(&pharmacy, 1).await).await;
    // The clinic never sees a file of the pharmacy's.
    let from_courier = written(&courier, 2).await;
    taken(&clinic, 3, &from_courier).await;
    clinic.observe("at the door", 5000);
    taken(&courier, 2, &written(&clinic, 3).await).await;
    taken(&pharmacy, 1, &written(&courier, 2).await).await;
    assert_eq!(pharmacy.heads(), courier.heads());
    assert_eq!(pharmacy.heads().len(), 3);
    assert_eq!(clinic.heads(), pharmacy.heads());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outsiders_home_learns_nothing_from_a_file_and_brings_none() {
    let (pharmacy, courier, _) = three();
    pharmacy.observe("a secret at the dock", 1000);
    let file = written(&pharmacy, 1).await;
    let outsider = Device::of(9, OrganisationId([9; 32]));
    assert_eq!(take(&outsider, 9, &file).await.unwrap_err().code(), "peer/file-not-for-this-device");
    let names = |text: &[u8]| file.windows(text.len()).any(|window| window == text);
    assert!(!names(b"secret") && !names(b"device 2") && !names(&pharmacy.log().0));
    assert!(!names(&organisation().0) && !names(&key(1).0) && !names(&key(2).0));
    // An organisation of its own, whose founder knows the courier's endpoint, gets nothing in.
    let stranger = Device::new(7).found();
    let (alien, _) = {
        let letter = Letter {
            log: stranger.log(),
            signer: stranger.key(),
            written_ms: NOW,
            addressees: vec![carry::Addressee { log: courier.log(), endpoint: key(2), label: String::new() }],
            extent: Extent::Whole,
            entropy: Zeroizing::new([77; 64]),
        };
        bounded(carry::write(&Device::of(8, OrganisationId([9; 32])), &letter, Vec::new())).await.unwrap()
    };
    let before = courier.heads();
    let refused = take(&courier, 2, &alien).await.unwrap();
    assert_eq!(refused.failure.unwrap().code(), "sync/organisation");
    assert_eq!(courier.heads(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_byte_anywhere_is_told_and_nothing_that_does_not_verify_is_stored() {
    let (pharmacy, courier, _) = three();
    for number in 0..20 {
        pharmacy.observe(&format!("dock {number}"), 40_000);
    }
    let file = written(&pharmacy, 1).await;
    let whole = pharmacy.heads();
    for at in (0..file.len()).step_by(file.len() / 40) {
        let mut changed = file.clone();
        changed[at] ^= 0x10;
        let reader = Device::new(2);
        let code = match take(&reader, 2, &changed).await {
            Err(error) => error.code(),
            // Another addressee's wrapped key is part of what every chunk vouches for, so it is never passed over.
            Ok(taken) => taken.failure.unwrap().code(),
        };
        assert!(code.starts_with("peer/file-"), "{at}: {code}");
        for head in reader.heads() {
            let sent = whole.iter().find(|one| one.log == head.log).unwrap();
            assert!(head.size <= sent.size);
        }
    }
    // What came before the damage stays, and the whole file brings the rest.
    let mut changed = file.clone();
    changed[file.len() - 70_000] ^= 1;
    let failed = take(&courier, 2, &changed).await.unwrap();
    assert_eq!(failed.failure.as_ref().unwrap().code(), "peer/file-damaged");
    assert!(stored(&failed) > 0);
    taken(&courier, 2, &file).await;
    assert!(pharmacy.heads().iter().all(|head| courier.heads().contains(head)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_cut_gives_what_was_whole_and_the_next_one_goes_on_from_there() {
    let (pharmacy, _, _) = three();
    for number in 0..30 {
        pharmacy.observe(&format!("dock {number}"), 40_000);
    }
    let file = written(&pharmacy, 1).await;
    let mut most = 0;
    for end in (0..file.len()).step_by(file.len() / 15) {
        let reader = Device::new(2);
        let (code, stored) = match take(&reader, 2, &file[..end]).await {
            Err(error) => (error.code(), 0),
            Ok(taken) => (taken.failure.as_ref().unwrap().code(), stored(&taken)),
        };
        assert!(["peer/file-truncated", "peer/file-not-one"].contains(&code), "{end}: {code}");
        assert!(stored >= most, "{end}: a longer piece brings no less");
        most = stored;
        let rest = taken(&reader, 2, &file).await;
        assert_eq!(stored + self::stored(&rest), 33, "cut at {end}");
        assert_eq!(reader.heads(), pharmacy.heads());
    }
    assert!(most >= 18, "{most}");
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_beyond_a_hole_are_refused_and_the_rest_is_taken() {
    let (pharmacy, courier, _) = three();
    pharmacy.observe("first", 10);
    taken(&courier, 2, &written(&pharmacy, 1).await).await;
    taken(&pharmacy, 1, &written(&courier, 2).await).await;
    courier.observe("on the road", 10);
    // For the courier alone, who has signed for the first entries; but its home was set back since.
    let organisation = organisation();
    let all = pharmacy.on_store(move |store| carry::addressees(store, &organisation, &key(1))).await;
    let mut all = all.unwrap().unwrap();
    all.retain(|one| one.log == courier.log());
    pharmacy.observe("second", 10);
    let letter = Letter {
        log: pharmacy.log(),
        signer: pharmacy.key(),
        written_ms: NOW,
        addressees: all,
        extent: Extent::Lacking,
        entropy: Zeroizing::new([99; 64]),
    };
    let (file, _) = bounded(carry::write(&pharmacy, &letter, Vec::new())).await.unwrap();
    let set_back = Device::new(2);
    let refused = take(&set_back, 2, &file).await.unwrap();
    assert_eq!(refused.report.summary.refused[&pharmacy.log()], "sync/hole");
    assert_eq!(stored(&refused), 0);
    assert_eq!(refused.failure.unwrap().code(), "peer/not-a-member");
    taken(&set_back, 2, &wrote(&pharmacy, 1, Extent::Whole).await.unwrap()).await;
    assert_eq!(set_back.heads(), pharmacy.heads());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_cannot_pass_another_members_words_off_as_a_file_of_its_own() {
    let (pharmacy, courier, clinic) = three();
    taken(&courier, 2, &written(&pharmacy, 1).await).await;
    taken(&clinic, 3, &written(&pharmacy, 1).await).await;
    // The courier writes in the pharmacy's name.
    let organisation = organisation();
    let all = courier.on_store(move |store| carry::addressees(store, &organisation, &key(2))).await;
    let letter = Letter {
        log: pharmacy.log(),
        signer: courier.key(),
        written_ms: NOW,
        addressees: all.unwrap().unwrap(),
        extent: Extent::Lacking,
        entropy: Zeroizing::new([98; 64]),
    };
    let (file, _) = bounded(carry::write(&courier, &letter, Vec::new())).await.unwrap();
    assert_eq!(take(&clinic, 3, &file).await.unwrap_err().code(), "peer/file-damaged");
}
