//! The clock and the timer of everything that waits for a radio, passed in by whoever owns them.

use firn_model::time::UtcMillis;
use std::future::Future;
use std::time::Duration;

/// Tells the time and lets it pass.
pub trait Clock: Clone + Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> UtcMillis;
    /// Waits for `milliseconds`.
    fn sleep(&self, milliseconds: u64) -> impl Future<Output = ()> + Send;
}

/// A clock that asks its owner for the time and waits by tokio's timer.
#[derive(Clone, Debug)]
pub struct TokioClock<F>(pub F);

impl<F: Fn() -> UtcMillis + Clone + Send + Sync + 'static> Clock for TokioClock<F> {
    fn now(&self) -> UtcMillis {
        (self.0)()
    }

    async fn sleep(&self, milliseconds: u64) {
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    }
}
