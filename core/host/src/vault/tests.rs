use super::*;
use crate::{KdfCost, LocalHost, Passphrase, Sealing};
use firn_app::{App, Founding};
use firn_model::api::{Occurrence, ShipmentDetail};
use firn_model::profile::preset;
use firn_model::record::Position;
use firn_model::vault::{Ground, PositionKnown, PositionSetting};
use proptest::prelude::*;
use std::path::Path;
use std::sync::Arc;

fn sealing() -> Sealing {
    Sealing { passphrase: Passphrase::new("correct horse battery staple").unwrap(), cost: KdfCost::Low }
}

fn found(folder: &Path) -> App<LocalHost> {
    let founding = Founding { organisation: "Nordvik".into(), device: "Dock".into() };
    App::new(Arc::new(LocalHost::found(&folder.join("home"), &founding, &sealing()).unwrap()))
}

fn opened(folder: &Path) -> App<LocalHost> {
    App::new(Arc::new(LocalHost::open(&folder.join("home"), &sealing().passphrase).unwrap()))
}

fn place(number: i32) -> Position {
    Position::new(48_000_000 + number, -2_000_000 - number, 12).unwrap()
}

async fn shipment(app: &App<LocalHost>) -> Id {
    let profile = preset("cdc-refrigerator").unwrap().profile.clone();
    let new = firn_app::NewShipment {
        reference: "DN-1".into(),
        profile,
        from: None,
        to: None,
        items: Vec::new(),
        packages: Vec::new(),
    };
    app.create_shipment(new).await.unwrap()
}

async fn held_at(app: &App<LocalHost>, shipment: Id, number: i32) {
    app.at(place(number)).quarantine_shipment(shipment, "seal".into()).await.unwrap();
}

fn known(detail: &ShipmentDetail) -> Vec<PositionKnown> {
    let told = detail.history.iter().filter_map(|event| match &event.occurrence {
        Occurrence::Position { known, .. } => Some(known.clone()),
        _ => None,
    });
    told.collect()
}

async fn subject(app: &App<LocalHost>) -> Id {
    app.vault_subjects().await.unwrap()[0].subject
}

fn every_byte(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        bytes.extend(if path.is_dir() { every_byte(&path) } else { std::fs::read(&path).unwrap() });
    }
    bytes
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// A runtime whose end waits for what was sent to threads of its own.
fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

#[test]
fn neither_key_nor_wrapped_key_nor_document_of_an_erased_subject_is_in_any_file_of_the_home() {
    let folder = tempfile::tempdir().unwrap();
    run(async {
        let app = found(folder.path());
        app.set_position_setting(PositionSetting::On).await.unwrap();
        let shipment = shipment(&app).await;
        for number in 0..40 {
            held_at(&app, shipment, number).await;
        }
        let subject = subject(&app).await;
        let home_key = app.host().keys().unwrap().store.vault_key().unwrap();
        let path = app.host().path().join("vault.db");
        let mut store = VaultStore::open(&path, Access::ReadOnly, 1000).unwrap();
        let wrapped = store.key(&LedgerId(subject.0)).unwrap().unwrap();
        let key = unwrap(&home_key, &wrapped).unwrap();
        let listed = store.listed().unwrap();
        let commitments: Vec<Hash> = listed.into_iter().flat_map(|one| one.commitments).collect();
        let sealed: Vec<_> = commitments.iter().map(|one| store.document(one).unwrap().unwrap()).collect();
        let plain: Vec<_> = sealed
            .iter()
            .map(|one| unseal(&key, &one.bytes, &document_context(&one.subject, &one.commitment)).unwrap())
            .collect();
        drop(store);
        let before = every_byte(folder.path());
        assert!(holds(&before, &wrapped.bytes) && sealed.iter().all(|one| holds(&before, &one.bytes)));
        assert!(!holds(&before, key.as_ref()) && !holds(&before, home_key.as_ref()));
        assert!(plain.iter().all(|one| !holds(&before, one)), "nothing stands there in plain words");

        assert_eq!(app.erase_from_vault(subject, Ground::Objected).await.unwrap().documents, 40);
        let after = every_byte(folder.path());
        assert!(!holds(&after, &wrapped.bytes) && !holds(&after, key.as_ref()));
        assert!(sealed.iter().all(|one| !holds(&after, &one.bytes)));
        assert!(plain.iter().all(|one| !holds(&after, one)));
        assert!(app.verify_logs(true).await.unwrap().ok());
        assert!(
            known(&app.shipment(shipment).await.unwrap())
                .iter()
                .all(|one| matches!(one, PositionKnown::Erased { ground: Ground::Objected, .. }))
        );
    });
}

