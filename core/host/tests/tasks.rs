//! Tasks of a home: kept beside the lists, and the same from the entries alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Ahead, enrolled, under_way};
use firn_app::{Host, Receipt};
use firn_model::record::ExcursionRecord;
use firn_model::task::TaskKind;

#[tokio::test(flavor = "multi_thread")]
async fn tasks_are_the_same_after_the_lists_are_made_anew_and_go_with_what_is_signed() {
    let folder = tempfile::tempdir().unwrap();
    let app = Ahead::found(folder.path());
    let logger = enrolled(&app, "thermopro", Some(60)).await;
    let now = app.host().now().utc;
    let shipment = under_way(&app, &logger, now.plus_seconds(-3600)).await;
    assert_eq!(app.tasks(Some(now)).await.unwrap(), [], "nothing is due on the way");
    app.receive_shipment(Receipt {
        shipment,
        at: Some(now),
        note: None,
        checklist: None,
        reason: Some("recorded afterwards".into()),
    })
    .await
    .unwrap();
    let before = app.tasks(Some(now)).await.unwrap();
    let kinds: Vec<TaskKind> = before.iter().map(|queued| queued.task.kind).collect();
    assert_eq!(kinds, [TaskKind::ReadLoggers, TaskKind::ExplainReasons]);
    app.rebuild_lists().await.unwrap();
    assert_eq!(app.tasks(Some(now)).await.unwrap(), before);
    // A record that was begun is asked for until it is complete.
    let what = ExcursionRecord { description: Some("door".into()), ..ExcursionRecord::default() };
    app.record_excursion(shipment, what).await.unwrap();
    let begun = app.tasks(Some(now)).await.unwrap();
    let record = begun.iter().find(|queued| queued.task.kind == TaskKind::CompleteExcursionRecord).unwrap();
    assert_eq!(record.task.missing.len(), 9);
    assert_eq!(app.record_excursion(shipment, ExcursionRecord::default()).await.unwrap(), []);
}
