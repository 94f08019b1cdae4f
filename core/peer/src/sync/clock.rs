//! What both devices' clocks show at once: each tells the other its own, beside the conversation.
//!
//! A stream of its own in each direction carries eight bytes (docs/format.md §11). Who knows nothing of it opens and
//! reads none; then nothing is compared, and the conversation goes on.

use std::pin::pin;

use iroh::endpoint::Connection;

use crate::error::PeerError;
use crate::wire;

/// How many bytes tell a clock: UTC in milliseconds since 1970, big-endian.
const LENGTH: usize = 8;

/// How far the other's clock is ahead of `now`'s, in milliseconds; `None` where it was not told rightly. The time on
/// the way counts as a difference.
async fn compare(connection: &Connection, now: impl Fn() -> Option<i64>) -> Option<i64> {
    let telling = async {
        let mine = now()?;
        let mut stream = connection.open_uni().await.ok()?;
        wire::send_last(&mut stream, &mine.to_be_bytes()).await.ok()
    };
    let hearing = async {
        let mut stream = connection.accept_uni().await.ok()?;
        let told = wire::read_last(&mut stream, LENGTH).await.ok()?;
        let theirs = i64::from_be_bytes(told.try_into().ok()?);
        Some(theirs.saturating_sub(now()?))
    };
    let mut telling = pin!(telling);
    let mut hearing = pin!(hearing);
    // Whoever is not heard is told nevertheless, and the other way round.
    tokio::select! {
        biased;
        _ = &mut telling => hearing.await,
        heard = &mut hearing => {
            telling.await;
            heard
        }
    }
}

/// What `talking` gives, and how far the other's clock is ahead, where that was heard by its end.
pub(super) async fn beside<T>(
    connection: &Connection,
    now: impl Fn() -> Option<i64>,
    talking: impl Future<Output = Result<T, PeerError>>,
) -> Result<(T, Option<i64>), PeerError> {
    let mut heard = None;
    let mut comparing = pin!(compare(connection, now));
    // A conversation is large, and so would be whatever waits for it.
    let mut talking = Box::pin(talking);
    let mut over = false;
    loop {
        tokio::select! {
            biased;
            difference = &mut comparing, if !over => {
                (heard, over) = (difference, true);
            }
            told = &mut talking => return Ok((told?, heard)),
        }
    }
}