#[test]
fn the_vault_of_another_home_opens_with_no_key_of_this_one() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    run(async {
        let (here, there) = (found(one.path()), found(other.path()));
        here.set_position_setting(PositionSetting::On).await.unwrap();
        let shipment = shipment(&here).await;
        held_at(&here, shipment, 1).await;
        let listed = here.host().vault.lock().unwrap().listed().unwrap();
        let commitment = listed.values().flatten().next().copied().unwrap();
        let vault = here.host().path().join("vault.db");
        std::fs::copy(&vault, there.host().path().join("vault.db")).unwrap();
        let wal = vault.with_extension("db-wal");
        if wal.exists() {
            std::fs::copy(wal, there.host().path().join("vault.db-wal")).unwrap();
        }
        let refused = there.host().vault.lock().unwrap().open(&commitment).unwrap_err();
        assert_eq!(refused.code(), "vault/wrong-key");
        assert!(matches!(here.host().vault.lock().unwrap().open(&commitment), Ok(InVault::Opened(_))));
    });
}

#[test]
fn a_home_opened_without_its_passphrase_knows_of_a_position_and_does_not_show_it() {
    let folder = tempfile::tempdir().unwrap();
    let shipment = run(async {
        let app = found(folder.path());
        app.set_position_setting(PositionSetting::On).await.unwrap();
        let shipment = shipment(&app).await;
        held_at(&app, shipment, 7).await;
        shipment
    });
    let path = folder.path().join("home");
    let look =
        |host: LocalHost| run(async { known(&App::new(Arc::new(host)).shipment(shipment).await.unwrap()) });
    assert_eq!(look(LocalHost::open_to_read(&path).unwrap()), [PositionKnown::Sealed]);
    let passphrase = sealing().passphrase;
    let opened = look(LocalHost::open_to_look(&path, &passphrase).unwrap());
    assert_eq!(opened, [PositionKnown::Opened { position: place(7) }]);
}

#[test]
fn a_position_whose_step_was_never_signed_is_gone_when_the_home_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    run(async {
        let app = found(folder.path());
        app.set_position_setting(PositionSetting::On).await.unwrap();
        let shipment = shipment(&app).await;
        held_at(&app, shipment, 1).await;
        // The power goes between the vault and the log.
        let document = OpenedDocument { salt: [1; 32], document: vec![0xa0] };
        app.host().vault.lock().unwrap().keep(Id([9; 16]), &document).unwrap();
    });
    run(async {
        let app = opened(folder.path());
        let subjects = app.vault_subjects().await.unwrap();
        assert_eq!((subjects.len(), subjects[0].kept), (1, 1));
    });
}

/// A home whose vault was put back as it was before an erasure, the subject's wrapped key, and the shipment.
fn put_back(folder: &Path) -> (Vec<u8>, Id) {
    let path = folder.join("home/vault.db");
    let (wrapped, shipment) = run(async {
        let app = found(folder);
        app.set_position_setting(PositionSetting::On).await.unwrap();
        let shipment = shipment(&app).await;
        held_at(&app, shipment, 1).await;
        let subject = LedgerId(subject(&app).await.0);
        (VaultStore::open(&path, Access::ReadOnly, 0).unwrap().key(&subject).unwrap().unwrap(), shipment)
    });
    let older = std::fs::read(&path).unwrap();
    assert!(holds(&older, &wrapped.bytes));
    run(async {
        let app = opened(folder);
        app.erase_from_vault(subject(&app).await, Ground::Objected).await.unwrap();
    });
    std::fs::write(&path, &older).unwrap();
    (wrapped.bytes, shipment)
}

