//! What a member says of membership without any right to makes nobody's evidence larger.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Ahead, enrolled, under_way};
use firn_app::{App, Host};
use firn_ledger::bytes::{Hash, Id as LedgerId, LogId, PublicKey, Salt};
use firn_ledger::entry::{Clocks, EntryDraft, Signers};
use firn_ledger::key::{SecretKey, Signer};
use firn_ledger::statement::{
    Admission, ENROL, Enrolment, EntryReference, GENESIS, Genesis, REVOKE, Revocation, RevocationReason, Role,
};

fn draft(kind: u64, body: Vec<u8>) -> EntryDraft {
    let clocks = Clocks { wall_ms: 1_795_154_400_000, monotonic_ms: 0, boot: LedgerId([3; 16]) };
    let (heads, batches) = (Vec::new(), Vec::new());
    let salt = Salt(Hash::of(&[&body]).0);
    EntryDraft { kind, subject: None, clocks, heads, body, salt, person: None, batches }
}

/// A courier's device joins, and its log brings so many revocations of logs that are none.
async fn courier_says(app: &App<Ahead>, revocations: u64) {
    let (own, organisation) = (app.host().identity().log, app.host().identity().organisation);
    let (admin, key) = (app.host().signer().unwrap(), SecretKey::from_seed(&[7; 32]));
    let said = move |store: &mut firn_ledger::store::Store| {
        let first = store.entries(&own, 0)?.remove(0);
        let founder = Genesis::decode(&first.body)?;
        let device = key.public_key();
        let log = LogId::of(&organisation, &device, &[7; 16]);
        let enrolment = Enrolment {
            log,
            device,
            endpoint: PublicKey(device.0),
            role: Role::Courier,
            label: "Van".into(),
            not_before_ms: 0,
            replaces: None,
        };
        store.write(|transaction| {
            let by = Signers { device: admin.as_ref(), person: None };
            let enrol = transaction.append(own, draft(ENROL, enrolment.encode()), by)?;
            let by = EntryReference { log: own, leaf: enrol.entry.leaf() };
            let genesis = Genesis {
                organisation: founder.organisation,
                device,
                random: [7; 16],
                admission: Admission::Enrolled(by),
            };
            let signs = || Signers { device: &key, person: None };
            transaction.append(log, draft(GENESIS, genesis.encode()), signs())?;
            for number in 0..revocations {
                let (log, root) = (LogId(Hash::of(&[&number.to_be_bytes()]).0), Some(Hash([1; 32])));
                let reason = RevocationReason::Forked;
                let says = Revocation { log, size: 1, root, lost_ms: 5, reason };
                transaction.append(log_of(&device, &organisation), draft(REVOKE, says.encode()), signs())?;
            }
            Ok::<_, firn_app::AppError>(())
        })
    };
    app.host().with_store(said).await.unwrap();
}

fn log_of(device: &PublicKey, organisation: &firn_ledger::bytes::OrganisationId) -> LogId {
    LogId::of(organisation, device, &[7; 16])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_courier_who_revokes_hundreds_of_logs_makes_no_evidence_larger() {
    let mut sizes = Vec::new();
    for revocations in [0, 300] {
        let folder = tempfile::tempdir().unwrap();
        let app = Ahead::found(folder.path());
        let logger = enrolled(&app, "ruuvitag", Some(600)).await;
        let shipment = under_way(&app, &logger, app.host().now().utc).await;
        courier_says(&app, revocations).await;
        let exported = app.export(shipment).await.unwrap();
        let verified = exported.bundle.membership();
        assert_eq!(verified.unwrap().members().count(), 2);
        sizes.push(exported.evidence().len());
    }
    assert!(sizes[1] < sizes[0] + 1_000, "{sizes:?}");
}
