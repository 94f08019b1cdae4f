//! When a device writes an index into its own log, on a home whose clock a test puts forward.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Ahead, created, enrolled, under_way};
use firn_app::{App, Host};
use firn_ledger::index::IndexEntry;
use firn_ledger::statement::INDEX;

const DAY: i64 = 24 * 60 * 60;

/// Where the indexes stand in the home's own log, and how many subjects each counts.
async fn indexes(app: &App<Ahead>) -> Vec<(u64, u64)> {
    let own = app.host().identity().log;
    let records = app.host().with_store(move |store| Ok(store.entries(&own, 0)?)).await.unwrap();
    let indexes = records.iter().filter(|record| record.entry.payload().kind == INDEX);
    let indexes = indexes.map(|record| {
        let (says, payload) = (IndexEntry::decode(&record.body).unwrap(), record.entry.payload());
        assert_eq!((says.size, payload.person), (payload.sequence, None), "a device writes it for itself");
        (payload.sequence, says.subjects)
    });
    indexes.collect()
}

async fn size(app: &App<Ahead>) -> u64 {
    let own = app.host().identity().log;
    let heads = app.host().with_store(|store| Ok(store.heads()?)).await.unwrap();
    heads.iter().find(|head| head.log == own).unwrap().size
}

#[tokio::test]
async fn an_index_is_written_when_a_record_closes_and_the_answer_is_of_what_was_asked_alone() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    let kept = created(&app, "DN-1").await;
    let cancelled = created(&app, "DN-2").await;
    assert_eq!(indexes(&app).await, []);
    let answer = app.cancel_shipment(cancelled, "ordered twice".into()).await.unwrap();
    let end = size(&app).await;
    assert_eq!(indexes(&app).await, [(end - 1, 2)]);
    let told: Vec<u64> = answer.iter().map(|one| one.sequence).collect();
    assert_eq!(told, [end - 3, end - 2], "the close and the verdict");
    // What is about another shipment closes nothing.
    let logger = enrolled(&app, "ruuvitag", Some(600)).await;
    under_way(&app, &logger, app.host().now().utc).await;
    assert_eq!(indexes(&app).await.len(), 1);
    assert!(app.verify_logs(true).await.unwrap().ok());
    assert_eq!(app.shipment(kept).await.unwrap().history.len(), 1, "an index is about no shipment");
}

#[tokio::test]
async fn an_index_is_written_once_a_day_when_something_is_added_and_never_of_nothing_new() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    created(&app, "DN-1").await;
    app.host().pass(DAY - 60);
    created(&app, "DN-2").await;
    assert_eq!(indexes(&app).await, [], "the log is not a day old");
    app.host().pass(120);
    created(&app, "DN-3").await;
    let first = indexes(&app).await;
    assert_eq!(first, [(size(&app).await - 1, 3)]);
    created(&app, "DN-4").await;
    app.host().pass(DAY - 60);
    created(&app, "DN-5").await;
    assert_eq!(indexes(&app).await, first, "the newest is not a day old");
    app.host().pass(120);
    // Days pass, and nothing is added: nothing is written.
    app.host().pass(3 * DAY);
    app.shipments().await.unwrap();
    assert_eq!(indexes(&app).await, first);
    created(&app, "DN-6").await;
    assert_eq!(indexes(&app).await.len(), 2);
    // A logger is about no shipment: the index would say what the last one says.
    app.host().pass(2 * DAY);
    enrolled(&app, "ruuvitag", Some(600)).await;
    assert_eq!(indexes(&app).await.len(), 2);
    // A clock that ran ahead for a while does not keep indexes away for as long.
    app.host().pass(-4 * DAY);
    created(&app, "DN-7").await;
    created(&app, "DN-8").await;
    assert_eq!(indexes(&app).await.len(), 3);
    let report = app.verify_logs(true).await.unwrap();
    assert!(report.ok(), "{report:?}");
}

#[tokio::test]
async fn the_lists_are_the_same_when_they_are_made_anew_from_entries_with_indexes_among_them() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    let shipment = created(&app, "DN-1").await;
    app.host().pass(2 * DAY);
    app.cancel_shipment(shipment, "ordered twice".into()).await.unwrap();
    assert_eq!(indexes(&app).await.len(), 1);
    let documents = |collection: &'static str| {
        let app = app.clone();
        async move { app.host().with_store(move |store| Ok(store.documents(collection)?)).await.unwrap() }
    };
    let (followed, shipments) = (documents("followed").await, documents("shipments").await);
    app.rebuild_lists().await.unwrap();
    assert_eq!((documents("followed").await, documents("shipments").await), (followed, shipments));
}