#[test]
fn an_older_vault_that_is_put_back_loses_what_was_erased_before_anything_opens() {
    let folder = tempfile::tempdir().unwrap();
    let (wrapped, shipment) = put_back(folder.path());
    let shown = run(async { known(&opened(folder.path()).shipment(shipment).await.unwrap()) });
    assert!(matches!(shown[..], [PositionKnown::Erased { .. }]), "{shown:?}");
    assert!(!holds(&every_byte(folder.path()), &wrapped));
}

#[test]
fn who_only_reads_an_older_vault_carries_out_what_was_erased_and_lists_none_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let (wrapped, _) = put_back(folder.path());
    let home = folder.path().join("home");
    let listed = run(async {
        App::new(Arc::new(LocalHost::open_to_read(&home).unwrap())).vault_subjects().await.unwrap()
    });
    assert!(listed.iter().all(|one| (one.kept, one.erased) == (0, 1)), "{listed:?}");
    assert!(!holds(&every_byte(folder.path()), &wrapped));
}

#[test]
fn an_erasure_of_before_takes_nothing_that_is_kept_afterwards_even_in_a_vault_made_later() {
    let folder = tempfile::tempdir().unwrap();
    let shipment = run(async {
        let app = found(folder.path());
        app.set_position_setting(PositionSetting::On).await.unwrap();
        let shipment = shipment(&app).await;
        held_at(&app, shipment, 1).await;
        app.erase_from_vault(subject(&app).await, Ground::Objected).await.unwrap();
        shipment
    });
    for name in ["vault.db", "vault.db-wal", "vault.db-shm"] {
        std::fs::remove_file(folder.path().join("home").join(name)).unwrap_or_default();
    }
    run(async { held_at(&opened(folder.path()), shipment, 2).await });
    let shown = run(async { known(&opened(folder.path()).shipment(shipment).await.unwrap()) });
    assert!(matches!(shown[..], [PositionKnown::Erased { .. }, PositionKnown::Opened { .. }]), "{shown:?}");
}

#[test]
fn a_decision_too_keeps_the_place_where_it_was_signed_and_a_refused_one_none() {
    let folder = tempfile::tempdir().unwrap();
    run(async {
        let app = found(folder.path());
        app.set_position_setting(PositionSetting::On).await.unwrap();
        let shipment = shipment(&app).await;
        held_at(&app, shipment, 1).await;
        let kept = async || app.vault_subjects().await.unwrap()[0].kept;
        let reject = || firn_app::Disposing {
            shipment,
            decision: firn_model::record::Decision::Reject,
            reason: "warm".into(),
            lines: None,
        };
        let before = kept().await;
        app.at(place(2)).dispose_shipment(reject()).await.unwrap_err();
        assert_eq!(kept().await, before, "nothing was received yet");
        let start =
            firn_app::Start { shipment, placements: vec![], at: None, overrides: vec![], reason: None };
        app.start_shipment(start).await.unwrap();
        let receipt = firn_app::Receipt { shipment, at: None, note: None, checklist: None, reason: None };
        app.receive_shipment(receipt).await.unwrap();
        app.at(place(3)).dispose_shipment(reject()).await.unwrap();
        assert_eq!(kept().await, before + 1);
    });
}

#[test]
fn a_step_that_is_refused_leaves_no_position_behind() {
    let folder = tempfile::tempdir().unwrap();
    run(async {
        let app = found(folder.path());
        app.set_position_setting(PositionSetting::On).await.unwrap();
        let shipment = shipment(&app).await;
        held_at(&app, shipment, 1).await;
        let refused = app.at(place(2)).close_shipment(shipment, Some("ordered twice".into())).await;
        let kept = app.vault_subjects().await.unwrap()[0].kept;
        assert_eq!(kept, if refused.is_err() { 1 } else { 2 });
        let twice =
            app.at(place(3)).close_shipment(shipment, Some("ordered twice".into())).await.unwrap_err();
        assert_eq!((twice.code(), app.vault_subjects().await.unwrap()[0].kept), ("app/out-of-order", kept));
    });
}

#[test]
fn a_document_does_not_open_as_another_subjects() {
    let folder = tempfile::tempdir().unwrap();
    run(async {
        let app = found(folder.path());
        let host = app.host();
        let (mine, theirs) = (
            OpenedDocument { salt: [1; 32], document: vec![1] },
            OpenedDocument { salt: [2; 32], document: vec![2] },
        );
        host.vault.lock().unwrap().keep(Id([1; 16]), &mine).unwrap();
        host.vault.lock().unwrap().keep(Id([2; 16]), &theirs).unwrap();
        let mut store = VaultStore::open(&host.path().join("vault.db"), Access::ReadWrite, 1000).unwrap();
        let sealed = store.document(&Hash(mine.commitment().0)).unwrap().unwrap();
        let key = store.key(&LedgerId([2; 16])).unwrap().unwrap();
        let moved = SealedDocument { subject: LedgerId([2; 16]), commitment: Hash([3; 32]), ..sealed };
        store.keep(&key, &moved).unwrap();
        drop(store);
        let refused = host.vault.lock().unwrap().open(&Commitment([3; 32])).unwrap_err();
        assert_eq!(refused.code(), "vault/damaged");
        let opened = host.vault.lock().unwrap().open(&theirs.commitment()).unwrap();
        assert_eq!(opened, InVault::Opened(theirs));
    });
}

/// Sealed by another program.
#[test]
fn what_a_vault_holds_of_a_document_and_of_its_key_opens_for_ever() {
    let bytes = |text: &str| {
        let text = text.replace(char::is_whitespace, "");
        data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap()
    };
    let subject = LedgerId([4; 16]);
    let wrapped = bytes(
        "0707070707070707070707070707070707070707070707079b2a8eeebbcc4e720cef761faa14efa2
         5aaa976d15722f0dfb59ba9b8c96a37b5f739f9ff374cc0ab02f4cab342b0395",
    );
    let key = super::unwrap(&[1; 32], &WrappedKey { subject, bytes: wrapped }).unwrap();
    assert_eq!(*key, [6; 32]);
    let sealed = bytes(
        "080808080808080808080808080808080808080808080808054be2f60390b26f3b2aaab94f57d9f0b2c4466707c5a20f
         03defa8b7e48b3b8225804ef705f29180cd18d4e4b0e02683fca169c91",
    );
    let context = super::document_context(&subject, &Hash([5; 32]));
    let opened = super::unseal(&key, &sealed, &context).unwrap();
    let document = OpenedDocument { salt: [0x22; 32], document: vec![0xa0] };
    assert_eq!(OpenedDocument::from_bytes(&opened).unwrap(), document);
}

#[test]
fn the_key_of_the_vault_is_frozen() {
    let store = crate::sealed::KeyStoreSecret::of(&[1; 32]).unwrap();
    let hex = data_encoding::HEXLOWER.encode(store.vault_key().unwrap().as_ref());
    assert_eq!(hex, "d5449b690d0a1bcf99c96d394d394469f17835dc913ea54c23d0a6199afeb6be");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn whatever_is_signed_and_erased_every_proof_holds_and_the_living_positions_open(
        steps in prop::collection::vec(prop::option::weighted(0.8, any::<bool>()), 1..14)
    ) {
        let folder = tempfile::tempdir().unwrap();
        run(async {
            let app = found(folder.path());
            app.set_position_setting(PositionSetting::On).await.unwrap();
            let shipment = shipment(&app).await;
            let (mut expected, mut number) = (Vec::new(), 0);
            for step in steps {
                number += 1;
                match step {
                    Some(true) => {
                        held_at(&app, shipment, number).await;
                        expected.push(Some(place(number)));
                    }
                    Some(false) => drop(app.quarantine_shipment(shipment, "seal".into()).await.unwrap()),
                    None if expected.is_empty() => {}
                    None => {
                        let subject = subject(&app).await;
                        app.erase_from_vault(subject, Ground::ConsentWithdrawn).await.unwrap();
                        expected.iter_mut().for_each(|one| *one = None);
                    }
                }
            }
            assert!(app.verify_logs(true).await.unwrap().ok());
            let shown = known(&app.shipment(shipment).await.unwrap());
            let opened: Vec<Option<Position>> = shown
                .into_iter()
                .map(|one| match one {
                    PositionKnown::Opened { position } => Some(position),
                    PositionKnown::Erased { .. } => None,
                    other => panic!("{other:?}"),
                })
                .collect();
            assert_eq!(opened, expected);
            let lists = app.shipments().await.unwrap();
            app.rebuild_lists().await.unwrap();
            assert_eq!(app.shipments().await.unwrap(), lists);
        });
    }
}
